import {
  encodeId,
  type EventEnvelope,
  type EventPayload,
  holdersOf,
  leadsOfTeam,
  membersOfRole,
  membersOfTeam,
  substitutesOf,
  usersWhoCanSee,
  type Tx,
  usersOfVendor,
} from "@weft/shared";
import { findInstanceOwner } from "./instance-owner.store.js";
import type { NotificationKind } from "./notification.type.js";

/** A notification and its recipients. */
export interface Notice {
  readonly kind: NotificationKind;
  readonly title: string;
  readonly params: Record<string, string>;
  readonly subject: { readonly type: string; readonly id: string };
  /** UUIDs, without duplicates. */
  readonly userIds: readonly string[];
}

/** Maximum length. A title is shown on one line of a list. */
const maxTitle = 200;

/** A notice, and the users whose substitutes are notified too: those named directly by the work. */
type NoticeAndNamed = Notice & { readonly named?: readonly string[] };

/** Types of events that cause notifications. Must not include events of notifications, because these would cause an endless loop. */
export const noticedTypes = [
  "task.opened",
  "task.assigned",
  "task.commented",
  "task.overdue",
  "sla.warning",
  "sla.breached",
  "absence.changed",
  "workflow.transitioned",
  "workflow.cancelled",
  "workflow.rolled_back",
  "workflow.assigned",
  "workflow.incident_opened",
  "workflow.reminded",
  "escalation.occurred",
  "bulkOperation.ended",
  "schedule.run_failed",
  "usage.threshold_reached",
  "trigger.deactivated",
] as const;

/** Returns the notices for an event. Empty if it concerns nobody. No user is in more than one of them. */
export async function noticesOf(tx: Tx, event: EventEnvelope): Promise<Notice[]> {
  // Absences contain nothing that must be hidden from their recipients, and substitutes of the users involved are not notified.
  if (event.type === "absence.changed") return substitutesAsked(event, event.payload as EventPayload<"absence.changed">);
  const found = await anyNoticeOf(tx, event);
  if (found === null) return [];
  const { named = [], ...notice } = found;
  const notices = [notice, ...(await substituteNotices(tx, event, notice, named))];
  // The title can contain values of the instance's data, so only users who can see the instance are notified.
  const { instanceId } = event.payload;
  const objectId = typeof instanceId === "string" ? instanceId : notice.subject.id;
  const known = await usersWhoCanSee(tx, [...new Set(notices.flatMap(({ userIds }) => userIds))], objectId);
  return notices.flatMap((one) => {
    const userIds = known.filter((id) => one.userIds.includes(id));
    return userIds.length > 0 ? [{ ...one, title: shorten(one.title), userIds }] : [];
  });
}

/**
 * Returns the same notice for the users who, at the time of the event, are substitutes of the users named by the work. Notices to an absent user
 * therefore do not stay unnoticed.
 */
async function substituteNotices(
  tx: Tx,
  { actorId, occurredAt }: EventEnvelope,
  notice: Notice,
  named: readonly string[],
): Promise<Notice[]> {
  const told = new Set(notice.userIds);
  const notices = new Map<string, Notice>();
  for (const { absentId, substituteId } of await substitutesOf(tx, named, occurredAt)) {
    if (substituteId === actorId || told.has(substituteId)) continue;
    told.add(substituteId);
    const params = { ...notice.params, inPlaceOf: encodeId("user", absentId) };
    const one = notices.get(absentId) ?? { ...notice, title: `As a substitute: ${notice.title}`, params, userIds: [] };
    notices.set(absentId, { ...one, userIds: [...one.userIds, substituteId] });
  }
  return [...notices.values()];
}

function anyNoticeOf(tx: Tx, event: EventEnvelope): Promise<NoticeAndNamed | null> {
  switch (event.type) {
    case "task.opened":
      return taskOpened(tx, event.payload as EventPayload<"task.opened">);
    case "task.assigned":
      return Promise.resolve(taskAssigned(event, event.payload as EventPayload<"task.assigned">));
    case "task.commented":
      return Promise.resolve(taskCommented(event, event.payload as EventPayload<"task.commented">));
    case "workflow.transitioned":
    case "workflow.cancelled":
    case "workflow.rolled_back":
      return requestTransitioned(tx, event, event.payload as EventPayload<"workflow.cancelled">);
    case "workflow.assigned":
      return assigned(tx, event, event.payload as EventPayload<"workflow.assigned">);
    case "workflow.incident_opened":
      return incidentOpened(tx, event, event.payload as EventPayload<"workflow.incident_opened">);
    case "task.overdue":
      return taskOverdue(tx, event.payload as EventPayload<"task.overdue">);
    case "sla.warning":
    case "sla.breached":
      return slaReached(tx, event, event.payload as EventPayload<"sla.warning">);
    case "workflow.reminded":
      return reminded(tx, event, event.payload as EventPayload<"workflow.reminded">);
    case "escalation.occurred":
      return escalated(tx, event, event.payload as EventPayload<"escalation.occurred">);
    case "bulkOperation.ended":
      return Promise.resolve(bulkOperationEnded(event, event.payload as EventPayload<"bulkOperation.ended">));
    case "schedule.run_failed":
      return scheduleFailed(tx, event, event.payload as EventPayload<"schedule.run_failed">);
    case "trigger.deactivated":
      return Promise.resolve(triggerStopped(event, event.payload as EventPayload<"trigger.deactivated">));
    case "usage.threshold_reached":
      return usageThreshold(tx, event, event.payload as EventPayload<"usage.threshold_reached">);
    default:
      return Promise.resolve(null);
  }
}

/**
 * Notifies all users who can claim the task, or only the assignee if routing has assigned it. The user who fired the transition is included, because
 * the task is new to them too.
 */
async function taskOpened(
  tx: Tx,
  {
    taskId,
    title,
    assigneeId,
    candidateRoles,
    candidateUserIds,
    candidateTeamIds,
    candidateVendorIds,
    isAlike = false,
  }: EventPayload<"task.opened">,
): Promise<NoticeAndNamed | null> {
  const about = { params: { task: title }, subject: { type: "task", id: taskId } };
  if (assigneeId !== null)
    return { kind: "TASK_ASSIGNED", title: `Assigned to you: ${title}`, ...about, userIds: [assigneeId], named: [assigneeId] };
  if (isAlike) return null;
  const userIds = [
    ...candidateUserIds,
    ...(await membersOfRole(tx, candidateRoles)),
    ...(await membersOfTeam(tx, candidateTeamIds)),
    ...(await usersOfVendor(tx, candidateVendorIds)),
  ];
  return { kind: "TASK_OPENED", title, ...about, userIds, named: candidateUserIds };
}

/** Notifies the new assignee, unless they claimed it themselves. */
function taskAssigned({ actorId }: EventEnvelope, { taskId, title, assigneeId }: EventPayload<"task.assigned">): NoticeAndNamed | null {
  if (assigneeId === null || assigneeId === actorId) return null;
  const subject = { type: "task", id: taskId };
  const userIds = [assigneeId];
  return { kind: "TASK_ASSIGNED", title: `Assigned to you: ${title}`, params: { task: title }, subject, userIds, named: userIds };
}

/** Notifies the asked user of a question, and the assignee of an answer or a comment. */
function taskCommented(
  { actorId }: EventEnvelope,
  { taskId, title, kind, askedId, assigneeId }: EventPayload<"task.commented">,
): NoticeAndNamed | null {
  const whom = kind === "QUESTION" ? askedId : kind === "WITHDRAWAL" ? null : assigneeId;
  if (whom === null || whom === actorId) return null;
  const said = { QUESTION: "A question for you", ANSWER: "An answer", COMMENT: "A comment", WITHDRAWAL: "" }[kind];
  const subject = { type: "task", id: taskId };
  return {
    kind: "TASK_COMMENT",
    title: `${said}: ${title}`,
    params: { task: title, comment: kind },
    subject,
    userIds: [whom],
    named: [whom],
  };
}

/**
 * Notifies the substitute and the former substitute, unless they made the change themselves. Existing work appears in the substitute's queue from the
 * start of the absence.
 */
function substitutesAsked(
  { actorId, occurredAt, subjectId }: EventEnvelope,
  { userId, substituteId, formerSubstituteId, startsAt, endsAt }: EventPayload<"absence.changed">,
): Notice[] {
  const isOver = Date.parse(endsAt) <= Date.parse(occurredAt) || Date.parse(endsAt) <= Date.parse(startsAt);
  const about = {
    kind: "SUBSTITUTE",
    params: { inPlaceOf: encodeId("user", userId), startsAt, endsAt },
    subject: { type: "absence", id: subjectId },
  } as const;
  const over = "You are no longer a substitute";
  const now = isOver ? over : `You are a substitute from ${startsAt.slice(0, 10)} to ${endsAt.slice(0, 10)}`;
  return [
    ...(substituteId === actorId ? [] : [{ ...about, title: now, userIds: [substituteId] }]),
    ...(typeof formerSubstituteId !== "string" || formerSubstituteId === actorId
      ? []
      : [{ ...about, title: over, userIds: [formerSubstituteId] }]),
  ];
}

/** Notifies the owner, unless they fired the transition themselves. */
async function requestTransitioned(
  tx: Tx,
  { related, actorId }: EventEnvelope,
  { instanceId, from, to }: EventPayload<"workflow.cancelled">,
): Promise<Notice | null> {
  const requestId = related["request"];
  if (requestId === undefined) return null;
  const ownerId = await findInstanceOwner(tx, instanceId);
  const userIds = ownerId === null || ownerId === actorId ? [] : [ownerId];
  return {
    kind: "REQUEST_TRANSITIONED",
    title: `Your request moved from ${from} to ${to}`,
    params: { from, to },
    subject: { type: "request", id: requestId },
    userIds,
  };
}

/** Notifies the user, the members of the team or the users of the vendor, except the user who assigned the work. */
async function assigned(
  tx: Tx,
  { related, actorId }: EventEnvelope,
  { instanceId, definitionKey, assignee }: EventPayload<"workflow.assigned">,
): Promise<Notice | null> {
  if (assignee === null) return null;
  const requestId = related["request"];
  const subject = requestId === undefined ? { type: "instance", id: instanceId } : { type: "request", id: requestId };
  const toWhom = { USER: "you", TEAM: "your team", VENDOR: "your company" }[assignee.type];
  const userIds = (await usersBehind(tx, assignee)).filter((userId) => userId !== actorId);
  return {
    kind: "ASSIGNED",
    title: `Assigned to ${toWhom}: ${definitionKey}`,
    params: { definitionKey, assigneeType: assignee.type },
    subject,
    userIds,
  };
}

/** Notifies the users who can resolve the incident. The details are in the incident itself. */
async function incidentOpened(
  tx: Tx,
  { related }: EventEnvelope,
  { instanceId, definitionKey, kind }: EventPayload<"workflow.incident_opened">,
): Promise<Notice> {
  const requestId = related["request"];
  return {
    kind: "INCIDENT_OPENED",
    title: `A workflow cannot continue automatically: ${definitionKey}`,
    params: { definitionKey, incidentKind: kind },
    subject: requestId === undefined ? { type: "instance", id: instanceId } : { type: "request", id: requestId },
    userIds: await holdersOf(tx, "incident.resolve"),
  };
}

/** Notifies the users whom the definition's timer references, as they were when it fired. */
async function reminded(
  tx: Tx,
  { related }: EventEnvelope,
  { instanceId, definitionKey, timer, taskId, title, ...people }: EventPayload<"workflow.reminded">,
): Promise<NoticeAndNamed> {
  const requestId = related["request"];
  const subject =
    taskId !== null
      ? { type: "task", id: taskId }
      : requestId === undefined
        ? { type: "instance", id: instanceId }
        : { type: "request", id: requestId };
  const userIds = await everybodyIn(tx, people);
  return { kind: "REMINDER", title: `Reminder: ${title}`, params: { definitionKey, timer }, subject, userIds, named: people.userIds };
}

/** Notifies the users whom the level references, and those to whom it has offered tasks. */
async function escalated(
  tx: Tx,
  { related }: EventEnvelope,
  { instanceId, definitionKey, chain, title, level, outcome, about, taskId, notified }: EventPayload<"escalation.occurred">,
): Promise<NoticeAndNamed> {
  const requestId = related["request"];
  const subject =
    taskId !== null
      ? { type: "task", id: taskId }
      : requestId === undefined
        ? { type: "instance", id: instanceId }
        : { type: "request", id: requestId };
  return {
    kind: "ESCALATION",
    title: `${title} (level ${level}): ${about}`,
    params: { definitionKey, escalation: chain, level: String(level), outcome },
    subject,
    userIds: await everybodyIn(tx, notified),
    named: notified.userIds,
  };
}

/** Notifies the users whom the definition's rule references; by default the assignee or the candidates. */
async function taskOverdue(tx: Tx, { taskId, title, dueAt, notified }: EventPayload<"task.overdue">): Promise<NoticeAndNamed> {
  const userIds = await everybodyIn(tx, notified);
  const subject = { type: "task", id: taskId };
  return { kind: "TASK_OVERDUE", title: `Overdue: ${title}`, params: { task: title, dueAt }, subject, userIds, named: notified.userIds };
}

/** Notifies the users whom the definition's SLA references, as they were when the clock reached the warning or its target. */
async function slaReached(
  tx: Tx,
  { type, related }: EventEnvelope,
  { instanceId, taskId, definitionKey, sla, dueAt, remainingSeconds, notified }: EventPayload<"sla.warning">,
): Promise<NoticeAndNamed | null> {
  if (notified === undefined) return null;
  const isBreach = type === "sla.breached";
  const requestId = related["request"];
  const subject =
    taskId !== null
      ? { type: "task", id: taskId }
      : requestId === undefined
        ? { type: "instance", id: instanceId }
        : { type: "request", id: requestId };
  return {
    kind: isBreach ? "SLA_BREACHED" : "SLA_WARNING",
    title: `${isBreach ? "SLA breached" : "SLA at risk"}: ${sla}`,
    params: { definitionKey, sla, dueAt: dueAt ?? "", remainingSeconds: String(remainingSeconds) },
    subject,
    userIds: await everybodyIn(tx, notified),
    named: notified.userIds,
  };
}

async function everybodyIn(
  tx: Tx,
  { userIds, roles, teamIds, vendorIds, ledTeamIds }: EventPayload<"task.overdue">["notified"],
): Promise<string[]> {
  const all = [
    ...userIds,
    ...(await membersOfRole(tx, roles)),
    ...(await membersOfTeam(tx, teamIds)),
    ...(await usersOfVendor(tx, vendorIds)),
    ...(await leadsOfTeam(tx, ledTeamIds)),
  ];
  return [...new Set(all)];
}

/** Notifies the user who started the bulk operation, even if another user stopped it, because it ran in the background. */
function bulkOperationEnded(
  { subjectId }: EventEnvelope,
  { kind, status, transition, createdBy, total, done, refused, failed, left }: EventPayload<"bulkOperation.ended">,
): Notice {
  const what = { TRANSITION: transition ?? "Transition", MIGRATION: "Migration", UNDO: "Undoing a migration" }[kind];
  const how = { COMPLETED: "", CANCELLED: "Stopped: ", FAILED: "Ended early: " }[status];
  const counts = [
    `${done} done`,
    ...(refused > 0 ? [`${refused} refused`] : []),
    ...(failed > 0 ? [`${failed} failed`] : []),
    ...(left > 0 ? [`${left} unchanged`] : []),
  ];
  return {
    kind: "BULK_OPERATION_ENDED",
    title: `${how}${what} at ${total} ${total === 1 ? "instance" : "instances"}: ${counts.join(", ")}`,
    params: {
      operationKind: kind,
      status,
      transition: transition ?? "",
      total: String(total),
      done: String(done),
      refused: String(refused),
      failed: String(failed),
      left: String(left),
    },
    subject: { type: "bulkOperation", id: subjectId },
    userIds: [createdBy],
  };
}

/** Notifies the owner. If the schedule has paused itself, also the users who manage schedules, because the owner may have left. */
async function scheduleFailed(
  tx: Tx,
  { subjectId }: EventEnvelope,
  { name, plannedAt, code, ownerId, isPaused }: EventPayload<"schedule.run_failed">,
): Promise<Notice> {
  const others = isPaused ? await holdersOf(tx, "schedule.manage") : [];
  return {
    kind: "SCHEDULE_FAILED",
    title: `${isPaused ? "A schedule was paused after failed runs" : "A scheduled run failed"}: ${name}`,
    params: { schedule: name, plannedAt, code },
    subject: { type: "schedule", id: subjectId },
    userIds: [...new Set([ownerId, ...others])],
  };
}

/** Notifies the user with whose rights the trigger acted, unless somebody deactivated it by hand. */
function triggerStopped({ subjectId }: EventEnvelope, { name, userId, reason }: EventPayload<"trigger.deactivated">): Notice | null {
  if (reason === null) return null;
  return {
    kind: "TRIGGER_STOPPED",
    title: `A trigger caused itself repeatedly and was deactivated: ${name}`,
    params: { trigger: name, reason },
    subject: { type: "trigger", id: subjectId },
    userIds: [userId],
  };
}

/** Notifies the administrators, who can act on it. */
async function usageThreshold(
  tx: Tx,
  { tenantId }: EventEnvelope,
  { limit, used, allowed }: EventPayload<"usage.threshold_reached">,
): Promise<Notice> {
  return {
    kind: "USAGE_THRESHOLD",
    title: `The plan's limit ${limit} is ${used < allowed ? "nearly " : ""}reached: ${used} of ${allowed} used`,
    params: { limit, used: String(used), allowed: String(allowed) },
    subject: { type: "tenant", id: tenantId },
    userIds: await membersOfRole(tx, ["admin"]),
  };
}

function usersBehind(tx: Tx, { type, id }: NonNullable<EventPayload<"workflow.assigned">["assignee"]>): Promise<string[]> {
  switch (type) {
    case "USER":
      return Promise.resolve([id]);
    case "TEAM":
      return membersOfTeam(tx, [id]);
    case "VENDOR":
      return usersOfVendor(tx, [id]);
    default:
      return type satisfies never;
  }
}

const shorten = (title: string): string => (title.length > maxTitle ? `${title.slice(0, maxTitle - 1)}…` : title);
