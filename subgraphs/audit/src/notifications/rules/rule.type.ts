import { Allow, canInTenant, connectionOf, DateTimeScalar, encodeId, inherit, payloadOf } from "@weft/shared";
import { Field, ID, Int, ObjectType, registerEnumType } from "type-graphql";
import { NotificationChannel } from "../preferences/preference.type.js";
import type { RuleRecipient, RuleRow } from "./rule.store.js";

/** Users who manage the rules of the tenant. */
export const managesRules = canInTenant("notification.manage");

export const NotificationRuleStatus = { ACTIVE: "ACTIVE", PAUSED: "PAUSED" } as const;
export type NotificationRuleStatus = keyof typeof NotificationRuleStatus;
registerEnumType(NotificationRuleStatus, {
  name: "NotificationRuleStatus",
  description: "Whether a rule of notifications applies.",
  valuesConfig: {
    ACTIVE: { description: "It applies to events that occur after its activation." },
    PAUSED: { description: "It applies to no event. Events that occur in the meantime are not caught up on." },
  },
});

export const NotificationRecipientType = {
  ROLE: "ROLE",
  TEAM: "TEAM",
  USER: "USER",
  RELATION: "RELATION",
  EXPRESSION: "EXPRESSION",
  TEAM_CHATS: "TEAM_CHATS",
  CHAT: "CHAT",
} as const satisfies Record<RuleRecipient["type"], string>;
export type NotificationRecipientType = keyof typeof NotificationRecipientType;
registerEnumType(NotificationRecipientType, {
  name: "NotificationRecipientType",
  description: "How a rule of notifications says whom it notifies.",
  valuesConfig: {
    ROLE: { description: "All users with a role, also by inheritance." },
    TEAM: { description: "All members of a team." },
    USER: { description: "A user." },
    RELATION: { description: "The users who have a relation to what the event is about." },
    EXPRESSION: { description: "The users, the members of the teams, and the users with the roles whose IDs an expression gives." },
    TEAM_CHATS: {
      description:
        "All chats of a team. Each gets one message, regardless of the members, of what they can see, and of the channels of the rule.",
    },
    CHAT: { description: "A chat of a team. It gets one message, as with TEAM_CHATS." },
  },
});

type Relation = Extract<RuleRecipient, { type: "RELATION" }>["relation"];
export const NotificationRelation = {
  ACTOR: "ACTOR",
  REQUESTER: "REQUESTER",
  OWNER: "OWNER",
  ASSIGNEE: "ASSIGNEE",
  WATCHERS: "WATCHERS",
} as const satisfies Record<Relation, Relation>;
export type NotificationRelation = Relation;
registerEnumType(NotificationRelation, {
  name: "NotificationRelation",
  description: "Relation of users to what an event is about. If an event has none, nobody is notified by it.",
  valuesConfig: {
    ACTOR: { description: "The user who caused the event." },
    REQUESTER: { description: "The owner of the request that the event concerns." },
    OWNER: { description: "The user whom the event states as the owner; otherwise the owner of the workflow." },
    ASSIGNEE: {
      description:
        "The assignee of the task that the event is about; otherwise the user, the team or the vendor that the work is assigned to.",
    },
    WATCHERS: { description: "The watchers of the request that the event concerns." },
  },
});

@ObjectType({ description: "Recipients of a rule of notifications." })
@Allow(inherit)
export class NotificationRecipient {
  @Field(() => NotificationRecipientType, { description: "Which of the other fields says whom it means." })
  type!: NotificationRecipientType;

  @Field(() => String, { nullable: true, description: "For ROLE: key of the role." })
  role!: string | null;

  @Field(() => ID, { nullable: true, description: "For TEAM and TEAM_CHATS: ID of the team (`tem_…`)." })
  teamId!: string | null;

  @Field(() => ID, { nullable: true, description: "For CHAT: ID of the chat of a team (`nds_…`)." })
  destinationId!: string | null;

  @Field(() => ID, { nullable: true, description: "For USER: ID of the user (`usr_…`)." })
  userId!: string | null;

  @Field(() => NotificationRelation, { nullable: true, description: "For RELATION: the relation." })
  relation!: NotificationRelation | null;

  @Field(() => String, { nullable: true, description: "For EXPRESSION: expression over `event` and `payload`." })
  expression!: string | null;
}

@ObjectType({
  description:
    "A rule of notifications: which events notify whom. Users get a notification only if they can see what the event is about. A rule notifies a user, and a chat of a team, at most once per event.",
})
@Allow(managesRules)
export class NotificationRule {
  readonly __typename = "NotificationRule";

  @Field(() => ID, { description: "ID (`ntr_…`)." })
  id!: string;

  @Field(() => String, { description: "Display name." })
  name!: string;

  @Field(() => [String], { description: "Types of the events, of those that `eventTypes` lists." })
  eventTypes!: string[];

  @Field(() => String, {
    nullable: true,
    description: "Condition in CEL over `event` and `payload`. If null, the rule applies to all events of the types.",
  })
  condition!: string | null;

  @Field(() => [NotificationRecipient], { description: "Whom it notifies. A user who is meant several times is notified once." })
  recipients!: NotificationRecipient[];

  @Field(() => String, { description: "Title of the notifications, with values of the event: `Building {{ payload.code }}`." })
  title!: string;

  @Field(() => String, {
    nullable: true,
    description: "Further text of the notifications, with values of the event. Null if there is none.",
  })
  body!: string | null;

  @Field(() => [NotificationChannel], {
    description: "Channels of the notifications of users, unless they choose others for the kind RULE.",
  })
  channels!: NotificationChannel[];

  @Field(() => Boolean, {
    description: "Whether users get the notifications on these channels whatever they choose. Their quiet hours still apply to emails.",
  })
  isMandatory!: boolean;

  @Field(() => NotificationRuleStatus, { description: "Whether it applies." })
  status!: NotificationRuleStatus;

  @Field(() => DateTimeScalar, {
    nullable: true,
    description: "Time of the last event that had more than 1,000 recipients. Only the first 1,000 were notified. Null if there was none.",
  })
  lastCutAt!: string | null;

  @Field(() => Int, { nullable: true, description: "Number of recipients of that event." })
  lastCutCount!: number | null;

  @Field(() => Int, { description: "Version number, incremented on every change. Pass it as `expectedVersion`." })
  version!: number;

  @Field(() => DateTimeScalar, { description: "Creation time." })
  createdAt!: string;

  @Field(() => DateTimeScalar, { description: "Time of the last change." })
  updatedAt!: string;

  /** UUID, for field resolvers. */
  ownerUuid!: string;
}

export const { Connection: NotificationRuleConnection } = connectionOf(NotificationRule, "NotificationRule");

const none = { role: null, teamId: null, destinationId: null, userId: null, relation: null, expression: null };

function toRecipient(one: RuleRecipient): NotificationRecipient {
  switch (one.type) {
    case "TEAM":
    case "TEAM_CHATS":
      return { ...none, type: one.type, teamId: encodeId("team", one.teamId) };
    case "CHAT":
      return { ...none, type: one.type, destinationId: encodeId("notificationDestination", one.destinationId) };
    case "USER":
      return { ...none, type: one.type, userId: encodeId("user", one.userId) };
    case "ROLE":
    case "RELATION":
    case "EXPRESSION":
      return { ...none, ...one };
    default:
      return one satisfies never;
  }
}

/** Converts a row to its API type. */
export function toRule(row: RuleRow): NotificationRule {
  const { name, eventTypes, title, isMandatory, lastCutAt, lastCutCount, version, createdAt, updatedAt } = row;
  return Object.assign(new NotificationRule(), {
    id: encodeId("notificationRule", row.id),
    name,
    eventTypes,
    title,
    isMandatory,
    lastCutAt,
    lastCutCount,
    version,
    createdAt,
    updatedAt,
    condition: row.condition === "" ? null : row.condition,
    recipients: row.recipients.map(toRecipient),
    body: row.body === "" ? null : row.body,
    channels: row.channels as NotificationChannel[],
    status: row.status as NotificationRuleStatus,
    ownerUuid: row.ownerId,
  });
}

export const NotificationRulePayload = payloadOf(NotificationRule, "rule");
export type NotificationRulePayload = InstanceType<typeof NotificationRulePayload>;
