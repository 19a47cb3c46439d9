import { Allow, ConnectionArgs, inherit } from "@weft/shared";
import type { FilterValue, OrderByValue } from "@weft/shared";
import { ArgsType, Field, ID, InputType, Int, ObjectType } from "type-graphql";
import { MoneyInput } from "../money/money.type.js";
import { ContractKind, ContractPartyRole, ContractRenewal } from "./contract.enums.js";
import { ContractFilter, ContractOrder } from "./contract.filter.js";
import { Contract } from "./contract.type.js";

const expectedVersion = "Version that you last read. The call fails with `CONFLICT` if the current version differs.";
const idempotencyKey = "Idempotency key. Repeating the call with the same key returns the first result.";

@ArgsType()
export class ContractsArgs extends ConnectionArgs {
  @Field(() => ContractFilter.Input, { nullable: true, description: "Filter for contracts." })
  filter?: FilterValue | null;

  @Field(() => ContractOrder.Input, { nullable: true, description: "Sort order (default: newest first)." })
  orderBy?: OrderByValue | null;
}

@InputType({ description: "A party of a contract: a vendor, or a name." })
export class ContractPartyInput {
  @Field(() => ContractPartyRole, { description: "Role of the party." })
  role!: ContractPartyRole;

  @Field(() => String, { nullable: true, description: "Name (1 to 200 characters), for a party that is not a vendor." })
  name?: string | null;

  @Field(() => ID, { nullable: true, description: "The vendor." })
  vendorId?: string | null;
}

@InputType({ description: "Something that a party of a contract must do." })
export class ContractObligationInput {
  @Field(() => String, { description: "What the party must do (1 to 500 characters)." })
  text!: string;

  @Field(() => ContractPartyRole, { description: "The party." })
  party!: ContractPartyRole;

  @Field(() => String, { description: "Day by which it must be done (`YYYY-MM-DD`), the first one if it recurs." })
  dueOn!: string;

  @Field(() => Int, { nullable: true, description: "Months after which it is due again (1 to 120). Omit it if it is due once." })
  everyMonths?: number | null;
}

@InputType({ description: "Input of `createContract`." })
export class CreateContractInput {
  @Field(() => ID, { description: "The vendor. It cannot be changed later." })
  vendorId!: string;

  @Field(() => ContractKind, { description: "What the contract is about." })
  kind!: ContractKind;

  @Field(() => String, { description: "Title (1 to 200 characters)." })
  title!: string;

  @Field(() => MoneyInput, { description: "Agreed amount." })
  amount!: MoneyInput;

  @Field(() => String, { description: "First day (`YYYY-MM-DD`)." })
  startsOn!: string;

  @Field(() => String, { nullable: true, description: "Last day (`YYYY-MM-DD`). Omit it for a contract without a fixed end." })
  endsOn?: string | null;

  @Field(() => [ContractPartyInput], { nullable: true, description: "Parties (at most 20; default: the vendor as the contractor)." })
  parties?: ContractPartyInput[] | null;

  @Field(() => Int, { defaultValue: 0, description: "Days before the end by which a party must give notice (0 to 3650)." })
  noticeDays!: number;

  @Field(() => ContractRenewal, { defaultValue: ContractRenewal.NONE, description: "What happens at the end." })
  renewal!: ContractRenewal;

  @Field(() => Int, { nullable: true, description: "Months by which an automatic renewal extends the contract (1 to 120)." })
  renewalMonths?: number | null;

  @Field(() => [ContractObligationInput], { nullable: true, description: "What the parties must do (at most 100)." })
  obligations?: ContractObligationInput[] | null;

  @Field(() => String, { defaultValue: "", description: "Text of the contract (at most 50,000 characters)." })
  terms!: string;

  @Field(() => ID, { nullable: true, description: "The project that the contract belongs to." })
  projectId?: string | null;

  @Field(() => ID, { nullable: true, description: "User who is responsible for the contract (default: you)." })
  ownerId?: string | null;

  @Field(() => String, { defaultValue: "", description: "Internal notes (at most 5000 characters). Users of the vendor never see them." })
  ownerNotes!: string;

  @Field(() => [Int], {
    nullable: true,
    description:
      "Days before the last day for a notice at which the owner is reminded (at most 10, each from 1 to 3650; default: 90, 60, 30, and 7).",
  })
  reminderDays?: number[] | null;

  @Field(() => String, { nullable: true, description: idempotencyKey })
  idempotencyKey?: string | null;
}

@InputType({
  description:
    "Input of `updateContract`. Omitted fields keep their values. Kind, project, owner, notes, and reminders can always be changed; what the parties agree on only in a draft.",
})
export class UpdateContractInput {
  @Field(() => ID, { description: "The contract." })
  id!: string;

  @Field(() => Int, { nullable: true, description: expectedVersion })
  expectedVersion?: number | null;

  @Field(() => ContractKind, { nullable: true, description: "What the contract is about." })
  kind?: ContractKind | null;

  @Field(() => ID, { nullable: true, description: "The project. Null removes it." })
  projectId?: string | null;

  @Field(() => ID, { nullable: true, description: "User who is responsible." })
  ownerId?: string | null;

  @Field(() => String, { nullable: true, description: "Internal notes (at most 5000 characters)." })
  ownerNotes?: string | null;

  @Field(() => [Int], {
    nullable: true,
    description: "Days before the last day for a notice at which the owner is reminded (at most 10, each from 1 to 3650).",
  })
  reminderDays?: number[] | null;

  @Field(() => String, { nullable: true, description: "Title (1 to 200 characters)." })
  title?: string | null;

  @Field(() => MoneyInput, { nullable: true, description: "Agreed amount." })
  amount?: MoneyInput | null;

  @Field(() => String, { nullable: true, description: "First day (`YYYY-MM-DD`)." })
  startsOn?: string | null;

  @Field(() => String, { nullable: true, description: "Last day (`YYYY-MM-DD`). Null: no fixed end." })
  endsOn?: string | null;

  @Field(() => [ContractPartyInput], { nullable: true, description: "Parties (at most 20)." })
  parties?: ContractPartyInput[] | null;

  @Field(() => Int, { nullable: true, description: "Days before the end by which a party must give notice (0 to 3650)." })
  noticeDays?: number | null;

  @Field(() => ContractRenewal, { nullable: true, description: "What happens at the end." })
  renewal?: ContractRenewal | null;

  @Field(() => Int, {
    nullable: true,
    description: "Months by which an automatic renewal extends the contract (1 to 120). Null removes them.",
  })
  renewalMonths?: number | null;

  @Field(() => [ContractObligationInput], { nullable: true, description: "What the parties must do (at most 100)." })
  obligations?: ContractObligationInput[] | null;

  @Field(() => String, { nullable: true, description: "Text of the contract (at most 50,000 characters)." })
  terms?: string | null;
}

@ObjectType({ description: "Payload of the mutations that create or change a contract." })
@Allow(inherit)
export class ContractPayload {
  @Field(() => Contract, { description: "The contract." })
  contract!: Contract;
}
