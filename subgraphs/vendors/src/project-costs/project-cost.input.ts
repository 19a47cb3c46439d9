import { Allow, inherit } from "@weft/shared";
import { Field, ID, InputType, Int, ObjectType } from "type-graphql";
import { MoneyInput } from "../money/money.type.js";
import { Project } from "../projects/project.type.js";
import { CostCategory, ProjectCost } from "./project-cost.type.js";

const expectedVersion = "Version that you last read. The call fails with `CONFLICT` if the current version differs.";
const idempotencyKey = "Idempotency key. Repeating the call with the same key returns the first result.";

@InputType({ description: "Input of `recordProjectCost`." })
export class RecordProjectCostInput {
  @Field(() => ID, { description: "The project." })
  projectId!: string;

  @Field(() => MoneyInput, {
    description: "Amount, greater than 0, in the currency of the project: that of its budget, or of its first cost.",
  })
  amount!: MoneyInput;

  @Field(() => String, { description: "Day on which it was spent, as `YYYY-MM-DD`." })
  spentOn!: string;

  @Field(() => CostCategory, { description: "What the money was spent on." })
  category!: CostCategory;

  @Field(() => ID, { nullable: true, description: "Vendor that was paid. By default that of the contract." })
  vendorId?: string | null;

  @Field(() => ID, { nullable: true, description: "Contract under which it was spent. It must have the same currency." })
  contractId?: string | null;

  @Field(() => String, { defaultValue: "", description: "Note (at most 2000 characters)." })
  note!: string;

  @Field(() => String, { nullable: true, description: idempotencyKey })
  idempotencyKey?: string | null;
}

@InputType({ description: "Input of `correctProjectCost`. Omitted fields keep their values." })
export class CorrectProjectCostInput {
  @Field(() => ID, { description: "The wrong cost." })
  id!: string;

  @Field(() => String, { description: "Why it is wrong (1 to 2000 characters)." })
  reason!: string;

  @Field(() => Int, { nullable: true, description: expectedVersion })
  expectedVersion?: number | null;

  @Field(() => MoneyInput, { nullable: true, description: "Correct amount." })
  amount?: MoneyInput | null;

  @Field(() => String, { nullable: true, description: "Correct day." })
  spentOn?: string | null;

  @Field(() => CostCategory, { nullable: true, description: "Correct category." })
  category?: CostCategory | null;

  @Field(() => ID, { nullable: true, description: "Correct vendor. Null: none." })
  vendorId?: string | null;

  @Field(() => ID, { nullable: true, description: "Correct contract. Null: none." })
  contractId?: string | null;

  @Field(() => String, { nullable: true, description: "Correct note." })
  note?: string | null;

  @Field(() => String, { nullable: true, description: idempotencyKey })
  idempotencyKey?: string | null;
}

@InputType({ description: "Input of `voidProjectCost`." })
export class VoidProjectCostInput {
  @Field(() => ID, { description: "The cost." })
  id!: string;

  @Field(() => String, { description: "Why it does not count (1 to 2000 characters)." })
  reason!: string;

  @Field(() => Int, { nullable: true, description: expectedVersion })
  expectedVersion?: number | null;
}

@ObjectType({ description: "Payload of the mutations that record, correct, or void a cost." })
@Allow(inherit)
export class ProjectCostPayload {
  @Field(() => ProjectCost, { description: "The cost. After a correction, the new one." })
  cost!: ProjectCost;

  @Field(() => Project, { nullable: true, description: "The project. Null if you cannot see it." })
  project!: Project | null;
}
