import {
  encodeId,
  type EventEnvelope,
  type EventPayload,
  holdersOf,
  membersOfRole,
  membersOfTeam,
  standInsOf,
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

/** A notice, and of whom the stand-ins are told too: those whom the work names. */
type NoticeAndNamed = Notice & { readonly named?: readonly string[] };

/** The types of events that somebody is told about. Never those of notifications: telling must not be told. */
export const noticedTypes = [
  "task.opened",
  "task.assigned",
  "task.remarked",
  "absence.changed",
  "workflow.transitioned",
  "workflow.cancelled",
  "workflow.rolled_back",
  "workflow.assigned",
  "workflow.incident_opened",
  "bulkOperation.ended",
  "usage.threshold_reached",
] as const;

/** What an event gives to tell; nothing when it concerns nobody. Nobody is in two of the notices. */
export async function noticesOf(tx: Tx, event: EventEnvelope): Promise<Notice[]> {
  // Of an absence there is nothing that somebody may not see, and nobody who stands in for whom it names.
  if (event.type === "absence.changed") return standInsAsked(event, event.payload as EventPayload<"absence.changed">);
  const found = await anyNoticeOf(tx, event);
  if (found === null) return [];
  const { named = [], ...notice } = found;
  const notices = [notice, ...(await standInNotices(tx, event, notice, named))];
  // The title may hold values of the instance's data: it goes to nobody who may not see the instance.
  const { instanceId } = event.payload;
  const objectId = typeof instanceId === "string" ? instanceId : notice.subject.id;
  const known = await thoseWhoMayKnow(tx, [...new Set(notices.flatMap(({ userIds }) => userIds))], objectId);
  return notices.flatMap((one) => {
    const userIds = known.filter((id) => one.userIds.includes(id));
    return userIds.length > 0 ? [{ ...one, title: shorten(one.title), userIds }] : [];
  });
}

/** The same for who stands in, when it happens, for somebody whom the work names: what that person is told while away waits for nobody else. */
async function standInNotices(tx: Tx, { actorId, occurredAt }: EventEnvelope, notice: Notice, named: readonly string[]): Promise<Notice[]> {
  const told = new Set(notice.userIds);
  const notices = new Map<string, Notice>();
  for (const { absentId, standInId } of await standInsOf(tx, named, occurredAt)) {
    if (standInId === actorId || told.has(standInId)) continue;
    told.add(standInId);
    const params = { ...notice.params, inPlaceOf: encodeId("user", absentId) };
    const one = notices.get(absentId) ?? { ...notice, title: `As a stand-in: ${notice.title}`, params, userIds: [] };
    notices.set(absentId, { ...one, userIds: [...one.userIds, standInId] });
  }
  return [...notices.values()];
}

function anyNoticeOf(tx: Tx, event: EventEnvelope): Promise<NoticeAndNamed | null> {
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
    case "bulkOperation.ended":
      return Promise.resolve(bulkOperationEnded(event, event.payload as EventPayload<"bulkOperation.ended">));
    case "usage.threshold_reached":
      return usageThreshold(tx, event, event.payload as EventPayload<"usage.threshold_reached">);
    default:
      return Promise.resolve(null);
  }
}

/** Everybody who may take the task; when routing has given it to one of them, that one. Who moved the workflow may be among them: the task is new to him too. */
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
    return { kind: "TASK_ASSIGNED", title: `Given to you: ${title}`, ...about, userIds: [assigneeId], named: [assigneeId] };
  if (isAlike) return null;
  const userIds = [
    ...candidateUserIds,
    ...(await membersOfRole(tx, candidateRoles)),
    ...(await membersOfTeam(tx, candidateTeamIds)),
    ...(await usersOfVendor(tx, candidateVendorIds)),
  ];
  return { kind: "TASK_OPENED", title, ...about, userIds, named: candidateUserIds };
}

/** Who holds it now, unless he took it himself. */
function taskAssigned({ actorId }: EventEnvelope, { taskId, title, assigneeId }: EventPayload<"task.assigned">): NoticeAndNamed | null {
  if (assigneeId === null || assigneeId === actorId) return null;
  const subject = { type: "task", id: taskId };
  const userIds = [assigneeId];
  return { kind: "TASK_ASSIGNED", title: `Given to you: ${title}`, params: { task: title }, subject, userIds, named: userIds };
}

/** Of a question who is asked; of an answer or a comment who holds the task. */
function taskRemarked(
  { actorId }: EventEnvelope,
  { taskId, title, kind, askedId, assigneeId }: EventPayload<"task.remarked">,
): NoticeAndNamed | null {
  const whom = kind === "QUESTION" ? askedId : kind === "WITHDRAWAL" ? null : assigneeId;
  if (whom === null || whom === actorId) return null;
  const said = { QUESTION: "A question for you", ANSWER: "An answer", COMMENT: "A comment", WITHDRAWAL: "" }[kind];
  const subject = { type: "task", id: taskId };
  return {
    kind: "TASK_REMARK",
    title: `${said}: ${title}`,
    params: { task: title, remark: kind },
    subject,
    userIds: [whom],
    named: [whom],
  };
}

/** Who stands in, and who did before; unless they said so themselves. What waits already is in the queue of who stands in from then on. */
function standInsAsked(
  { actorId, occurredAt, subjectId }: EventEnvelope,
  { userId, standInId, formerStandInId, startsAt, endsAt }: EventPayload<"absence.changed">,
): Notice[] {
  const isOver = Date.parse(endsAt) <= Date.parse(occurredAt) || Date.parse(endsAt) <= Date.parse(startsAt);
  const about = {
    kind: "STAND_IN",
    params: { inPlaceOf: encodeId("user", userId), startsAt, endsAt },
    subject: { type: "absence", id: subjectId },
  } as const;
  const over = "You stand in no longer";
  const now = isOver ? over : `You stand in from ${startsAt.slice(0, 10)} to ${endsAt.slice(0, 10)}`;
  return [
    ...(standInId === actorId ? [] : [{ ...about, title: now, userIds: [standInId] }]),
    ...(typeof formerStandInId !== "string" || formerStandInId === actorId ? [] : [{ ...about, title: over, userIds: [formerStandInId] }]),
  ];
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

/** Who began it, whoever stopped it: so much was done in the background meanwhile. */
function bulkOperationEnded(
  { subjectId }: EventEnvelope,
  { kind, status, transition, createdBy, total, done, refused, failed, left }: EventPayload<"bulkOperation.ended">,
): Notice {
  const what = { TRANSITION: transition ?? "Transition", MIGRATION: "Migration", UNDO: "Taking back a migration" }[kind];
  const how = { COMPLETED: "", CANCELLED: "Stopped: ", FAILED: "Ended early: " }[status];
  const counts = [
    `${done} done`,
    ...(refused > 0 ? [`${refused} refused`] : []),
    ...(failed > 0 ? [`${failed} failed`] : []),
    ...(left > 0 ? [`${left} left as they are`] : []),
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
