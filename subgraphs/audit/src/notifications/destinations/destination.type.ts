import { encodeId } from "@weft/shared/ids";
import { column, columns, createInputOf, shapeOf, ShowColumns } from "@weft/api/columns";
import { payloadOf } from "@weft/api/inputs";
import { Allow, inherit } from "@weft/api/rules";
import { Field, ID, InputType, ObjectType, registerEnumType } from "type-graphql";
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

@InputType({ description: "Incoming webhook of a chat." })
export class ChatDestinationInput {
  @Field(() => ChatFormat, { description: "Form of the messages." })
  format!: ChatFormat;

  @Field(() => String, { description: "URL of the incoming webhook. It is stored encrypted and never shown." })
  url!: string;
}

@InputType({ description: "Subscription of a browser, as `PushSubscription.toJSON()` returns it." })
export class WebPushDestinationInput {
  @Field(() => String, { description: "URL of the push service (`endpoint`). It is stored encrypted and never shown." })
  endpoint!: string;

  @Field(() => String, { description: "Public key of the browser (`keys.p256dh`), base64url." })
  p256dh!: string;

  @Field(() => String, { description: "Secret of the browser (`keys.auth`), base64url." })
  auth!: string;
}

@InputType({ description: "Phone number that gets text messages (SMS)." })
export class SmsDestinationInput {
  @Field(() => String, {
    description: "Phone number in E.164 format, for example `+41791234567`. It is stored encrypted. Only its last two digits are shown.",
  })
  phoneNumber!: string;
}

export const notificationDestinationColumns = columns({
  ...column.shownOnly({
    id: column.id("ID (`nds_…`)."),
    channel: column.of(() => NotificationChannel, "Channel: `CHAT`, `WEB_PUSH` or `SMS`."),
  }),
  name: column.text("Name that you gave it.", { max: 100, created: "Name by which you recognize it (at most 100 characters)." }),
  chat: column.of(() => ChatDestinationInput, "A chat.", { shown: false, nullable: true }),
  webPush: column.of(() => WebPushDestinationInput, "A browser.", { shown: false, nullable: true }),
  sms: column.of(() => SmsDestinationInput, "A phone number. A code is sent to it, with which you confirm it.", {
    shown: false,
    nullable: true,
  }),
  ...column.shownOnly({
    format: column.of(() => ChatFormat, "Form of the messages. Null for browsers and phone numbers.", { nullable: true }),
    host: column.text("Host of its address, or the last two digits of its phone number. The address itself is secret."),
    status: column.of(() => NotificationDestinationStatus, "Status."),
    reason: column.text("Why it was disabled, or why its code was not sent. Null if it is active.", { nullable: true }),
    createdAt: column.time("Creation time."),
  }),
});

@ShowColumns(notificationDestinationColumns)
@ObjectType({ description: "A chat, a browser or a phone number to which your notifications are sent." })
@Allow(inherit)
export class NotificationDestination extends shapeOf(notificationDestinationColumns) {}

export const AddNotificationDestinationInput = createInputOf(
  "AddNotificationDestinationInput",
  notificationDestinationColumns,
  "Input for adding a destination of your notifications: a chat, a browser, or a phone number.",
);
export type AddNotificationDestinationInput = InstanceType<typeof AddNotificationDestinationInput>;

@InputType({ description: "Input for confirming a phone number." })
export class ConfirmNotificationDestinationInput {
  @Field(() => ID, { description: "ID of the destination (`nds_…`)." })
  id!: string;

  @Field(() => String, { description: "Code of six digits that was sent to the phone number." })
  code!: string;
}

/** Converts a row to its API type. */
export function toDestination(row: DestinationRow): NotificationDestination {
  return Object.assign(new NotificationDestination(), notificationDestinationColumns.shown(row), {
    id: encodeId("notificationDestination", row.id),
    channel: row.channel as NotificationChannel,
    format: row.format as ChatFormat | null,
    status: row.status as NotificationDestinationStatus,
  });
}

export const NotificationDestinationPayload = payloadOf(NotificationDestination, "destination");
export type NotificationDestinationPayload = InstanceType<typeof NotificationDestinationPayload>;
