/** Notices about tasks and absences. */
import type { EventEnvelope, EventPayload } from "@weft/shared/event-catalog";
import { encodeId } from "@weft/shared/ids";
import type { Tx } from "@weft/platform/db";
import { membersOfRole, membersOfTeam, usersOfVendor } from "@weft/platform/directory";
import { everybodyIn, type Notice, type NoticeAndNamed } from "./notice.js";

/**
 * Notifies all users who can claim the task, or only the assignee if routing has assigned it. The user who fired the transition is included, because
 * the task is new to them too.
 */
export async function taskOpened(
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
export function taskAssigned(
  { actorId }: EventEnvelope,
  { taskId, title, assigneeId }: EventPayload<"task.assigned">,
): NoticeAndNamed | null {
  if (assigneeId === null || assigneeId === actorId) return null;
  const subject = { type: "task", id: taskId };
  const userIds = [assigneeId];
  return { kind: "TASK_ASSIGNED", title: `Assigned to you: ${title}`, params: { task: title }, subject, userIds, named: userIds };
}

/** Notifies the asked user of a question, and the assignee of an answer or a comment. */
export function taskCommented(
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

/** Notifies the users whom the definition's rule references; by default the assignee or the candidates. */
export async function taskOverdue(tx: Tx, { taskId, title, dueAt, notified }: EventPayload<"task.overdue">): Promise<NoticeAndNamed> {
  const userIds = await everybodyIn(tx, notified);
  const subject = { type: "task", id: taskId };
  return { kind: "TASK_OVERDUE", title: `Overdue: ${title}`, params: { task: title, dueAt }, subject, userIds, named: notified.userIds };
}

/**
 * Notifies the substitute and the former substitute, unless they made the change themselves. Existing work appears in the substitute's queue from the
 * start of the absence.
 */
export function substitutesAsked(
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
