import { Allow, inherit } from "@weft/shared";
import { Field, ID, InputType, ObjectType } from "type-graphql";
import { SlaClock } from "./sla-clock.type.js";

@InputType({ description: "The SLA clock to pause, and why." })
export class PauseSlaInput {
  @Field(() => ID, { description: "ID of the clock (`slc_…`)." })
  id!: string;

  @Field(() => String, { description: "Reason, which the ledger keeps. 1 to 10,000 characters." })
  reason!: string;

  @Field(() => String, { nullable: true, description: "Idempotency key. Repeating the call with the same key returns the first result." })
  idempotencyKey?: string | null;
}

@InputType({ description: "The SLA clock to resume, and why." })
export class ResumeSlaInput extends PauseSlaInput {}

@ObjectType({ description: "The changed SLA clock." })
@Allow(inherit)
export class PauseSlaPayload {
  @Field(() => SlaClock, { nullable: true, description: "Current state of the clock. Null if you can no longer see it." })
  clock!: SlaClock | null;
}

@ObjectType({ description: "The changed SLA clock." })
@Allow(inherit)
export class ResumeSlaPayload extends PauseSlaPayload {}
