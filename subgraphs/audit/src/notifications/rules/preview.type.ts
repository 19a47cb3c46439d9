import { column, columns, shapeOf, ShowColumns } from "@weft/api/columns";
import { Allow, inherit } from "@weft/api/rules";
import { Field, ObjectType } from "type-graphql";
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

const notificationRulePreviewColumns = columns({
  isMatch: column.flag("Whether the rule applies to the event."),
  reasons: column.texts("Why it does not apply. Empty if it does."),
  title: column.text("Title of the notifications. Null if the rule does not apply.", { nullable: true }),
  body: column.text("Further text of the notifications. Null if there is none.", { nullable: true }),
  recipients: column.of(() => [NotificationRulePreviewRecipient], "Users whom it would notify."),
  excluded: column.of(() => [NotificationRulePreviewExclusion], "Users whom the recipients mean, and whom it would not notify."),
  teamDestinations: column.of(
    () => [TeamNotificationDestination],
    "Chats of teams to which it would send. Those that are disabled get nothing.",
  ),
  recipientCount: column.int("Number of users whom the recipients mean."),
  isCut: column.flag("Whether there are more than the maximum of 1,000. The others are neither notified nor listed."),
});

@ShowColumns(notificationRulePreviewColumns)
@ObjectType({ description: "What a rule would do with an event. Nothing was sent." })
@Allow(inherit)
export class NotificationRulePreview extends shapeOf(notificationRulePreviewColumns) {}
