import { encodeId } from "@weft/shared/ids";
import { column, columns, createInputOf, shapeOf, ShowColumns, standardColumns, updateInputOf } from "@weft/api/columns";
import { payloadOf } from "@weft/api/inputs";
import { connectionOf } from "@weft/api/pages";
import { Allow, inherit, staff } from "@weft/api/rules";
import { WorkflowStatus } from "@weft/api/workflow-status";
import { Directive, ObjectType, registerEnumType } from "type-graphql";
import { moneyColumn, toMoney } from "../money/money.type.js";
import { User, WorkflowInstance } from "../references.js";
import type { ProjectRow } from "./project.store.js";

export const ProjectPhaseOrder = { PARALLEL: "PARALLEL", SEQUENTIAL: "SEQUENTIAL" } as const;
export type ProjectPhaseOrder = keyof typeof ProjectPhaseOrder;

registerEnumType(ProjectPhaseOrder, {
  name: "ProjectPhaseOrder",
  description: "When the phases of a project start.",
  valuesConfig: {
    PARALLEL: { description: "All at once." },
    SEQUENTIAL: { description: "Each when the one before it is completed. `after` in the data of the workflow names it." },
  },
});

const onlyCreated = { shown: false, updated: false, nullable: true, converted: true } as const;

export const projectColumns = columns({
  ...standardColumns.id("ID (`prj_…`).", "The project."),
  ...standardColumns.nodeKey,
  ...standardColumns.expectedVersion,
  code: column.text("Short code, unique in the tenant.", { max: 40, trimmed: true, updated: "New code (1 to 40 characters)." }),
  name: column.text("Display name.", {
    max: 200,
    trimmed: true,
    updated: "New name (1 to 200 characters). Also changes `name` in the data of the workflow.",
  }),
  description: column.text("Description.", {
    max: 2000,
    hasLines: true,
    initial: "",
    shown: "Description. Can be empty.",
    updated: "New description (at most 2000 characters).",
  }),
  templateId: column.id(
    "Template from which it gets its tasks, dependencies, and milestones, counted from `startsOn`, which is then required.",
    onlyCreated,
  ),
  definitionKey: column.text(
    "Key of the definition of its workflow, for example `phased-project`. The newest published version is used. Default: that of the template, or `project`.",
    onlyCreated,
  ),
  phases: column.texts(
    "Names of the phases, in order (at most 100, 1 to 200 characters each). They become `phases` in the data of the workflow, so the definition must have this property. Default: those of the template, which follow each other as in its project.",
    onlyCreated,
  ),
  phaseOrder: column.of(
    () => ProjectPhaseOrder,
    "When the phases start. `SEQUENTIAL` needs a definition whose phases have the property `after`, as those of `phased-project` do. Default: as in the template for its own phases, otherwise `PARALLEL`.",
    onlyCreated,
  ),
  startsOn: column.text("First day, as `YYYY-MM-DD`.", {
    nullable: true,
    created: "First day, for example `2026-03-01`.",
    updated: "New first day. Null removes it.",
  }),
  endsOn: column.text("Last day, as `YYYY-MM-DD`.", {
    nullable: true,
    created: "Last day, for example `2026-09-30`. Not before the first day.",
    updated: "New last day. Null removes it.",
  }),
  managerId: column.id("User of the organization who is in charge.", {
    shown: false,
    nullable: true,
    converted: true,
    updated: "User of the organization who is in charge from now on. Null: nobody.",
  }),
  ...column.shownOnly({
    manager: column.of(() => User, "User who is in charge. Null if there is none, or you cannot see the user.", { nullable: true }),
  }),
  budget: moneyColumn("Budget.", {
    nullable: true,
    converted: true,
    shown: "Budget. Null if there is none. Only for users of the organization.",
    updated: "New budget. Also changes `budget` in the data of the workflow, in units of the currency. Null removes it.",
    decorators: [Allow(staff)],
  }),
  ...column.shownOnly({
    state: column.text("State of the workflow."),
    status: column.of(() => WorkflowStatus, "Status of the workflow."),
    workflow: column.of(() => WorkflowInstance, "Workflow of the project.", { nullable: true }),
    createdBy: column.of(() => User, "Creator.", { nullable: true }),
  }),
  ...standardColumns.customFields,
  ...standardColumns.idempotencyKey,
  ...standardColumns.version("updateProject"),
  ...standardColumns.times,
});

@ShowColumns(projectColumns)
@ObjectType({ description: "Work with a start and an end, driven by a workflow." })
@Directive('@key(fields: "id")')
@Directive('@key(fields: "nodeKey")')
@Allow(inherit)
export class Project extends shapeOf(projectColumns) {
  /** UUID of the instance that drives the project. */
  instanceId!: string;
}

export const CreateProjectInput = createInputOf("CreateProjectInput", projectColumns);
export type CreateProjectInput = InstanceType<typeof CreateProjectInput>;

export const UpdateProjectInput = updateInputOf("UpdateProjectInput", projectColumns);
export type UpdateProjectInput = InstanceType<typeof UpdateProjectInput>;

export const { Connection: ProjectConnection } = connectionOf(Project);

/** Converts a row to its API type. */
export function toProject(row: ProjectRow): Project {
  const id = encodeId("project", row.id);
  return Object.assign(new Project(), projectColumns.shown(row), {
    id,
    nodeKey: id,
    instanceId: row.instanceId,
    manager: row.managerId === null ? null : User.of(row.managerId),
    budget: toMoney(row.budgetAmount, row.currency),
    status: row.status as WorkflowStatus,
    workflow: WorkflowInstance.of(row.instanceId),
    createdBy: User.of(row.createdBy),
  });
}

export const ProjectPayload = payloadOf(Project, "project");
export type ProjectPayload = InstanceType<typeof ProjectPayload>;
