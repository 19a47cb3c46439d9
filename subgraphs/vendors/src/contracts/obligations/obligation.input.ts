import { Allow, inherit } from "@weft/shared";
import { Field, ID, InputType, Int, ObjectType } from "type-graphql";
import { MoneyInput } from "../../money/money.type.js";
import { ObligationParty, ObligationRecurrence, TrackedObligation } from "./obligation.type.js";

const expectedVersion = "Version that you last read. The call fails with `CONFLICT` if the current version differs.";
const idempotencyKey = "Idempotency key. Repeating the call with the same key returns the first result.";
const title = "What must be done (1 to 200 characters).";
const reminderDays = "Days before the day at which the owner of the contract is reminded (at most 10, each from 1 to 365";

@InputType({ description: "Input of `addContractObligation`." })
export class AddContractObligationInput {
  @Field(() => ID, { description: "The contract." })
  contractId!: string;

  @Field(() => String, { description: title })
  title!: string;

  @Field(() => ObligationParty, { description: "The party that must do it." })
  party!: ObligationParty;

  @Field(() => String, { description: "Day on which it is due (`YYYY-MM-DD`), the first one if it recurs." })
  dueOn!: string;

  @Field(() => ObligationRecurrence, { defaultValue: ObligationRecurrence.NONE, description: "How often it is due." })
  recurrence!: ObligationRecurrence;

  @Field(() => MoneyInput, { nullable: true, description: "Amount, for example of a payment." })
  amount?: MoneyInput | null;

  @Field(() => [Int], { nullable: true, description: `${reminderDays}; default: 30, 7, and 1).` })
  reminderDays?: number[] | null;

  @Field(() => String, { nullable: true, description: idempotencyKey })
  idempotencyKey?: string | null;
}

@InputType({
  description:
    "Input of `updateContractObligation`. Omitted fields keep their values. After a change of the day or the recurrence, recurring days count from the day.",
})
export class UpdateContractObligationInput {
  @Field(() => ID, { description: "The obligation (`cob_…`)." })
  id!: string;

  @Field(() => Int, { nullable: true, description: expectedVersion })
  expectedVersion?: number | null;

  @Field(() => String, { nullable: true, description: title })
  title?: string | null;

  @Field(() => ObligationParty, { nullable: true, description: "The party that must do it." })
  party?: ObligationParty | null;

  @Field(() => String, { nullable: true, description: "Day on which it is due (`YYYY-MM-DD`)." })
  dueOn?: string | null;

  @Field(() => ObligationRecurrence, { nullable: true, description: "How often it is due." })
  recurrence?: ObligationRecurrence | null;

  @Field(() => MoneyInput, { nullable: true, description: "Amount. Null removes it." })
  amount?: MoneyInput | null;

  @Field(() => [Int], { nullable: true, description: `${reminderDays}).` })
  reminderDays?: number[] | null;
}

@InputType({ description: "Input of `completeContractObligation`." })
export class CompleteContractObligationInput {
  @Field(() => ID, { description: "The obligation (`cob_…`)." })
  id!: string;

  @Field(() => String, { nullable: true, description: "Note (at most 2000 characters)." })
  note?: string | null;

  @Field(() => Int, { nullable: true, description: expectedVersion })
  expectedVersion?: number | null;

  @Field(() => String, { nullable: true, description: idempotencyKey })
  idempotencyKey?: string | null;
}

@ObjectType({ description: "Payload of the mutations that add or change an obligation of a contract." })
@Allow(inherit)
export class ContractObligationPayload {
  @Field(() => TrackedObligation, { description: "The obligation." })
  obligation!: TrackedObligation;
}
