import { encodeId } from "@weft/shared/ids";
import { column, columns, createInputOf, shapeOf, ShowColumns, standardColumns } from "@weft/api/columns";
import { payloadOf } from "@weft/api/inputs";
import { connectionOf } from "@weft/api/pages";
import { Allow, staff } from "@weft/api/rules";
import { ObjectType } from "type-graphql";
import { User } from "../references.js";
import type { ShownTemplate } from "./project-template.store.js";

export const templateColumns = columns({
  ...column.shownOnly({ id: column.id("ID (`ptp_…`). Pass it to `createProject` as `templateId`.") }),
  projectId: column.id("The project whose plan is saved.", { shown: false, converted: true }),
  name: column.text("Name, unique in the tenant.", { max: 200, trimmed: true }),
  description: column.text("Description.", { max: 2000, hasLines: true, initial: "", shown: "Description. Can be empty." }),
  ...standardColumns.idempotencyKey,
  ...column.shownOnly({
    definitionKey: column.text("Key of the definition of the workflow of its projects."),
    phases: column.texts("Names of the phases of its projects."),
    taskCount: column.int("Number of tasks."),
    dependencyCount: column.int("Number of dependencies between the tasks."),
    milestoneCount: column.int("Number of milestones."),
    createdBy: column.of(() => User, "Creator. Null if you cannot see the user.", { nullable: true }),
    createdAt: column.time("Creation time."),
  }),
});

@ShowColumns(templateColumns)
@ObjectType({
  description: "Tasks, dependencies, milestones, and phases from which projects are created. Only for users of the organization.",
})
@Allow(staff)
export class ProjectTemplate extends shapeOf(templateColumns) {}

export const SaveProjectTemplateInput = createInputOf("SaveProjectTemplateInput", templateColumns);
export type SaveProjectTemplateInput = InstanceType<typeof SaveProjectTemplateInput>;

export const { Connection: ProjectTemplateConnection } = connectionOf(ProjectTemplate, "ProjectTemplate");

/** Converts a row to its API type. */
export const toProjectTemplate = (row: ShownTemplate): ProjectTemplate =>
  Object.assign(new ProjectTemplate(), templateColumns.shown(row), {
    id: encodeId("projectTemplate", row.id),
    createdBy: User.of(row.createdBy),
  });

export const ProjectTemplatePayload = payloadOf(ProjectTemplate, "template");
export type ProjectTemplatePayload = InstanceType<typeof ProjectTemplatePayload>;
