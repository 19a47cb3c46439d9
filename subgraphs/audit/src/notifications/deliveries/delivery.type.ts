import { Allow, canInTenant, connectionOf, DateTimeScalar, encodeId, payloadOf } from "@weft/shared";
import { Field, ID, Int, ObjectType, registerEnumType } from "type-graphql";
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

@ObjectType({
  description:
    "A notification that leaves the app. There is at most one per user, channel, destination and event; for a chat of a team, one per rule and event.",
})
@Allow(canInTenant("notification.manage"))
export class NotificationDelivery {
  readonly __typename = "NotificationDelivery";

  @Field(() => ID, { description: "ID (`ntd_…`)." })
  id!: string;

  @Field(() => NotificationKind, { description: "Kind of the notification." })
  kind!: NotificationKind;

  @Field(() => NotificationChannel, { description: "Channel." })
  channel!: NotificationChannel;

  @Field(() => NotificationDeliveryStatus, { description: "Status." })
  status!: NotificationDeliveryStatus;

  @Field(() => String, { nullable: true, description: "Why it waits, or was cancelled or suppressed." })
  reason!: string | null;

  @Field(() => DateTimeScalar, { nullable: true, description: "Time at which it becomes part of a message. Null once it has." })
  dueAt!: string | null;

  @Field(() => ID, {
    nullable: true,
    description: "ID of the message. Deliveries with the same one are in one message. Null until there is one.",
  })
  messageId!: string | null;

  @Field(() => Int, { description: "Number of attempts to send the message." })
  attempts!: number;

  @Field(() => String, { nullable: true, description: "Error of the last attempt." })
  lastError!: string | null;

  @Field(() => DateTimeScalar, { nullable: true, description: "Time at which the receiver accepted the message." })
  sentAt!: string | null;

  @Field(() => DateTimeScalar, { description: "Time of the event." })
  createdAt!: string;

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
  const { kind, channel, status, reason, dueAt, attempts, lastError, sentAt, createdAt, userId, teamId, destinationId, messageId } = row;
  return Object.assign(new NotificationDelivery(), {
    id: encodeId("notificationDelivery", row.id),
    kind: kind as NotificationKind,
    channel: channel as NotificationChannel,
    status: status as NotificationDeliveryStatus,
    reason,
    dueAt,
    attempts,
    lastError,
    sentAt,
    createdAt,
    messageId: messageId === null ? null : encodeId("notificationDelivery", messageId),
    userUuid: userId,
    teamUuid: teamId,
    destinationUuid: destinationId,
  });
}

export const NotificationDeliveryPayload = payloadOf(NotificationDelivery, "delivery");
export type NotificationDeliveryPayload = InstanceType<typeof NotificationDeliveryPayload>;
