import { encodeId } from "@weft/shared/ids";
import { column, columns, createInputOf, shapeOf, ShowColumns, standardColumns, updateInputOf } from "@weft/api/columns";
import { payloadOf } from "@weft/api/inputs";
import { connectionOf } from "@weft/api/pages";
import { Allow, canInTenant, inherit } from "@weft/api/rules";
import { ObjectType, registerEnumType } from "type-graphql";
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

const notificationRecipientColumns = columns({
  type: column.of(() => NotificationRecipientType, "Which of the other fields says whom it means."),
  role: column.text("For ROLE: key of the role.", { nullable: true }),
  teamId: column.id("For TEAM and TEAM_CHATS: ID of the team (`tem_…`).", { nullable: true }),
  destinationId: column.id("For CHAT: ID of the chat of a team (`nds_…`).", { nullable: true }),
  userId: column.id("For USER: ID of the user (`usr_…`).", { nullable: true }),
  relation: column.of(() => NotificationRelation, "For RELATION: the relation.", { nullable: true }),
  expression: column.text("For EXPRESSION: expression over `event` and `payload`.", {
    created: "For EXPRESSION: expression that gives an ID or a list of IDs of users, teams or roles. Example: `payload.ownerId`.",
    nullable: true,
  }),
});

@ShowColumns(notificationRecipientColumns)
@ObjectType({ description: "Recipients of a rule of notifications." })
@Allow(inherit)
export class NotificationRecipient extends shapeOf(notificationRecipientColumns) {}

export const NotificationRecipientInput = createInputOf(
  "NotificationRecipientInput",
  notificationRecipientColumns,
  "Recipients of a rule of notifications. Specify exactly the field that belongs to the type.",
);
export type NotificationRecipientInput = InstanceType<typeof NotificationRecipientInput>;

export const notificationRuleColumns = columns({
  id: column.id("ID (`ntr_…`).", { created: false, updated: "ID of the rule (`ntr_…`).", requiredInUpdate: true, isKey: true }),
  name: column.text("Display name.", { max: 200, created: "Display name, at most 200 characters." }),
  eventTypes: column.texts("Types of the events, of those that `eventTypes` lists.", {
    created: "Types of the events, 1 to 50 of those that `eventTypes` lists.",
  }),
  condition: column.text("Condition in CEL over `event` and `payload`. If null, the rule applies to all events of the types.", {
    max: 2_000,
    mayBeEmpty: true,
    hasLines: true,
    created:
      "Condition in CEL over `event` and `payload`. Example: `payload.total > 10`. If null or empty, the rule applies to all events of the types.",
    nullable: true,
  }),
  recipients: column.pair(
    () => [NotificationRecipient],
    () => [NotificationRecipientInput],
    "Whom it notifies. A user who is meant several times is notified once.",
    { created: "Whom it notifies, 1 to 50 entries." },
  ),
  title: column.text("Title of the notifications, with values of the event: `Building {{ payload.code }}`.", {
    max: 500,
    created: "Title of the notifications, at most 500 characters, with values of the event. Example: `Building {{ payload.code }}`.",
    updated: "Title of the notifications, at most 500 characters, with values of the event.",
  }),
  body: column.text("Further text of the notifications, with values of the event. Null if there is none.", {
    max: 500,
    mayBeEmpty: true,
    created: "Further text of the notifications, with values of the event, at most 500 characters.",
    nullable: true,
  }),
  channels: column.of(() => [NotificationChannel], "Channels of the notifications of users, unless they choose others for the kind RULE.", {
    created: "Channels of the notifications of users (default IN_APP).",
    updated: "Channels of the notifications of users.",
    optional: true,
  }),
  ...standardColumns.expectedVersion,
  idempotencyKey: column.text("Idempotency key. Repeating the call with the same key returns the first result.", {
    shown: false,
    nullable: true,
  }),
  isMandatory: column.flag(
    "Whether users get the notifications on these channels whatever they choose. Their quiet hours still apply to emails.",
    { created: "Whether users cannot turn the notifications off (default false for a new rule).", optional: true },
  ),
  status: column.of(() => NotificationRuleStatus, "Whether it applies.", {
    created: "Whether it applies (default ACTIVE for a new rule).",
    optional: true,
  }),
  ...column.shownOnly({
    lastCutAt: column.time(
      "Time of the last event that had more than 1,000 recipients. Only the first 1,000 were notified. Null if there was none.",
      { nullable: true },
    ),
    lastCutCount: column.int("Number of recipients of that event.", { nullable: true }),
    version: column.int("Version number, incremented on every change. Pass it as `expectedVersion`."),
  }),
  ...standardColumns.times,
});

@ShowColumns(notificationRuleColumns)
@ObjectType({
  description:
    "A rule of notifications: which events notify whom. Users get a notification only if they can see what the event is about. A rule notifies a user, and a chat of a team, at most once per event.",
})
@Allow(managesRules)
export class NotificationRule extends shapeOf(notificationRuleColumns) {
  readonly __typename = "NotificationRule";

  /** UUID, for field resolvers. */
  ownerUuid!: string;
}

// In the inputs, these come first.
const { condition, body, isMandatory, status, ...others } = notificationRuleColumns.map;
const inputColumns = columns({ condition, body, isMandatory, status, ...others });

export const CreateNotificationRuleInput = createInputOf(
  "CreateNotificationRuleInput",
  inputColumns,
  "The rule of notifications to create.",
);
export type CreateNotificationRuleInput = InstanceType<typeof CreateNotificationRuleInput>;

const { idempotencyKey: _key, ...draftColumns } = inputColumns.map;
export const NotificationRuleDraftInput = createInputOf(
  "NotificationRuleDraftInput",
  columns(draftColumns),
  "Draft of a rule of notifications.",
);
export type NotificationRuleDraftInput = InstanceType<typeof NotificationRuleDraftInput>;

export const UpdateNotificationRuleInput = updateInputOf(
  "UpdateNotificationRuleInput",
  inputColumns,
  "Changes to a rule of notifications. Omitted fields stay unchanged.",
);
export type UpdateNotificationRuleInput = InstanceType<typeof UpdateNotificationRuleInput>;

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
  return Object.assign(new NotificationRule(), notificationRuleColumns.shown(row), {
    id: encodeId("notificationRule", row.id),
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
