import {
  type EventEnvelope,
  type EventPayload,
  holdersOf,
  membersOfRole,
  membersOfTeam,
  thoseWhoMayKnow,
  type Tx,
  usersOfVendor,
} from "@weft/shared";
import { findInstanceOwner } from "./instance-owner.store.js";
import type { NotificationKind } from "./notification.type.js";

/** Whom an event concerns, and what they are told. */
export interface Notice {
  readonly kind: NotificationKind;
  readonly title: string;
  readonly params: Record<string, string>;
  readonly subject: { readonly type: string; readonly id: string };
  /** UUIDs, each once. */
  readonly userIds: readonly string[];
}

/** Titles are one line of a list. */
const maxTitle = 200;

/** The types of events that somebody is told about. Never those of notifications: telling must not be told. */
export const noticedTypes = [
  "task.opened",
  "task.assigned",
  "task.remarked",
  "workflow.transitioned",
  "workflow.cancelled",
  "workflow.rolled_back",
  "workflow.assigned",
  "workflow.incident_opened",
  "usage.threshold_reached",
] as const;

/** What an event gives to tell, or null when it concerns nobody. */
export async function noticeOf(tx: Tx, event: EventEnvelope): Promise<Notice | null> {
  const notice = await anyNoticeOf(tx, event);
  if (notice === null) return null;
  // The title may hold values of the instance's data: it goes to nobody who may not see the instance.
  const { instanceId } = event.payload;
  const userIds = await thoseWhoMayKnow(tx, notice.userIds, typeof instanceId === "string" ? instanceId : notice.subject.id);
  return userIds.length > 0 ? { ...notice, title: shorten(notice.title), userIds } : null;
}

function anyNoticeOf(tx: Tx, event: EventEnvelope): Promise<Notice | null> {
  switch (event.type) {
    case "task.opened":
      return taskOpened(tx, event.payload as EventPayload<"task.opened">);
    case "task.assigned":
      return Promise.resolve(taskAssigned(event, event.payload as EventPayload<"task.assigned">));
    case "task.remarked":
      return Promise.resolve(taskRemarked(event, event.payload as EventPayload<"task.remarked">));
    case "workflow.transitioned":
    case "workflow.cancelled":
    case "workflow.rolled_back":
      return requestMoved(tx, event, event.payload as EventPayload<"workflow.cancelled">);
    case "workflow.assigned":
      return assigned(tx, event, event.payload as EventPayload<"workflow.assigned">);
    case "workflow.incident_opened":
      return incidentOpened(tx, event, event.payload as EventPayload<"workflow.incident_opened">);
    case "usage.threshold_reached":
      return usageThreshold(tx, event, event.payload as EventPayload<"usage.threshold_reached">);
    default:
      return Promise.resolve(null);
  }
}

/** Everybody who may take the task. Who moved the workflow may be among them: the task is new to him too. */
async function taskOpened(
  tx: Tx,
  { taskId, title, candidateRoles, candidateUserIds, candidateTeamIds, candidateVendorIds }: EventPayload<"task.opened">,
): Promise<Notice> {
  const userIds = [
    ...candidateUserIds,
    ...(await membersOfRole(tx, candidateRoles)),
    ...(await membersOfTeam(tx, candidateTeamIds)),
    ...(await usersOfVendor(tx, candidateVendorIds)),
  ];
  return { kind: "TASK_OPENED", title, params: { task: title }, subject: { type: "task", id: taskId }, userIds };
}

/** Who holds it now, unless he took it himself. */
function taskAssigned({ actorId }: EventEnvelope, { taskId, title, assigneeId }: EventPayload<"task.assigned">): Notice | null {
  if (assigneeId === null || assigneeId === actorId) return null;
  const subject = { type: "task", id: taskId };
  return { kind: "TASK_ASSIGNED", title: `Given to you: ${title}`, params: { task: title }, subject, userIds: [assigneeId] };
}

/** Of a question who is asked; of an answer or a comment who holds the task. */
function taskRemarked(
  { actorId }: EventEnvelope,
  { taskId, title, kind, askedId, assigneeId }: EventPayload<"task.remarked">,
): Notice | null {
  const whom = kind === "QUESTION" ? askedId : kind === "WITHDRAWAL" ? null : assigneeId;
  if (whom === null || whom === actorId) return null;
  const said = { QUESTION: "A question for you", ANSWER: "An answer", COMMENT: "A comment", WITHDRAWAL: "" }[kind];
  const subject = { type: "task", id: taskId };
  return { kind: "TASK_REMARK", title: `${said}: ${title}`, params: { task: title, remark: kind }, subject, userIds: [whom] };
}

/** The owner, unless he moved it himself. */
async function requestMoved(
  tx: Tx,
  { related, actorId }: EventEnvelope,
  { instanceId, from, to }: EventPayload<"workflow.cancelled">,
): Promise<Notice | null> {
  const requestId = related["request"];
  if (requestId === undefined) return null;
  const ownerId = await findInstanceOwner(tx, instanceId);
  const userIds = ownerId === null || ownerId === actorId ? [] : [ownerId];
  return {
    kind: "REQUEST_MOVED",
    title: `Your request moved from ${from} to ${to}`,
    params: { from, to },
    subject: { type: "request", id: requestId },
    userIds,
  };
}

/** The user, the team's members or the vendor's users; not who assigned it. */
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

/** Those who may resolve it; what it is about they read there. */
async function incidentOpened(
  tx: Tx,
  { related }: EventEnvelope,
  { instanceId, definitionKey, kind }: EventPayload<"workflow.incident_opened">,
): Promise<Notice> {
  const requestId = related["request"];
  return {
    kind: "INCIDENT_OPENED",
    title: `A workflow cannot go on by itself: ${definitionKey}`,
    params: { definitionKey, incidentKind: kind },
    subject: requestId === undefined ? { type: "instance", id: instanceId } : { type: "request", id: requestId },
    userIds: await holdersOf(tx, "incident.resolve"),
  };
}

/** Those who can do something about it. */
async function usageThreshold(
  tx: Tx,
  { tenantId }: EventEnvelope,
  { limit, used, allowed }: EventPayload<"usage.threshold_reached">,
): Promise<Notice> {
  return {
    kind: "USAGE_THRESHOLD",
    title: `The plan's limit ${limit} is ${used < allowed ? "nearly " : ""}reached: ${used} of ${allowed} are used`,
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
