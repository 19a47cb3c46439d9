import { Allow, connectionOf, DateTimeScalar, encodeId, inherit, staff } from "@weft/shared";
import { Field, ID, Int, ObjectType, registerEnumType } from "type-graphql";
import { User } from "../references.js";
import type { ProjectDecisionRow } from "./project-decision.store.js";

export const DecisionStatus = { ACTIVE: "ACTIVE", CLOSED: "CLOSED" } as const;
export type DecisionStatus = keyof typeof DecisionStatus;

registerEnumType(DecisionStatus, {
  name: "DecisionStatus",
  description: "Status of a decision.",
  valuesConfig: { ACTIVE: { description: "It applies." }, CLOSED: { description: "It no longer applies." } },
});

@ObjectType({ description: "What was decided in a project, and why." })
@Allow(staff)
export class ProjectDecision {
  @Field(() => ID, { description: "ID (`pdc_…`)." })
  @Allow(inherit)
  id!: string;

  @Field(() => String, { description: "What the decision was about." })
  @Allow(inherit)
  title!: string;

  @Field(() => String, { description: "What was decided." })
  @Allow(inherit)
  decision!: string;

  @Field(() => String, { description: "Why. Can be empty." })
  @Allow(inherit)
  reason!: string;

  @Field(() => String, { description: "Day of the decision, as `YYYY-MM-DD`." })
  @Allow(inherit)
  decidedOn!: string;

  @Field(() => User, { nullable: true, description: "User who decided. Null if you cannot see the user." })
  @Allow(inherit)
  decidedBy!: User | null;

  @Field(() => DecisionStatus, { description: "Status." })
  @Allow(inherit)
  status!: DecisionStatus;

  @Field(() => String, { nullable: true, description: "Why it no longer applies. Null while it applies." })
  @Allow(inherit)
  outcome!: string | null;

  @Field(() => DateTimeScalar, { nullable: true, description: "When it was closed." })
  @Allow(inherit)
  closedAt!: string | null;

  @Field(() => User, { nullable: true, description: "Creator." })
  @Allow(inherit)
  createdBy!: User | null;

  @Field(() => Int, { description: "Version number, incremented on every change. Pass it to mutations as `expectedVersion`." })
  @Allow(inherit)
  version!: number;

  @Field(() => DateTimeScalar, { description: "Creation time." })
  @Allow(inherit)
  createdAt!: string;

  @Field(() => DateTimeScalar, { description: "Time of the last change." })
  @Allow(inherit)
  updatedAt!: string;
}

export const { Connection: ProjectDecisionConnection } = connectionOf(ProjectDecision, "ProjectDecision");

/** Converts a row to its API type. */
export function toProjectDecision(row: ProjectDecisionRow): ProjectDecision {
  const { title, decision, reason, decidedOn, outcome, closedAt, version, createdAt, updatedAt } = row;
  return Object.assign(new ProjectDecision(), {
    id: encodeId("projectDecision", row.id),
    title,
    decision,
    reason,
    decidedOn,
    decidedBy: User.of(row.decidedBy),
    status: row.status as DecisionStatus,
    outcome,
    closedAt,
    createdBy: User.of(row.createdBy),
    version,
    createdAt,
    updatedAt,
  });
}
