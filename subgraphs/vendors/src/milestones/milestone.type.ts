import { encodeId } from "@weft/shared/ids";
import { column, columns, createInputOf, shapeOf, ShowColumns, standardColumns, updateInputOf } from "@weft/api/columns";
import { connectionOf } from "@weft/api/pages";
import { Allow, can, staff } from "@weft/api/rules";
import { Directive, ObjectType, registerEnumType } from "type-graphql";
import { User, WorkflowInstance } from "../references.js";
import type { MilestoneRow } from "./milestone.store.js";

export const MilestoneStatus = { PLANNED: "PLANNED", IN_REVIEW: "IN_REVIEW", REACHED: "REACHED" } as const;
export type MilestoneStatus = keyof typeof MilestoneStatus;

registerEnumType(MilestoneStatus, {
  name: "MilestoneStatus",
  description: "How far a milestone is.",
  valuesConfig: {
    PLANNED: { description: "It can be changed, and submitted with `submitMilestone`." },
    IN_REVIEW: { description: "Its review has not ended." },
    REACHED: { description: "Its review has ended with an approval." },
  },
});

const forStaff = { nullable: true, decorators: [Allow(staff)] } as const;

export const milestoneColumns = columns({
  ...standardColumns.id("ID (`mst_…`).", "The milestone."),
  ...standardColumns.nodeKey,
  ...standardColumns.expectedVersion,
  projectId: column.id("Project of the milestone.", { shown: false, updated: false, converted: true }),
  name: column.text("Name.", { max: 200, trimmed: true, updated: "New name." }),
  description: column.text("Description.", {
    max: 4000,
    hasLines: true,
    initial: "",
    shown: "Description. Can be empty.",
    updated: "New description.",
  }),
  dueOn: column.text("Last day on which it should be reached, as `YYYY-MM-DD`.", { updated: "New last day." }),
  ownerId: column.id("User who is responsible (default: you).", {
    shown: false,
    optional: true,
    converted: true,
    updated: "User who is responsible from now on.",
  }),
  taskIds: column.ids("Tasks of the project that must be done before it can be submitted (at most 100).", {
    shown: false,
    optional: true,
    converted: true,
    updated: "All tasks that must be done before it can be submitted, from now on. Empty: none.",
  }),
  ...standardColumns.idempotencyKey,
  ...column.shownOnly({
    status: column.of(() => MilestoneStatus, "How far it is."),
    owner: column.of(() => User, "User who is responsible. Null if you cannot see the user. Only for users of the organization.", forStaff),
    workflow: column.of(
      () => WorkflowInstance,
      "Workflow of the last review. Null if there was none, or you cannot see it. Only for users of the organization.",
      forStaff,
    ),
    submittedBy: column.of(
      () => User,
      "User who submitted it last. Null if it was never submitted. Only for users of the organization.",
      forStaff,
    ),
    submittedAt: column.time("Time of the last submission. Only for users of the organization.", forStaff),
    reachedAt: column.time("When it was reached.", { nullable: true }),
    reason: column.text(
      "Why the last review ended without an approval. Empty if no reason was given. Null if there was no such review. Only for users of the organization.",
      forStaff,
    ),
    createdBy: column.of(() => User, "Creator. Only for users of the organization.", forStaff),
    version: column.int("Version number, incremented on every change. Pass it to mutations as `expectedVersion`."),
  }),
  ...standardColumns.times,
});

@ShowColumns(milestoneColumns)
@ObjectType({
  description:
    "Something that a project must have reached by a day. A workflow approves it. Users of a vendor see those that need tasks of their vendor.",
})
@Directive('@key(fields: "id")')
@Directive('@key(fields: "nodeKey")')
@Allow(can("project.read"))
export class Milestone extends shapeOf(milestoneColumns) {
  /** For resolvers. */
  row!: MilestoneRow;
}

export const CreateMilestoneInput = createInputOf("CreateMilestoneInput", milestoneColumns);
export type CreateMilestoneInput = InstanceType<typeof CreateMilestoneInput>;

export const UpdateMilestoneInput = updateInputOf("UpdateMilestoneInput", milestoneColumns);
export type UpdateMilestoneInput = InstanceType<typeof UpdateMilestoneInput>;

export const { Connection: MilestoneConnection } = connectionOf(Milestone, "Milestone");

/** Converts a row to its API type. */
export function toMilestone(row: MilestoneRow): Milestone {
  const id = encodeId("milestone", row.id);
  return Object.assign(new Milestone(), milestoneColumns.shown(row), {
    id,
    nodeKey: id,
    status: row.status as MilestoneStatus,
    owner: User.of(row.ownerId),
    workflow: row.instanceId === null ? null : WorkflowInstance.of(row.instanceId),
    submittedBy: User.ofOrNull(row.submittedBy),
    createdBy: User.of(row.createdBy),
    row,
  });
}
