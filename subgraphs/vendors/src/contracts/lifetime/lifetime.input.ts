import { Field, ID, InputType, Int } from "type-graphql";

const expectedVersion = "Version that you last read. The call fails with `CONFLICT` if the current version differs.";
const idempotencyKey = "Idempotency key. Repeating the call with the same key returns the first result.";

@InputType({ description: "Input of `renewContract`." })
export class RenewContractInput {
  @Field(() => ID, { description: "The contract." })
  id!: string;

  @Field(() => String, { description: "New last day (`YYYY-MM-DD`), after the current one." })
  endsOn!: string;

  @Field(() => String, { nullable: true, description: "New first day (`YYYY-MM-DD`; default: as before)." })
  startsOn?: string | null;

  @Field(() => Int, { nullable: true, description: expectedVersion })
  expectedVersion?: number | null;

  @Field(() => String, { nullable: true, description: idempotencyKey })
  idempotencyKey?: string | null;
}

@InputType({ description: "Input of `terminateContract`." })
export class TerminateContractInput {
  @Field(() => ID, { description: "The contract." })
  id!: string;

  @Field(() => String, { description: "Why (1 to 2000 characters)." })
  reason!: string;

  @Field(() => String, {
    nullable: true,
    description:
      "First day on which the contract is no longer in force (`YYYY-MM-DD`; default: today in the time zone of the organization).",
  })
  on?: string | null;

  @Field(() => Int, { nullable: true, description: expectedVersion })
  expectedVersion?: number | null;

  @Field(() => String, { nullable: true, description: idempotencyKey })
  idempotencyKey?: string | null;
}
