/** What templates can show: the names and types of variables for each kind of notification. */
import type { NotificationKind } from "../../notification.type.js";

/** `TEXT`: escaped where it is shown. `TIME`: ISO 8601, for the filter `date`. `URL`: an address that Weft made, the only ones that links can have. */
export const VariableType = { TEXT: "TEXT", TIME: "TIME", URL: "URL" } as const;
export type VariableType = keyof typeof VariableType;

export interface Variable {
  readonly type: VariableType;
  readonly description: string;
}

const common: Readonly<Record<string, Variable>> = {
  title: { type: "TEXT", description: "Title of the notification in English, as `Notification.title`." },
  createdAt: { type: "TIME", description: "Time of the event." },
  url: { type: "URL", description: "Where the object is shown in your application." },
  unsubscribeUrl: { type: "URL", description: "Ends messages of this kind with one click. Empty for kinds that cannot be switched off." },
  "recipient.name": { type: "TEXT", description: "Name of the recipient." },
  "recipient.timeZone": { type: "TEXT", description: "Time zone of the recipient, such as `Europe/Amsterdam`." },
  "tenant.name": { type: "TEXT", description: "Name of the organization." },
};

const text = (description: string): Variable => ({ type: "TEXT", description });
const time = (description: string): Variable => ({ type: "TIME", description });

const task = { task: text("Title of the task.") };
const definition = { definitionKey: text("Key of the workflow's definition.") };
const sla = {
  ...definition,
  sla: text("Name of the SLA."),
  dueAt: time("Time of its target."),
  remainingSeconds: text("Seconds until the target; negative after it."),
};
const milestone = { milestone: text("Name of the milestone."), dueOn: text("Its due day.") };
const offer = { number: text("Number of the request."), title: text("Its title."), event: text("What happened to the offer.") };
const failedRun = { plannedAt: time("Time for which it was planned."), code: text("Code of the error.") };
const contract = { contract: text("Number of the contract."), title: text("Title of the contract or of the obligation.") };

/** The values of `Notification.params`, by kind. */
const params: Readonly<Record<NotificationKind, Readonly<Record<string, Variable>>>> = {
  TASK_OPENED: task,
  TASK_ASSIGNED: task,
  TASK_COMMENT: { ...task, comment: text("Whether it is a question, an answer, or a comment.") },
  TASK_OVERDUE: { ...task, dueAt: time("The deadline that has passed.") },
  SUBSTITUTE: { inPlaceOf: text("ID of the absent user."), startsAt: time("Start of the period."), endsAt: time("End of the period.") },
  REQUEST_TRANSITIONED: { from: text("The state before."), to: text("The state after.") },
  REQUEST_COMMENT: { audience: text("Audience of the comment.") },
  REQUEST_MENTION: { audience: text("Audience of the comment.") },
  ASSIGNED: {
    ...definition,
    assigneeType: text("Whether it was assigned to a user, a team, or a vendor."),
    role: text("Role of the vendor in a project."),
  },
  RULE: {
    rule: text("Name of the rule."),
    ruleId: text("ID of the rule."),
    body: text("Text of the rule with the values of the event."),
  },
  WORKFLOW_NOTICE: { ...definition, state: text("State of the workflow after the change.") },
  WEBHOOK_DISABLED: { webhook: text("Name of the webhook."), reason: text("Why it was disabled.") },
  AUDIT_STREAM_STALLED: { stream: text("Name of the stream."), since: text("Time of the first failure.") },
  TRIGGER_STOPPED: { trigger: text("Name of the trigger."), reason: text("Why it was deactivated.") },
  USAGE_THRESHOLD: { limit: text("Name of the limit."), used: text("What is used."), allowed: text("What the plan allows.") },
  INCIDENT_OPENED: { ...definition, incidentKind: text("Kind of the incident.") },
  BULK_OPERATION_ENDED: {
    operationKind: text("Kind of the operation."),
    status: text("Status of the operation."),
    transition: text("The transition that was called."),
  },
  REMINDER: { ...definition, timer: text("Name of the timer.") },
  SCHEDULE_FAILED: { schedule: text("Name of the schedule."), ...failedRun },
  MAINTENANCE_FAILED: { plan: text("Name of the maintenance plan."), ...failedRun },
  CONTRACT_EXPIRING: { ...contract, endsOn: text("Last day of the contract."), noticeBy: text("Last day for a notice.") },
  CONTRACT_OBLIGATION_DUE: { ...contract, dueOn: text("Due day."), days: text("Days until then.") },
  VENDOR_DOCUMENT_EXPIRING: {
    kind: text("Kind of the document."),
    title: text("Its title."),
    vendor: text("Name of the vendor."),
    validUntil: text("Its last day."),
    days: text("Days until then."),
  },
  VENDOR_OFFER: offer,
  VENDOR_OFFER_ENDED: offer,
  MILESTONE_UPCOMING: { ...milestone, days: text("Days until then.") },
  MILESTONE_OVERDUE: milestone,
  MILESTONE_REACHED: milestone,
  ESCALATION: {
    ...definition,
    escalation: text("Name of the escalation."),
    level: text("Its level, from 1."),
    outcome: text("What the level did."),
  },
  SLA_WARNING: sla,
  SLA_BREACHED: sla,
};

/** Returns the variables of a kind by their paths, such as `recipient.name` and `params.task`. */
export function variablesOf(kind: NotificationKind): Readonly<Record<string, Variable>> {
  const own = Object.entries(params[kind]).map(([name, variable]) => [`params.${name}`, variable] as const);
  return { ...common, ...Object.fromEntries(own) };
}
