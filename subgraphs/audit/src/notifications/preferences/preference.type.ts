import { Allow, can, DateTimeScalar, inherit } from "@weft/shared";
import { Field, ObjectType, registerEnumType } from "type-graphql";
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

@ObjectType({ description: "What applies to one kind of notification in one channel." })
@Allow(inherit)
export class NotificationPreference {
  @Field(() => NotificationKind, { description: "Kind of notification." })
  kind!: NotificationKind;

  @Field(() => NotificationChannel, { description: "Channel." })
  channel!: NotificationChannel;

  @Field(() => Boolean, { description: "Whether you get this kind in this channel." })
  isEnabled!: boolean;

  @Field(() => NotificationPreferenceSource, { description: "Origin of `isEnabled`." })
  source!: NotificationPreferenceSource;

  @Field(() => Boolean, { description: "Whether the organization requires it, so that you cannot turn it off." })
  isMandatory!: boolean;

  @Field(() => NotificationDigest, {
    description: "How notifications of this kind are bundled. Always `NONE` in other channels than `EMAIL`.",
  })
  digest!: NotificationDigest;

  @Field(() => NotificationPreferenceSource, { description: "Origin of `digest`." })
  digestSource!: NotificationPreferenceSource;
}

@ObjectType({ description: "Hours without messages, in local time." })
@Allow(inherit)
export class QuietHours {
  @Field(() => String, { description: "Local time at which they begin, as `HH:MM`." })
  from!: string;

  @Field(() => String, { description: "Local time at which they end, as `HH:MM`. Earlier than `from` if they include midnight." })
  to!: string;
}

@ObjectType({ description: "How you are notified." })
@Allow(can("notification.read"))
export class NotificationPreferences {
  @Field(() => [NotificationPreference], { description: "What applies, by kind and channel." })
  preferences!: NotificationPreference[];

  @Field(() => QuietHours, { nullable: true, description: "Hours without messages outside the app. Null if there are none." })
  quietHours!: QuietHours | null;

  @Field(() => String, { description: "Time zone of the quiet hours and digests: yours, or that of the organization." })
  timeZone!: string;

  @Field(() => DateTimeScalar, {
    nullable: true,
    description: "Time until which you get no messages outside the app. They are sent afterwards. Null if you have not set one.",
  })
  snoozedUntil!: string | null;
}
