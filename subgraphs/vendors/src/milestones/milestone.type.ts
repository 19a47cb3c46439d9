import { Allow, can, connectionOf, DateTimeScalar, encodeId, inherit, staff } from "@weft/shared";
import { Directive, Field, ID, Int, ObjectType, registerEnumType } from "type-graphql";
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

@ObjectType({
  description:
    "Something that a project must have reached by a day. A workflow approves it. Users of a vendor see those that need tasks of their vendor.",
})
@Directive('@key(fields: "id")')
@Directive('@key(fields: "nodeKey")')
@Allow(can("project.read"))
export class Milestone {
  @Field(() => ID, { description: "ID (`mst_…`)." })
  @Allow(inherit)
  id!: string;

  @Directive("@inaccessible")
  @Field(() => ID, { description: "ID, as the key for references from other subgraphs." })
  @Allow(inherit)
  nodeKey!: string;

  @Field(() => String, { description: "Name." })
  name!: string;

  @Field(() => String, { description: "Description. Can be empty." })
  description!: string;

  @Field(() => String, { description: "Last day on which it should be reached, as `YYYY-MM-DD`." })
  dueOn!: string;

  @Field(() => MilestoneStatus, { description: "How far it is." })
  status!: MilestoneStatus;

  @Field(() => User, {
    nullable: true,
    description: "User who is responsible. Null if you cannot see the user. Only for users of the organization.",
  })
  @Allow(staff)
  owner!: User | null;

  @Field(() => WorkflowInstance, {
    nullable: true,
    description: "Workflow of the last review. Null if there was none, or you cannot see it. Only for users of the organization.",
  })
  @Allow(staff)
  workflow!: WorkflowInstance | null;

  @Field(() => User, {
    nullable: true,
    description: "User who submitted it last. Null if it was never submitted. Only for users of the organization.",
  })
  @Allow(staff)
  submittedBy!: User | null;

  @Field(() => DateTimeScalar, { nullable: true, description: "Time of the last submission. Only for users of the organization." })
  @Allow(staff)
  submittedAt!: string | null;

  @Field(() => DateTimeScalar, { nullable: true, description: "When it was reached." })
  reachedAt!: string | null;

  @Field(() => String, {
    nullable: true,
    description:
      "Why the last review ended without an approval. Empty if no reason was given. Null if there was no such review. Only for users of the organization.",
  })
  @Allow(staff)
  reason!: string | null;

  @Field(() => User, { nullable: true, description: "Creator. Only for users of the organization." })
  @Allow(staff)
  createdBy!: User | null;

  @Field(() => Int, { description: "Version number, incremented on every change. Pass it to mutations as `expectedVersion`." })
  version!: number;

  @Field(() => DateTimeScalar, { description: "Creation time." })
  createdAt!: string;

  @Field(() => DateTimeScalar, { description: "Time of the last change." })
  updatedAt!: string;

  /** For resolvers. */
  row!: MilestoneRow;
}

export const { Connection: MilestoneConnection } = connectionOf(Milestone, "Milestone");

/** Converts a row to its API type. */
export function toMilestone(row: MilestoneRow): Milestone {
  const id = encodeId("milestone", row.id);
  const { name, description, dueOn, submittedAt, reachedAt, reason, version, createdAt, updatedAt } = row;
  return Object.assign(new Milestone(), {
    id,
    nodeKey: id,
    name,
    description,
    dueOn,
    status: row.status as MilestoneStatus,
    owner: User.of(row.ownerId),
    workflow: row.instanceId === null ? null : WorkflowInstance.of(row.instanceId),
    submittedBy: User.ofOrNull(row.submittedBy),
    submittedAt,
    reachedAt,
    reason,
    createdBy: User.of(row.createdBy),
    version,
    createdAt,
    updatedAt,
    row,
  });
}
