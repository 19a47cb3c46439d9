import type { MessageDescriptor } from "@lingui/core";
import { msg } from "@lingui/core/macro";
import { can, type Viewer } from "../../frame/viewer";
import type { NotificationKind } from "../../gql/graphql";

interface Kind {
  readonly title: MessageDescriptor;
  readonly group: keyof typeof groups;
  /** Of users without it, nobody is notified. */
  readonly permission?: string;
}

/** Parts of the page, in their order. */
export const groups = {
  tasks: msg`Tasks`,
  requests: msg`Requests`,
  deadlines: msg`Deadlines`,
  vendors: msg`Offers and documents of vendors`,
  projects: msg`Projects and contracts`,
  operation: msg`Operation`,
} as const;

const kinds = {
  TASK_OPENED: { group: "tasks", title: msg`A task is waiting for you` },
  TASK_ASSIGNED: { group: "tasks", title: msg`A task was assigned to you` },
  TASK_COMMENT: { group: "tasks", title: msg`A question or a comment on your task` },
  TASK_OVERDUE: { group: "tasks", title: msg`A task is overdue` },
  REMINDER: { group: "tasks", title: msg`Reminders` },
  SUBSTITUTE: { group: "tasks", title: msg`You became a substitute, or no longer are` },
  ASSIGNED: { group: "requests", title: msg`A request was assigned to you or your team` },
  REQUEST_TRANSITIONED: { group: "requests", title: msg`A request of yours has a new state` },
  REQUEST_COMMENT: { group: "requests", title: msg`A comment on a request of yours` },
  REQUEST_MENTION: { group: "requests", title: msg`Somebody mentions you` },
  WORKFLOW_NOTICE: { group: "requests", title: msg`Notices of workflows` },
  RULE: { group: "requests", title: msg`Rules of your organization` },
  SLA_WARNING: { group: "deadlines", title: msg`A service level is about to be missed` },
  SLA_BREACHED: { group: "deadlines", title: msg`A service level is missed` },
  ESCALATION: { group: "deadlines", title: msg`Work takes too long` },
  VENDOR_OFFER: { group: "vendors", title: msg`A request is offered to your company` },
  VENDOR_OFFER_ENDED: { group: "vendors", title: msg`An offer was accepted or has ended` },
  VENDOR_DOCUMENT_EXPIRING: { group: "vendors", title: msg`A document expires soon` },
  MILESTONE_UPCOMING: { group: "projects", title: msg`A milestone is near`, permission: "project.read" },
  MILESTONE_OVERDUE: { group: "projects", title: msg`A milestone is overdue`, permission: "project.read" },
  MILESTONE_REACHED: { group: "projects", title: msg`A milestone is reached`, permission: "project.read" },
  CONTRACT_EXPIRING: { group: "projects", title: msg`The notice period of a contract begins`, permission: "contract.read" },
  CONTRACT_OBLIGATION_DUE: { group: "projects", title: msg`An obligation of a contract is due`, permission: "contract.read" },
  BULK_OPERATION_ENDED: { group: "operation", title: msg`A change of many requests has ended`, permission: "workflow.bulk" },
  INCIDENT_OPENED: { group: "operation", title: msg`A workflow has stopped`, permission: "incident.resolve" },
  TRIGGER_STOPPED: { group: "operation", title: msg`A trigger was deactivated`, permission: "trigger.manage" },
  SCHEDULE_FAILED: { group: "operation", title: msg`A schedule could not start its workflow`, permission: "schedule.manage" },
  MAINTENANCE_FAILED: {
    group: "operation",
    title: msg`A maintenance plan could not create its request`,
    permission: "maintenancePlan.create",
  },
  WEBHOOK_DISABLED: { group: "operation", title: msg`A webhook was disabled`, permission: "webhook.manage" },
  AUDIT_STREAM_STALLED: { group: "operation", title: msg`A stream of the audit trail stands still`, permission: "auditStream.manage" },
  USAGE_THRESHOLD: { group: "operation", title: msg`Usage reaches a limit of the plan`, permission: "tenant.read" },
} as const satisfies Record<NotificationKind, Kind>;

export const kindTitle = (kind: NotificationKind): MessageDescriptor => kinds[kind].title;

/** Returns the kinds of a group that the user can get. */
export const kindsOf = (group: keyof typeof groups, viewer: Viewer | null): readonly NotificationKind[] =>
  (Object.keys(kinds) as NotificationKind[]).filter((name) => {
    const kind: Kind = kinds[name];
    return kind.group === group && (kind.permission === undefined || can(viewer, kind.permission));
  });
