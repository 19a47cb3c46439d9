import { DateTimeScalar } from "@weft/shared";
import { Field, ID, InputType } from "type-graphql";

const key = "Idempotency key. Repeating the call with the same key returns the first result.";

@InputType({
  description:
    "The deliveries to repeat: either one (`deliveryId`), or those of a webhook that were queued in a period (`webhookId`, `from`, `to`) or failed (`webhookId`, `onlyFailed`).",
})
export class RedeliverWebhookInput {
  @Field(() => ID, {
    nullable: true,
    description: "ID of the delivery to repeat (`whd_…`). If it still waits for its next attempt, it is tried now.",
  })
  deliveryId?: string | null;

  @Field(() => ID, {
    nullable: true,
    description:
      "ID of the webhook whose deliveries are repeated (`whk_…`). Optional with `deliveryId`, which must then be one of its deliveries.",
  })
  webhookId?: string | null;

  @Field(() => DateTimeScalar, { nullable: true, description: "Start of the period in which the deliveries were queued." })
  from?: string | null;

  @Field(() => DateTimeScalar, { nullable: true, description: "End of the period." })
  to?: string | null;

  @Field(() => Boolean, {
    nullable: true,
    description: "Whether all failed deliveries are repeated, except those of which a repetition waits or has succeeded (default false).",
  })
  onlyFailed?: boolean | null;

  @Field(() => String, { nullable: true, description: key })
  idempotencyKey?: string | null;
}
