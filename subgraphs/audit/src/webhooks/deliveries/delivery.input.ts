import { Allow, DateTimeScalar, inherit } from "@weft/shared";
import { Field, ID, InputType, Int, ObjectType } from "type-graphql";
import { WebhookDelivery } from "./delivery.type.js";

const key = "Idempotency key. Repeating the call with the same key returns the first result.";

@InputType({ description: "The webhook to test." })
export class TestWebhookInput {
  @Field(() => ID, { description: "ID of the webhook (`whk_…`)." })
  id!: string;

  @Field(() => String, { nullable: true, description: key })
  idempotencyKey?: string | null;
}

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

@ObjectType({ description: "The queued test." })
@Allow(inherit)
export class TestWebhookPayload {
  @Field(() => WebhookDelivery, { description: "The delivery. Read it again for its result." })
  delivery!: WebhookDelivery;
}

@ObjectType({ description: "What was queued again." })
@Allow(inherit)
export class RedeliverWebhookPayload {
  @Field(() => Int, { description: "Number of deliveries that were queued, at most 10,000." })
  count!: number;

  @Field(() => Boolean, { description: "Whether there are more. Narrow the period to repeat the rest." })
  hasMore!: boolean;
}
