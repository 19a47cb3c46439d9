import { Allow, connectionOf, DateTimeScalar, encodeId, inherit, staff } from "@weft/shared";
import { Field, ID, Int, ObjectType, registerEnumType } from "type-graphql";
import { Money } from "../money/money.type.js";
import { User } from "../references.js";
import type { ProjectCostRow } from "./project-cost.store.js";

export const CostCategory = {
  LABOR: "LABOR",
  MATERIAL: "MATERIAL",
  SERVICE: "SERVICE",
  EQUIPMENT: "EQUIPMENT",
  TRAVEL: "TRAVEL",
  OTHER: "OTHER",
} as const;
export type CostCategory = keyof typeof CostCategory;

registerEnumType(CostCategory, { name: "CostCategory", description: "What money was spent on." });

@ObjectType({ description: "Money that was spent on a project. A cost never changes: it is voided, and a correction replaces it." })
@Allow(staff)
export class ProjectCost {
  @Field(() => ID, { description: "ID (`pco_…`)." })
  @Allow(inherit)
  id!: string;

  @Field(() => Money, { description: "Amount." })
  @Allow(inherit)
  amount!: Money;

  @Field(() => String, { description: "Day on which it was spent, as `YYYY-MM-DD`." })
  @Allow(inherit)
  spentOn!: string;

  @Field(() => CostCategory, { description: "What the money was spent on." })
  @Allow(inherit)
  category!: CostCategory;

  @Field(() => String, { description: "Note. Can be empty." })
  @Allow(inherit)
  note!: string;

  @Field(() => ID, { nullable: true, description: "ID of the voided cost that this one corrects." })
  @Allow(inherit)
  correctsId!: string | null;

  @Field(() => User, { nullable: true, description: "User who recorded it. Null if you cannot see the user." })
  @Allow(inherit)
  recordedBy!: User | null;

  @Field(() => DateTimeScalar, { description: "When it was recorded." })
  @Allow(inherit)
  recordedAt!: string;

  @Field(() => Boolean, { description: "Whether it was voided. A voided cost does not count." })
  @Allow(inherit)
  isVoided!: boolean;

  @Field(() => DateTimeScalar, { nullable: true, description: "When it was voided." })
  @Allow(inherit)
  voidedAt!: string | null;

  @Field(() => User, { nullable: true, description: "User who voided it." })
  @Allow(inherit)
  voidedBy!: User | null;

  @Field(() => String, { nullable: true, description: "Why it was voided." })
  @Allow(inherit)
  voidReason!: string | null;

  @Field(() => Int, { description: "Version number. Pass it to mutations as `expectedVersion`." })
  @Allow(inherit)
  version!: number;

  /** For resolvers. */
  row!: ProjectCostRow;
}

export const { Connection: ProjectCostConnection } = connectionOf(ProjectCost, "ProjectCost");

@ObjectType({ description: "What was spent under a contract." })
@Allow(staff)
export class ContractSpend {
  @Field(() => Money, {
    description:
      "Sum of the costs of projects that reference the contract. Costs in another currency, from before the contract changed its currency, do not count.",
  })
  @Allow(inherit)
  spent!: Money;

  @Field(() => Money, { description: "Amount of the contract that is left. Negative if more was spent." })
  @Allow(inherit)
  remaining!: Money;
}

/** Converts a row to its API type. */
export function toProjectCost(row: ProjectCostRow): ProjectCost {
  const { amount, currency, spentOn, note, recordedAt, voidedAt, voidReason, version } = row;
  return Object.assign(new ProjectCost(), {
    id: encodeId("projectCost", row.id),
    amount: Object.assign(new Money(), { amount, currency }),
    spentOn,
    category: row.category as CostCategory,
    note,
    correctsId: row.correctsId === null ? null : encodeId("projectCost", row.correctsId),
    recordedBy: User.of(row.recordedBy),
    recordedAt,
    isVoided: voidedAt !== null,
    voidedAt,
    voidedBy: User.ofOrNull(row.voidedBy),
    voidReason,
    version,
    row,
  });
}
