import { Allow, DateTimeScalar, inherit } from "@weft/shared";
import { Field, InputType, ObjectType } from "type-graphql";
import { NotificationKind } from "../notification.type.js";
import { NotificationChannel, NotificationDigest } from "./preference.type.js";

@InputType({ description: "Your choice for one kind of notification, or for all kinds, in one channel. Omitted values do not change." })
export class NotificationPreferenceInput {
  @Field(() => NotificationKind, { nullable: true, description: "Kind of notification. Omitted: all kinds without a choice of their own." })
  kind?: NotificationKind | null;

  @Field(() => NotificationChannel, { description: "Channel." })
  channel!: NotificationChannel;

  @Field(() => Boolean, {
    nullable: true,
    description: "Whether you want it. Null removes your choice, so that the one for all kinds or the default of the organization applies.",
  })
  isEnabled?: boolean | null;

  @Field(() => NotificationDigest, {
    nullable: true,
    description: "How emails are bundled. Null removes your choice. Only for `EMAIL`.",
  })
  digest?: NotificationDigest | null;
}

@InputType({ description: "Hours without messages, in local time." })
export class QuietHoursInput {
  @Field(() => String, { description: "Local time at which they begin, as `HH:MM`." })
  from!: string;

  @Field(() => String, { description: "Local time at which they end, as `HH:MM`. Earlier than `from` if they include midnight." })
  to!: string;
}

@InputType({ description: "Changes of your notification preferences. Omitted values do not change." })
export class UpdateNotificationPreferencesInput {
  @Field(() => [NotificationPreferenceInput], { nullable: true, description: "Choices by kind and channel (at most 200)." })
  preferences?: NotificationPreferenceInput[] | null;

  @Field(() => QuietHoursInput, {
    nullable: true,
    description: "Hours without messages outside the app, in your time zone. Null removes them.",
  })
  quietHours?: QuietHoursInput | null;

  @Field(() => DateTimeScalar, {
    nullable: true,
    description: "Time until which you get no messages outside the app (at most one year from now). Null ends the snooze.",
  })
  snoozedUntil?: string | null;
}

@ObjectType({ description: "Payload of unsubscribing from emails." })
@Allow(inherit)
export class UnsubscribeFromNotificationsPayload {
  @Field(() => [NotificationKind], { description: "Kinds of notifications that are no longer sent by email." })
  kinds!: NotificationKind[];
}
