import { Field, ID, InputType } from "type-graphql";

@InputType({ description: "The SLA clock to pause or resume, and why." })
export class SlaClockInput {
  @Field(() => ID, { description: "ID of the clock (`slc_…`)." })
  id!: string;

  @Field(() => String, { description: "Reason, which the ledger keeps. 1 to 10,000 characters." })
  reason!: string;

  @Field(() => String, { nullable: true, description: "Idempotency key. Repeating the call with the same key returns the first result." })
  idempotencyKey?: string | null;
}
