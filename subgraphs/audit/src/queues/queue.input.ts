import { Allow, DateTimeScalar, inherit } from "@weft/shared";
import { Field, ID, InputType, Int, ObjectType } from "type-graphql";
import { DeliveryChannel, DeliveryQueue } from "./queue.type.js";

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

@ObjectType({ description: "Payload of pausing a channel." })
@Allow(inherit)
export class PauseDeliveriesPayload {
  @Field(() => DeliveryQueue, { description: "The queue of the channel." })
  queue!: DeliveryQueue;
}

@ObjectType({ description: "Payload of resuming a channel." })
@Allow(inherit)
export class ResumeDeliveriesPayload {
  @Field(() => DeliveryQueue, { description: "The queue of the channel." })
  queue!: DeliveryQueue;
}

@ObjectType({ description: "Payload of discarding what waits." })
@Allow(inherit)
export class DiscardWaitingDeliveriesPayload {
  @Field(() => Int, { description: "Number of items that were discarded. Notifications of one message are discarded together." })
  count!: number;

  @Field(() => Boolean, {
    description: "Whether the limit of 10,000 items per call was reached, so that there can be more. Repeat the call to discard them.",
  })
  hasMore!: boolean;
}
