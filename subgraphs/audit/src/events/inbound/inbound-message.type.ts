import { Allow, canInTenant, connectionOf, DateTimeScalar, encodeId, encodeIdOrNull, inherit } from "@weft/shared";
import { Field, ID, Int, ObjectType, registerEnumType } from "type-graphql";
import type { InboundMessageRow } from "./inbound-message.store.js";

export enum InboundMessageStatus {
  RECEIVED = "RECEIVED",
  PUBLISHED = "PUBLISHED",
  IGNORED = "IGNORED",
  FAILED = "FAILED",
}
registerEnumType(InboundMessageStatus, {
  name: "InboundMessageStatus",
  description: "What became of a message of an inbound webhook.",
  valuesConfig: {
    RECEIVED: { description: "It waits to be handled, usually for less than a second." },
    PUBLISHED: { description: "It became an event." },
    IGNORED: { description: "The condition of the webhook does not hold for it." },
    FAILED: { description: "It could not become an event. `error` says why. Retry it with `retryInboundMessages`." },
  },
});

@ObjectType({ description: "A message that an inbound webhook received, and what became of it." })
@Allow(canInTenant("inboundWebhook.read"))
export class InboundMessage {
  @Field(() => ID, { description: "ID (`inm_…`), as in the answer to the sender." })
  id!: string;

  @Field(() => String, {
    description: "ID from the sender. Without one, it is derived from what was signed, or random. A webhook receives an ID only once.",
  })
  messageId!: string;

  @Field(() => InboundMessageStatus, { description: "What became of the message." })
  status!: InboundMessageStatus;

  @Field(() => ID, { nullable: true, description: "ID of the event that the message became (`evt_…`)." })
  eventId!: string | null;

  @Field(() => Int, { description: "Size of the body in bytes." })
  size!: number;

  @Field(() => Int, { description: "Number of attempts to handle it, including retries." })
  attempts!: number;

  @Field(() => DateTimeScalar, { description: "Time of receipt." })
  receivedAt!: string;

  @Field(() => DateTimeScalar, { nullable: true, description: "Time at which it was handled. Null while it waits." })
  handledAt!: string | null;

  uuid!: string;
  webhookUuid!: string;
}

export const { Connection: InboundMessageConnection } = connectionOf(InboundMessage);

export function toInboundMessage(row: InboundMessageRow): InboundMessage {
  const { messageId, status, eventId, size, attempts, receivedAt, handledAt } = row;
  return {
    id: encodeId("inboundMessage", row.id),
    messageId,
    status: status as InboundMessageStatus,
    eventId: encodeIdOrNull("event", eventId),
    size,
    attempts,
    receivedAt,
    handledAt,
    uuid: row.id,
    webhookUuid: row.webhookId,
  };
}

@ObjectType({ description: "The messages after the call." })
@Allow(inherit)
export class RetryInboundMessagesPayload {
  @Field(() => [InboundMessage], { description: "The messages in the order of the input. Those that had failed wait to be handled." })
  messages!: InboundMessage[];
}
