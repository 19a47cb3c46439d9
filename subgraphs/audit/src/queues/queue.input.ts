import { DateTimeScalar } from "@weft/shared";
import { Field, ID, InputType } from "type-graphql";
import { DeliveryChannel } from "./queue.type.js";

@InputType({ description: "Input for pausing a channel." })
export class PauseDeliveriesInput {
  @Field(() => DeliveryChannel, { description: "Channel. `INBOUND` cannot be paused." })
  channel!: DeliveryChannel;

  @Field(() => String, { description: "Reason, from 1 to 500 characters." })
  reason!: string;
}

@InputType({ description: "Input for resuming a channel." })
export class ResumeDeliveriesInput {
  @Field(() => DeliveryChannel, { description: "Channel." })
  channel!: DeliveryChannel;
}

@InputType({ description: "What to discard: either what waits in a channel (`channel`), or the deliveries of a webhook (`webhookId`)." })
export class DiscardWaitingDeliveriesInput {
  @Field(() => DeliveryChannel, { nullable: true, description: "Channel. `INBOUND` cannot be discarded." })
  channel?: DeliveryChannel | null;

  @Field(() => ID, { nullable: true, description: "ID of a webhook (`whk_…`)." })
  webhookId?: string | null;

  @Field(() => DateTimeScalar, { description: "Only what was queued before this time is discarded." })
  before!: string;

  @Field(() => String, { description: "Reason, from 1 to 500 characters." })
  reason!: string;

  @Field(() => String, {
    nullable: true,
    description: "Idempotency key. Repeating the call with the same key returns the first result.",
  })
  idempotencyKey?: string | null;
}
