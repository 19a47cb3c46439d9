import { Allow, DateTimeScalar, encodeId, inherit, payloadOf } from "@weft/shared";
import { Field, ID, ObjectType, registerEnumType } from "type-graphql";
import { NotificationChannel } from "../preferences/preference.type.js";
import type { DestinationRow } from "./destination.store.js";

export const ChatFormat = { SLACK: "SLACK", TEAMS: "TEAMS" } as const;
export type ChatFormat = keyof typeof ChatFormat;
registerEnumType(ChatFormat, {
  name: "ChatFormat",
  description: "Form of the messages that a chat reads.",
  valuesConfig: {
    SLACK: { description: "Slack and compatible chats, such as Mattermost and Rocket.Chat." },
    TEAMS: { description: "Microsoft Teams (Adaptive Card)." },
  },
});

export const NotificationDestinationStatus = { UNCONFIRMED: "UNCONFIRMED", ACTIVE: "ACTIVE", DISABLED: "DISABLED" } as const;
export type NotificationDestinationStatus = keyof typeof NotificationDestinationStatus;
registerEnumType(NotificationDestinationStatus, {
  name: "NotificationDestinationStatus",
  description: "Status of a destination.",
  valuesConfig: {
    UNCONFIRMED: { description: "Gets nothing until you confirm it with the code that was sent to it. Only phone numbers." },
    ACTIVE: { description: "Gets notifications." },
    DISABLED: { description: "Gets nothing, because it no longer exists: `reason` says why. Add it again to activate it." },
  },
});

@ObjectType({ description: "A chat, a browser or a phone number to which your notifications are sent." })
@Allow(inherit)
export class NotificationDestination {
  @Field(() => ID, { description: "ID (`nds_…`)." })
  id!: string;

  @Field(() => NotificationChannel, { description: "Channel: `CHAT`, `WEB_PUSH` or `SMS`." })
  channel!: NotificationChannel;

  @Field(() => String, { description: "Name that you gave it." })
  name!: string;

  @Field(() => ChatFormat, { nullable: true, description: "Form of the messages. Null for browsers and phone numbers." })
  format!: ChatFormat | null;

  @Field(() => String, { description: "Host of its address, or the last two digits of its phone number. The address itself is secret." })
  host!: string;

  @Field(() => NotificationDestinationStatus, { description: "Status." })
  status!: NotificationDestinationStatus;

  @Field(() => String, { nullable: true, description: "Why it was disabled, or why its code was not sent. Null if it is active." })
  reason!: string | null;

  @Field(() => DateTimeScalar, { description: "Creation time." })
  createdAt!: string;
}

/** Converts a row to its API type. */
export function toDestination(row: DestinationRow): NotificationDestination {
  const { channel, name, format, host, status, reason, createdAt } = row;
  return Object.assign(new NotificationDestination(), {
    id: encodeId("notificationDestination", row.id),
    channel: channel as NotificationChannel,
    name,
    format: format as ChatFormat | null,
    host,
    status: status as NotificationDestinationStatus,
    reason,
    createdAt,
  });
}

export const NotificationDestinationPayload = payloadOf(NotificationDestination, "destination");
export type NotificationDestinationPayload = InstanceType<typeof NotificationDestinationPayload>;
