import { encodeId, encodeIdOrNull } from "@weft/shared/ids";
import { column, columns, shapeOf, ShowColumns } from "@weft/api/columns";
import { connectionOf } from "@weft/api/pages";
import { Allow, canInTenant, inherit } from "@weft/api/rules";
import { Field, ObjectType, registerEnumType } from "type-graphql";
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

const inboundMessageColumns = columns({
  id: column.id("ID (`inm_…`), as in the answer to the sender."),
  messageId: column.text(
    "ID from the sender. Without one, it is derived from what was signed, or random. A webhook receives an ID only once.",
  ),
  status: column.of(() => InboundMessageStatus, "What became of the message."),
  eventId: column.id("ID of the event that the message became (`evt_…`).", { nullable: true }),
  size: column.int("Size of the body in bytes."),
  attempts: column.int("Number of attempts to handle it, including retries."),
  receivedAt: column.time("Time of receipt."),
  handledAt: column.time("Time at which it was handled. Null while it waits.", { nullable: true }),
});

@ShowColumns(inboundMessageColumns)
@ObjectType({ description: "A message that an inbound webhook received, and what became of it." })
@Allow(canInTenant("inboundWebhook.read"))
export class InboundMessage extends shapeOf(inboundMessageColumns) {
  uuid!: string;
  webhookUuid!: string;
}

export const { Connection: InboundMessageConnection } = connectionOf(InboundMessage);

export function toInboundMessage(row: InboundMessageRow): InboundMessage {
  return {
    ...inboundMessageColumns.shown(row),
    id: encodeId("inboundMessage", row.id),
    status: row.status as InboundMessageStatus,
    eventId: encodeIdOrNull("event", row.eventId),
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
