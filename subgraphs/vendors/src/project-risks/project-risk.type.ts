import { Allow, connectionOf, DateTimeScalar, encodeId, inherit, staff } from "@weft/shared";
import { Field, ID, Int, ObjectType, registerEnumType } from "type-graphql";
import { User } from "../references.js";
import type { ProjectRiskRow } from "./project-risk.store.js";

export const RiskStatus = { OPEN: "OPEN", CLOSED: "CLOSED" } as const;
export type RiskStatus = keyof typeof RiskStatus;

registerEnumType(RiskStatus, {
  name: "RiskStatus",
  description: "Status of a risk.",
  valuesConfig: { OPEN: { description: "It can still happen." }, CLOSED: { description: "It has happened, or no longer can." } },
});

@ObjectType({ description: "Something that could go wrong in a project." })
@Allow(staff)
export class ProjectRisk {
  @Field(() => ID, { description: "ID (`prk_…`)." })
  @Allow(inherit)
  id!: string;

  @Field(() => String, { description: "Title." })
  @Allow(inherit)
  title!: string;

  @Field(() => Int, { description: "How probable it is, from 1 (very low) to 5 (very high)." })
  @Allow(inherit)
  probability!: number;

  @Field(() => Int, { description: "How much it would harm the project, from 1 (very low) to 5 (very high)." })
  @Allow(inherit)
  impact!: number;

  @Field(() => Int, { description: "Probability times impact, from 1 to 25." })
  @Allow(inherit)
  score!: number;

  @Field(() => String, { description: "What is done against it. Can be empty." })
  @Allow(inherit)
  mitigation!: string;

  @Field(() => User, { nullable: true, description: "User who watches it. Null if there is none, or you cannot see the user." })
  @Allow(inherit)
  owner!: User | null;

  @Field(() => RiskStatus, { description: "Status." })
  @Allow(inherit)
  status!: RiskStatus;

  @Field(() => String, { nullable: true, description: "How it ended. Null while it is open." })
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

export const { Connection: ProjectRiskConnection } = connectionOf(ProjectRisk, "ProjectRisk");

/** Converts a row to its API type. */
export function toProjectRisk(row: ProjectRiskRow): ProjectRisk {
  const { title, probability, impact, score, mitigation, outcome, closedAt, version, createdAt, updatedAt } = row;
  return Object.assign(new ProjectRisk(), {
    id: encodeId("projectRisk", row.id),
    title,
    probability,
    impact,
    score,
    mitigation,
    owner: User.ofOrNull(row.ownerId),
    status: row.status as RiskStatus,
    outcome,
    closedAt,
    createdBy: User.of(row.createdBy),
    version,
    createdAt,
    updatedAt,
  });
}
