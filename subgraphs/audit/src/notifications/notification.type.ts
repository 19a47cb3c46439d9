import { encodeId } from "@weft/shared/ids";
import type { NotificationKindName } from "@weft/platform/configuration";
import { column, columns, shapeOf, ShowColumns } from "@weft/api/columns";
import { payloadOf } from "@weft/api/inputs";
import { connectionOf } from "@weft/api/pages";
import { Allow, can, inherit } from "@weft/api/rules";
import { Field, ObjectType, registerEnumType } from "type-graphql";
import { Node } from "../nodes/node.type.js";
import type { NotificationRow } from "./notification.store.js";

export const NotificationKind = {
  TASK_OPENED: "TASK_OPENED",
  TASK_ASSIGNED: "TASK_ASSIGNED",
  TASK_COMMENT: "TASK_COMMENT",
  SUBSTITUTE: "SUBSTITUTE",
  REQUEST_TRANSITIONED: "REQUEST_TRANSITIONED",
  REQUEST_COMMENT: "REQUEST_COMMENT",
  REQUEST_MENTION: "REQUEST_MENTION",
  ASSIGNED: "ASSIGNED",
  TRIGGER_STOPPED: "TRIGGER_STOPPED",
  WEBHOOK_DISABLED: "WEBHOOK_DISABLED",
  AUDIT_STREAM_STALLED: "AUDIT_STREAM_STALLED",
  USAGE_THRESHOLD: "USAGE_THRESHOLD",
  INCIDENT_OPENED: "INCIDENT_OPENED",
  BULK_OPERATION_ENDED: "BULK_OPERATION_ENDED",
  REMINDER: "REMINDER",
  SCHEDULE_FAILED: "SCHEDULE_FAILED",
  MAINTENANCE_FAILED: "MAINTENANCE_FAILED",
  CONTRACT_EXPIRING: "CONTRACT_EXPIRING",
  CONTRACT_OBLIGATION_DUE: "CONTRACT_OBLIGATION_DUE",
  VENDOR_DOCUMENT_EXPIRING: "VENDOR_DOCUMENT_EXPIRING",
  VENDOR_OFFER: "VENDOR_OFFER",
  VENDOR_OFFER_ENDED: "VENDOR_OFFER_ENDED",
  MILESTONE_UPCOMING: "MILESTONE_UPCOMING",
  MILESTONE_OVERDUE: "MILESTONE_OVERDUE",
  MILESTONE_REACHED: "MILESTONE_REACHED",
  TASK_OVERDUE: "TASK_OVERDUE",
  ESCALATION: "ESCALATION",
  SLA_WARNING: "SLA_WARNING",
  SLA_BREACHED: "SLA_BREACHED",
  RULE: "RULE",
  WORKFLOW_NOTICE: "WORKFLOW_NOTICE",
} as const satisfies Record<NotificationKindName, NotificationKindName>;
export type NotificationKind = keyof typeof NotificationKind;

registerEnumType(NotificationKind, {
  name: "NotificationKind",
  description: "Reason for a notification.",
  valuesConfig: {
    TASK_OPENED: { description: "A task is waiting that you can do, for yourself or as a substitute (`params.inPlaceOf`)." },
    TASK_ASSIGNED: { description: "A task was assigned to you or to somebody you are substituting for." },
    TASK_COMMENT: {
      description: "Somebody asked you about a task, or answered or commented on a task that you claimed.",
    },
    SUBSTITUTE: { description: "You became a substitute for a period, or no longer are." },
    REQUEST_TRANSITIONED: { description: "Your request, or one that you watch, changed its state." },
    REQUEST_COMMENT: {
      description:
        "Somebody commented on your request, or on a request that you watch or that is assigned to you or your vendor. `params.audience` is that of the comment.",
    },
    REQUEST_MENTION: { description: "Somebody mentioned you in a comment on a request." },
    ASSIGNED: { description: "Work was assigned to you, your team, or your vendor." },
    USAGE_THRESHOLD: { description: "Usage reached 80 % of a limit of the plan. Sent to administrators." },
    INCIDENT_OPENED: {
      description: "A workflow cannot continue automatically. Sent to users who can resolve incidents in the whole tenant.",
    },
    SCHEDULE_FAILED: { description: "A run of a schedule that you own could not start its workflow." },
    MAINTENANCE_FAILED: { description: "An occurrence of a maintenance plan that you own could not create its request." },
    CONTRACT_EXPIRING: {
      description: "The last day for a notice of a contract that you are responsible for is near. `params.noticeBy` contains it.",
    },
    CONTRACT_OBLIGATION_DUE: {
      description: "An obligation of a contract that you are responsible for is due soon. `params.dueOn` contains the day.",
    },
    VENDOR_DOCUMENT_EXPIRING: {
      description:
        "A document of a vendor expires soon. Sent to users who decide on vendors and to the vendor's users. `params.validUntil` contains its last day.",
    },
    VENDOR_OFFER: { description: "A request was offered to your vendor. `params.number` and `params.title` say which." },
    VENDOR_OFFER_ENDED: {
      description: "An offer that you made, or that your vendor got, was accepted, declined or withdrawn, or has expired.",
    },
    MILESTONE_UPCOMING: {
      description: "The due day of a milestone that you are responsible for is near. `params.dueOn` contains it.",
    },
    MILESTONE_OVERDUE: {
      description: "The due day of a milestone that you are responsible for is over, and the milestone is not reached.",
    },
    MILESTONE_REACHED: {
      description: "A milestone was reached that you are responsible for, or of a project that you are a member of.",
    },
    WEBHOOK_DISABLED: {
      description: "A webhook was disabled, because its endpoint is gone or failed for days. Sent to administrators. See `params.reason`.",
    },
    AUDIT_STREAM_STALLED: {
      description:
        "A stream of the audit trail has sent nothing for a quarter of an hour, because its receiver refuses everything. Sent to administrators.",
    },
    TRIGGER_STOPPED: { description: "A trigger that acts with your rights caused itself repeatedly and was deactivated." },
    BULK_OPERATION_ENDED: { description: "A bulk operation that you started has finished. `params` contains the counts." },
    TASK_OVERDUE: {
      description: "The deadline of a task has passed. Sent to its assignee or candidates, or to those whom the definition references.",
    },
    ESCALATION: {
      description: "Work takes too long: a level of an escalation has occurred. `params` contains its name, level, and outcome.",
    },
    SLA_WARNING: {
      description:
        "An SLA clock has reached a warning. Sent to the assignee or the candidates, or to those whom the definition references.",
    },
    SLA_BREACHED: {
      description:
        "An SLA clock has reached its target. Sent to the assignee or the candidates, and to the leads of the team, or to those whom the definition references.",
    },
    RULE: {
      description:
        "A rule of your organization applies to an event. `params.rule` contains the rule's name, and `params.body` its further text.",
    },
    WORKFLOW_NOTICE: {
      description:
        "The definition of a workflow notifies you when a transition fires or a state is entered. `params.definitionKey` contains its key.",
    },
    REMINDER: { description: "A timer of the workflow reminds you of an instance or a task. `params.timer` contains its name." },
  },
});

const notificationColumns = columns({
  id: column.id("ID (`ntf_…`)."),
  kind: column.of(() => NotificationKind, "Reason for the notification."),
  title: column.text("Title, in one line."),
  params: column.json<Record<string, string>>("Values of the title by name, for clients that write their own text."),
  isRead: column.flag("Whether you have read it."),
  readAt: column.time("Time at which you read it. Null until then.", { nullable: true }),
  isArchived: column.flag("Whether you have archived it, or chosen not to get this kind in the app."),
  createdAt: column.time("Time of the event."),
});

@ShowColumns(notificationColumns)
@ObjectType({ description: "A notification.", implements: Node })
@Allow(can("notification.read"))
export class Notification extends shapeOf(notificationColumns) {
  readonly __typename = "Notification";

  /** Type and UUID of the object that it is about, for field resolvers. */
  subjectType!: string;
  subjectUuid!: string;
}

export const { Connection: NotificationConnection } = connectionOf(Notification, "Notification");

@ObjectType({ description: "A new notification." })
@Allow(inherit)
export class NotificationReceived {
  @Field(() => String, { description: "Cursor of this event. Pass it as `after` to resume after it." })
  cursor!: string;

  @Field(() => Notification, { description: "The notification." })
  notification!: Notification;
}

/** Converts a row to its API type. */
export function toNotification(row: NotificationRow): Notification {
  return Object.assign(new Notification(), notificationColumns.shown(row), {
    id: encodeId("notification", row.id),
    kind: row.kind as NotificationKind,
    isRead: row.readAt !== null,
    isArchived: row.archivedAt !== null,
    subjectType: row.subjectType,
    subjectUuid: row.subjectId,
  });
}

export const NotificationPayload = payloadOf(Notification, "notification");
export type NotificationPayload = InstanceType<typeof NotificationPayload>;
