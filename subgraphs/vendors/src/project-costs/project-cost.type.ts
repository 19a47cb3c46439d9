import { encodeId } from "@weft/shared/ids";
import { column, columns, createInputOf, shapeOf, ShowColumns, standardColumns, updateInputOf } from "@weft/api/columns";
import { connectionOf } from "@weft/api/pages";
import { Allow, inherit, staff } from "@weft/api/rules";
import { Field, ObjectType, registerEnumType } from "type-graphql";
import { Money, moneyColumn } from "../money/money.type.js";
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

export const costColumns = columns({
  ...standardColumns.id("ID (`pco_…`).", "The wrong cost."),
  projectId: column.id("The project.", { shown: false, updated: false }),
  reason: column.text("Why it is wrong.", {
    max: 2000,
    hasLines: true,
    shown: false,
    created: false,
    requiredInUpdate: true,
  }),
  ...standardColumns.expectedVersion,
  amount: moneyColumn("Amount.", {
    created: "Amount, greater than 0, in the currency of the project: that of its budget, or of its first cost.",
    updated: "Correct amount.",
  }),
  spentOn: column.text("Day on which it was spent, as `YYYY-MM-DD`.", { updated: "Correct day." }),
  category: column.of(() => CostCategory, "What the money was spent on.", { updated: "Correct category." }),
  vendorId: column.id("Vendor that was paid. By default that of the contract.", {
    shown: false,
    nullable: true,
    updated: "Correct vendor. Null: none.",
  }),
  contractId: column.id("Contract under which it was spent. It must have the same currency.", {
    shown: false,
    nullable: true,
    updated: "Correct contract. Null: none.",
  }),
  note: column.text("Note.", { max: 2000, hasLines: true, initial: "", shown: "Note. Can be empty.", updated: "Correct note." }),
  idempotencyKey: column.text("Idempotency key. Repeating the call with the same key returns the first result.", {
    shown: false,
    nullable: true,
  }),
  ...column.shownOnly({
    correctsId: column.id("ID of the voided cost that this one corrects.", { nullable: true }),
    recordedBy: column.of(() => User, "User who recorded it. Null if you cannot see the user.", { nullable: true }),
    recordedAt: column.time("When it was recorded."),
    isVoided: column.flag("Whether it was voided. A voided cost does not count."),
    voidedAt: column.time("When it was voided.", { nullable: true }),
    voidedBy: column.of(() => User, "User who voided it.", { nullable: true }),
    voidReason: column.text("Why it was voided.", { nullable: true }),
    version: column.int("Version number. Pass it to mutations as `expectedVersion`."),
  }),
});

@ShowColumns(costColumns)
@ObjectType({ description: "Money that was spent on a project. A cost never changes: it is voided, and a correction replaces it." })
@Allow(inherit)
export class ProjectCost extends shapeOf(costColumns) {
  /** For resolvers. */
  row!: ProjectCostRow;
}

export const RecordProjectCostInput = createInputOf("RecordProjectCostInput", costColumns);
export type RecordProjectCostInput = InstanceType<typeof RecordProjectCostInput>;

export const CorrectProjectCostInput = updateInputOf("CorrectProjectCostInput", costColumns);
export type CorrectProjectCostInput = InstanceType<typeof CorrectProjectCostInput>;

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
export const toProjectCost = (row: ProjectCostRow): ProjectCost =>
  Object.assign(new ProjectCost(), costColumns.shown(row), {
    id: encodeId("projectCost", row.id),
    amount: Object.assign(new Money(), { amount: row.amount, currency: row.currency }),
    category: row.category as CostCategory,
    correctsId: row.correctsId === null ? null : encodeId("projectCost", row.correctsId),
    recordedBy: User.of(row.recordedBy),
    isVoided: row.voidedAt !== null,
    voidedBy: User.ofOrNull(row.voidedBy),
    row,
  });
