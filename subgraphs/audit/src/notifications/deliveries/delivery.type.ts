import { encodeId, encodeIdOrNull } from "@weft/shared/ids";
import { column, columns, shapeOf, ShowColumns } from "@weft/api/columns";
import { payloadOf } from "@weft/api/inputs";
import { connectionOf } from "@weft/api/pages";
import { Allow, canInTenant } from "@weft/api/rules";
import { ObjectType, registerEnumType } from "type-graphql";
import { NotificationChannel } from "../preferences/preference.type.js";
import { NotificationKind } from "../notification.type.js";
import type { DeliveryRow } from "./delivery.store.js";

export const NotificationDeliveryStatus = {
  QUEUED: "QUEUED",
  READY: "READY",
  SENDING: "SENDING",
  SENT: "SENT",
  FAILED: "FAILED",
  UNKNOWN: "UNKNOWN",
  CANCELLED: "CANCELLED",
  SUPPRESSED: "SUPPRESSED",
  BOUNCED: "BOUNCED",
  COMPLAINED: "COMPLAINED",
} as const;
export type NotificationDeliveryStatus = keyof typeof NotificationDeliveryStatus;

registerEnumType(NotificationDeliveryStatus, {
  name: "NotificationDeliveryStatus",
  description: "Status of a delivery.",
  valuesConfig: {
    QUEUED: { description: "Waits for its time: `dueAt`." },
    READY: { description: "Part of a message that waits to be sent, or to be sent again after a failed attempt." },
    SENDING: { description: "Part of a message that is being sent." },
    SENT: {
      description: "The receiver has accepted the message: the mail server, the chat, the push service of the browser, or the SMS gateway.",
    },
    FAILED: { description: "The receiver has refused the message, or all attempts have failed. You can resend it." },
    UNKNOWN: {
      description:
        "The message was on its way when the process or the connection ended. It may have arrived, so it is not sent again automatically. You can resend it.",
    },
    CANCELLED: { description: "No longer to be sent: `reason` says why." },
    SUPPRESSED: { description: "Not sent because of a limit, or because the address is not usable: `reason` says why. You can resend it." },
    BOUNCED: {
      description:
        "The email was accepted, and then came back: `lastError` has the report. If its address does not exist, it gets no more notifications by email. You can resend it.",
    },
    COMPLAINED: { description: "The recipient has reported the email as unwanted. The address gets no more notifications by email." },
  },
});

const notificationDeliveryColumns = columns({
  id: column.id("ID (`ntd_…`)."),
  kind: column.of(() => NotificationKind, "Kind of the notification."),
  channel: column.of(() => NotificationChannel, "Channel."),
  status: column.of(() => NotificationDeliveryStatus, "Status."),
  reason: column.text("Why it waits, or was cancelled or suppressed.", { nullable: true }),
  dueAt: column.time("Time at which it becomes part of a message. Null once it has.", { nullable: true }),
  messageId: column.id("ID of the message. Deliveries with the same one are in one message. Null until there is one.", { nullable: true }),
  attempts: column.int("Number of attempts to send the message."),
  lastError: column.text("Error of the last attempt.", { nullable: true }),
  sentAt: column.time("Time at which the receiver accepted the message.", { nullable: true }),
  createdAt: column.time("Time of the event."),
});

@ShowColumns(notificationDeliveryColumns)
@ObjectType({
  description:
    "A notification that leaves the app. There is at most one per user, channel, destination and event; for a chat of a team, one per rule and event.",
})
@Allow(canInTenant("notification.manage"))
export class NotificationDelivery extends shapeOf(notificationDeliveryColumns) {
  readonly __typename = "NotificationDelivery";

  /** UUID, for field resolvers. Null if it is for a team. */
  userUuid!: string | null;

  /** UUID, for field resolvers. Null if it is for a user. */
  teamUuid!: string | null;

  /** UUID, for field resolvers. Null for emails. */
  destinationUuid!: string | null;
}

export const { Connection: NotificationDeliveryConnection } = connectionOf(NotificationDelivery, "NotificationDelivery");

/** Converts a row to its API type. */
export function toDelivery(row: DeliveryRow): NotificationDelivery {
  return Object.assign(new NotificationDelivery(), notificationDeliveryColumns.shown(row), {
    id: encodeId("notificationDelivery", row.id),
    kind: row.kind as NotificationKind,
    channel: row.channel as NotificationChannel,
    status: row.status as NotificationDeliveryStatus,
    messageId: encodeIdOrNull("notificationDelivery", row.messageId),
    userUuid: row.userId,
    teamUuid: row.teamId,
    destinationUuid: row.destinationId,
  });
}

export const NotificationDeliveryPayload = payloadOf(NotificationDelivery, "delivery");
export type NotificationDeliveryPayload = InstanceType<typeof NotificationDeliveryPayload>;
