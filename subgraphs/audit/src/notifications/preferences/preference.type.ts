import { column, columns, createInputOf, shapeOf, ShowColumns, updateInputOf } from "@weft/api/columns";
import { Allow, can, inherit } from "@weft/api/rules";
import { Field, InputType, ObjectType, registerEnumType } from "type-graphql";
import { NotificationKind } from "../notification.type.js";

export const NotificationChannel = { IN_APP: "IN_APP", EMAIL: "EMAIL", CHAT: "CHAT", WEB_PUSH: "WEB_PUSH", SMS: "SMS" } as const;
export type NotificationChannel = keyof typeof NotificationChannel;
registerEnumType(NotificationChannel, {
  name: "NotificationChannel",
  description: "Channel of notifications.",
  valuesConfig: {
    IN_APP: { description: "The list of notifications in the app." },
    EMAIL: { description: "Email to the address of the user." },
    CHAT: { description: "Chats that the user has added as destinations." },
    WEB_PUSH: { description: "Browsers that the user has added as destinations." },
    SMS: { description: "Phone numbers that the user has added as destinations. Off unless the user turns it on." },
  },
});

export const NotificationDigest = { NONE: "NONE", HOURLY: "HOURLY", DAILY: "DAILY" } as const;
export type NotificationDigest = keyof typeof NotificationDigest;
registerEnumType(NotificationDigest, {
  name: "NotificationDigest",
  description: "How notifications are bundled.",
  valuesConfig: {
    NONE: { description: "Each notification is sent at once." },
    HOURLY: { description: "One message per hour." },
    DAILY: { description: "One message per day." },
  },
});

export const NotificationPreferenceSource = {
  MANDATORY: "MANDATORY",
  KIND: "KIND",
  ALL_KINDS: "ALL_KINDS",
  ORGANIZATION: "ORGANIZATION",
} as const;
export type NotificationPreferenceSource = keyof typeof NotificationPreferenceSource;
registerEnumType(NotificationPreferenceSource, {
  name: "NotificationPreferenceSource",
  description: "Origin of a value.",
  valuesConfig: {
    MANDATORY: { description: "The organization requires it." },
    KIND: { description: "You chose it for this kind." },
    ALL_KINDS: { description: "You chose it for all kinds." },
    ORGANIZATION: { description: "Default of the organization." },
  },
});

const preferenceColumns = columns({
  kind: column.of(() => NotificationKind, "Kind of notification.", {
    created: "Kind of notification. Omitted: all kinds without a choice of their own.",
    optional: true,
  }),
  channel: column.of(() => NotificationChannel, "Channel."),
  isEnabled: column.flag("Whether you get this kind in this channel.", {
    created: "Whether you want it. Null removes your choice, so that the one for all kinds or the default of the organization applies.",
    optional: true,
  }),
  ...column.shownOnly({
    source: column.of(() => NotificationPreferenceSource, "Origin of `isEnabled`."),
    isMandatory: column.flag("Whether the organization requires it, so that you cannot turn it off."),
  }),
  digest: column.of(() => NotificationDigest, "How notifications of this kind are bundled. Always `NONE` in other channels than `EMAIL`.", {
    created: "How emails are bundled. Null removes your choice. Only for `EMAIL`.",
    optional: true,
  }),
  ...column.shownOnly({ digestSource: column.of(() => NotificationPreferenceSource, "Origin of `digest`.") }),
});

@ShowColumns(preferenceColumns)
@ObjectType({ description: "What applies to one kind of notification in one channel." })
@Allow(inherit)
export class NotificationPreference extends shapeOf(preferenceColumns) {}

export const NotificationPreferenceInput = createInputOf(
  "NotificationPreferenceInput",
  preferenceColumns,
  "Your choice for one kind of notification, or for all kinds, in one channel. Omitted values do not change.",
);
export type NotificationPreferenceInput = InstanceType<typeof NotificationPreferenceInput>;

@ObjectType({ description: "Hours without messages, in local time." })
@InputType("QuietHoursInput", { description: "Hours without messages, in local time." })
@Allow(inherit)
export class QuietHours {
  @Field(() => String, { description: "Local time at which they begin, as `HH:MM`." })
  from!: string;

  @Field(() => String, { description: "Local time at which they end, as `HH:MM`. Earlier than `from` if they include midnight." })
  to!: string;
}

const preferencesColumns = columns({
  preferences: column.pair(
    () => [NotificationPreference],
    () => [NotificationPreferenceInput],
    "What applies, by kind and channel.",
    { updated: "Choices by kind and channel (at most 200)." },
  ),
  quietHours: column.of(() => QuietHours, "Hours without messages outside the app. Null if there are none.", {
    updated: "Hours without messages outside the app, in your time zone. Null removes them.",
    nullable: true,
  }),
  ...column.shownOnly({ timeZone: column.text("Time zone of the quiet hours and digests: yours, or that of the organization.") }),
  snoozedUntil: column.time(
    "Time until which you get no messages outside the app. They are sent afterwards. Null if you have not set one.",
    {
      updated: "Time until which you get no messages outside the app (at most one year from now). Null ends the snooze.",
      nullable: true,
    },
  ),
});

@ShowColumns(preferencesColumns)
@ObjectType({ description: "How you are notified." })
@Allow(can("notification.read"))
export class NotificationPreferences extends shapeOf(preferencesColumns) {}

export const UpdateNotificationPreferencesInput = updateInputOf(
  "UpdateNotificationPreferencesInput",
  preferencesColumns,
  "Changes of your notification preferences. Omitted values do not change.",
);
export type UpdateNotificationPreferencesInput = InstanceType<typeof UpdateNotificationPreferencesInput>;
