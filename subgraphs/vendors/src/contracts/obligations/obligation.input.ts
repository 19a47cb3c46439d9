import { Allow, inherit } from "@weft/api/rules";
import { Field, ID, InputType, Int, ObjectType } from "type-graphql";
import { TrackedObligation } from "./obligation.type.js";

const expectedVersion = "Version that you last read. The call fails with `CONFLICT` if the current version differs.";
const idempotencyKey = "Idempotency key. Repeating the call with the same key returns the first result.";

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
