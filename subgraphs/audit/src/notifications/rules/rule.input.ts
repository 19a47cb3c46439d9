import { Field, ID, InputType, Int } from "type-graphql";
import { NotificationChannel } from "../preferences/preference.type.js";
import { NotificationRecipientType, NotificationRelation, NotificationRuleStatus } from "./rule.type.js";

@InputType({ description: "Recipients of a rule of notifications. Specify exactly the field that belongs to the type." })
export class NotificationRecipientInput {
  @Field(() => NotificationRecipientType, { description: "Which of the other fields says whom it means." })
  type!: NotificationRecipientType;

  @Field(() => String, { nullable: true, description: "For ROLE: key of the role." })
  role?: string | null;

  @Field(() => ID, { nullable: true, description: "For TEAM and TEAM_CHATS: ID of the team (`tem_…`)." })
  teamId?: string | null;

  @Field(() => ID, { nullable: true, description: "For CHAT: ID of the chat of a team (`nds_…`)." })
  destinationId?: string | null;

  @Field(() => ID, { nullable: true, description: "For USER: ID of the user (`usr_…`)." })
  userId?: string | null;

  @Field(() => NotificationRelation, { nullable: true, description: "For RELATION: the relation." })
  relation?: NotificationRelation | null;

  @Field(() => String, {
    nullable: true,
    description: "For EXPRESSION: expression that gives an ID or a list of IDs of users, teams or roles. Example: `payload.ownerId`.",
  })
  expression?: string | null;
}

/** Not in the schema itself; the input types that extend it have its fields. */
@InputType()
abstract class RuleTermsInput {
  @Field(() => String, {
    nullable: true,
    description:
      "Condition in CEL over `event` and `payload`. Example: `payload.total > 10`. If null or empty, the rule applies to all events of the types.",
  })
  condition?: string | null;

  @Field(() => String, {
    nullable: true,
    description: "Further text of the notifications, with values of the event, at most 500 characters.",
  })
  body?: string | null;

  @Field(() => Boolean, { nullable: true, description: "Whether users cannot turn the notifications off (default false for a new rule)." })
  isMandatory?: boolean | null;

  @Field(() => NotificationRuleStatus, { nullable: true, description: "Whether it applies (default ACTIVE for a new rule)." })
  status?: NotificationRuleStatus | null;
}

/** Not in the schema itself; the input types that extend it have its fields. */
@InputType()
abstract class NewRuleInput extends RuleTermsInput {
  @Field(() => String, { description: "Display name, at most 200 characters." })
  name!: string;

  @Field(() => [String], { description: "Types of the events, 1 to 50 of those that `eventTypes` lists." })
  eventTypes!: string[];

  @Field(() => [NotificationRecipientInput], { description: "Whom it notifies, 1 to 50 entries." })
  recipients!: NotificationRecipientInput[];

  @Field(() => String, {
    description: "Title of the notifications, at most 500 characters, with values of the event. Example: `Building {{ payload.code }}`.",
  })
  title!: string;

  @Field(() => [NotificationChannel], { nullable: true, description: "Channels of the notifications of users (default IN_APP)." })
  channels?: NotificationChannel[] | null;
}

@InputType({ description: "The rule of notifications to create." })
export class CreateNotificationRuleInput extends NewRuleInput {
  @Field(() => String, { nullable: true, description: "Idempotency key. Repeating the call with the same key returns the first result." })
  idempotencyKey?: string | null;
}

@InputType({ description: "Draft of a rule of notifications." })
export class NotificationRuleDraftInput extends NewRuleInput {}

@InputType({ description: "Changes to a rule of notifications. Omitted fields stay unchanged." })
export class UpdateNotificationRuleInput extends RuleTermsInput {
  @Field(() => ID, { description: "ID of the rule (`ntr_…`)." })
  id!: string;

  @Field(() => String, { nullable: true, description: "Display name, at most 200 characters." })
  name?: string | null;

  @Field(() => [String], { nullable: true, description: "Types of the events, 1 to 50 of those that `eventTypes` lists." })
  eventTypes?: string[] | null;

  @Field(() => [NotificationRecipientInput], { nullable: true, description: "Whom it notifies, 1 to 50 entries." })
  recipients?: NotificationRecipientInput[] | null;

  @Field(() => String, { nullable: true, description: "Title of the notifications, at most 500 characters, with values of the event." })
  title?: string | null;

  @Field(() => [NotificationChannel], { nullable: true, description: "Channels of the notifications of users." })
  channels?: NotificationChannel[] | null;

  @Field(() => Int, {
    nullable: true,
    description: "Version that you last read. The call fails with `CONFLICT` if the current version differs.",
  })
  expectedVersion?: number | null;

  @Field(() => String, { nullable: true, description: "Idempotency key. Repeating the call with the same key returns the first result." })
  idempotencyKey?: string | null;
}
