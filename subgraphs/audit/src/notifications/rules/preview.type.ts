import { Allow, inherit } from "@weft/shared";
import { Field, Int, ObjectType } from "type-graphql";
import { TeamNotificationDestination } from "../destinations/team-destination.type.js";
import { NotificationChannel } from "../preferences/preference.type.js";

@ObjectType({ description: "A user whom a rule would notify." })
@Allow(inherit)
export class NotificationRulePreviewRecipient {
  @Field(() => [NotificationChannel], {
    description:
      "Channels by which the user would be notified now. Empty if the user has turned them off: the notification is then archived.",
  })
  channels!: NotificationChannel[];

  /** UUID, for field resolvers. */
  userUuid!: string;
}

@ObjectType({ description: "A user whom the recipients of a rule mean, and whom it would not notify." })
@Allow(inherit)
export class NotificationRulePreviewExclusion {
  @Field(() => String, { description: "Why the user would get nothing." })
  reason!: string;

  /** UUID, for field resolvers. */
  userUuid!: string;
}

@ObjectType({ description: "What a rule would do with an event. Nothing was sent." })
@Allow(inherit)
export class NotificationRulePreview {
  @Field(() => Boolean, { description: "Whether the rule applies to the event." })
  isMatch!: boolean;

  @Field(() => [String], { description: "Why it does not apply. Empty if it does." })
  reasons!: string[];

  @Field(() => String, { nullable: true, description: "Title of the notifications. Null if the rule does not apply." })
  title!: string | null;

  @Field(() => String, { nullable: true, description: "Further text of the notifications. Null if there is none." })
  body!: string | null;

  @Field(() => [NotificationRulePreviewRecipient], { description: "Users whom it would notify." })
  recipients!: NotificationRulePreviewRecipient[];

  @Field(() => [NotificationRulePreviewExclusion], { description: "Users whom the recipients mean, and whom it would not notify." })
  excluded!: NotificationRulePreviewExclusion[];

  @Field(() => [TeamNotificationDestination], {
    description: "Chats of teams to which it would send. Those that are disabled get nothing.",
  })
  teamDestinations!: TeamNotificationDestination[];

  @Field(() => Int, { description: "Number of users whom the recipients mean." })
  recipientCount!: number;

  @Field(() => Boolean, { description: "Whether there are more than the maximum of 1,000. The others are neither notified nor listed." })
  isCut!: boolean;
}
