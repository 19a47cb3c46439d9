import { column, columns, createInputOf, standardColumns } from "@weft/api/columns";
import { Field, InputType } from "type-graphql";
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

export const DiscardWaitingDeliveriesInput = createInputOf(
  "DiscardWaitingDeliveriesInput",
  columns({
    channel: column.of(() => DeliveryChannel, "Channel. `INBOUND` cannot be discarded.", { nullable: true }),
    webhookId: column.id("ID of a webhook (`whk_…`).", { nullable: true }),
    before: column.time("Only what was queued before this time is discarded."),
    reason: column.text("Reason, from 1 to 500 characters."),
    ...standardColumns.idempotencyKey,
  }),
  "What to discard: either what waits in a channel (`channel`), or the deliveries of a webhook (`webhookId`).",
);
export type DiscardWaitingDeliveriesInput = InstanceType<typeof DiscardWaitingDeliveriesInput>;
