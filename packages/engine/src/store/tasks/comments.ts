/** Comments on a task, and questions with their answers. Nobody can complete the task while a question is waiting for its answer. */
import { workflows } from "@weft/drizzle";
import { newId } from "@weft/shared/ids";
import { reachesAll } from "@weft/shared/viewer";
import { writeAudit } from "@weft/platform/audit";
import { named, type Tx } from "@weft/platform/db";
import { appendEvents, type WriteMeta } from "@weft/platform/events";
import { aboutTask, taskPayload } from "../outcome/events.js";
import { absentAmong } from "../authorization/substitutes.js";
import { assertWorker } from "./worker.js";
import { readTask, readWaitingTask, rejected, writeTask, type TaskRead, type TaskRequest } from "./change.js";
import type { TaskRow } from "../model/instance-head.js";
import { assertCanBeAsked } from "./same-organization.js";

const { taskComments } = workflows;

/** A comment's row. */
export type TaskCommentRow = typeof taskComments.$inferSelect;

/** Adds a comment to an open task. Errors: NOT_FOUND, TRANSITION_REJECTED (it is closed). */
export async function commentOnTask(
  tx: Tx,
  meta: WriteMeta,
  { text, ...request }: TaskRequest & { readonly text: string },
): Promise<TaskRow> {
  const read = await readTask(tx, request, "task.claim");
  const { task, instance } = read;
  if (task.status !== "OPEN" && task.status !== "CLAIMED")
    throw rejected("task", `The task "${task.title}" is no longer open; it is ${task.status}.`);
  const commentId = await insertComment(tx, meta, read, { kind: "COMMENT", text });
  const payload = { ...taskPayload(instance, { ...task, status: task.status }), kind: "COMMENT" as const, askedId: null };
  await appendEvents(tx, meta, [{ type: "task.commented", ...aboutTask(instance, task.id, task.version), payload }]);
  await writeAudit(tx, meta, [
    { action: "task.comment", entityType: "task", entityId: task.id, before: task, after: { ...task, commentId } },
  ]);
  return task;
}

export type TaskQuestion = TaskRequest & { readonly askedId: string; readonly text: string };

/**
 * Asks another user about a task that the actor works on. The task waits for the answer, and the asked user sees it meanwhile. Errors: NOT_FOUND,
 * CONFLICT, TRANSITION_REJECTED (not the actor's task, a question is already waiting, closed, suspended), BAD_USER_INPUT (the asked user).
 */
export async function askForInformation(tx: Tx, meta: WriteMeta, { askedId, text, ...request }: TaskQuestion): Promise<TaskRow> {
  const read = await readWaitingTask(tx, request, "task.complete");
  const { task } = read;
  const [onBehalfOf] = await assertWorker(tx, task, request.actor);
  if (task.questionId !== null) throw rejected("question", `The task "${task.title}" is waiting for the answer to another question.`);
  await assertCanBeAsked(tx, { userId: askedId, vendorId: request.actor.principals.vendorId, path: "input.askedId" });
  const questionId = await insertComment(tx, meta, read, { kind: "QUESTION", text, askedId, onBehalfOf });
  return writeTask(tx, meta, read, {
    set: { questionId, askedId },
    event: { type: "task.commented", kind: "QUESTION", askedId },
    action: "task.ask",
  });
}

/** Answers the question that a task waits for, by the asked user or their substitute. The task can then be completed. Errors: as `askForInformation`. */
export async function answerQuestion(
  tx: Tx,
  meta: WriteMeta,
  { text, ...request }: TaskRequest & { readonly text: string },
): Promise<TaskRow> {
  const read = await readWaitingTask(tx, request, "task.read");
  const { task } = read;
  const { questionId, askedId } = waitingQuestion(task);
  const { id } = request.actor;
  const [onBehalfOf] = askedId === id ? [] : await absentAmong(tx, id, [askedId]);
  if (askedId !== id && onBehalfOf === undefined)
    throw rejected("question", `The question about the task "${task.title}" was asked to another user.`);
  await insertComment(tx, meta, read, { kind: "ANSWER", text, questionId, onBehalfOf });
  return writeTask(tx, meta, read, {
    set: { questionId: null, askedId: null },
    event: { type: "task.commented", kind: "ANSWER", askedId: null },
    action: "task.answer",
  });
}

/** Withdraws the question that a task waits for, by a user who works on the task or a manager. Errors: as `askForInformation`. */
export async function withdrawQuestion(tx: Tx, meta: WriteMeta, request: TaskRequest): Promise<TaskRow> {
  const read = await readWaitingTask(tx, request, "task.complete");
  waitingQuestion(read.task);
  if (!reachesAll(request.actor.viewer, "task.assign")) await assertWorker(tx, read.task, request.actor);
  return writeTask(tx, meta, read, {
    set: { questionId: null, askedId: null },
    event: { type: "task.commented", kind: "WITHDRAWAL", askedId: null },
    action: "task.withdrawQuestion",
  });
}

function waitingQuestion({ title, questionId, askedId }: TaskRow): { questionId: string; askedId: string } {
  if (questionId === null || askedId === null)
    throw rejected("question", `No question about the task "${title}" is waiting for an answer.`);
  return { questionId, askedId };
}

type NewComment = {
  readonly kind: "COMMENT" | "QUESTION" | "ANSWER";
  readonly text: string;
  readonly questionId?: string;
  readonly askedId?: string;
  readonly onBehalfOf?: string | undefined;
};

async function insertComment(tx: Tx, meta: WriteMeta, { task, now }: TaskRead, { onBehalfOf, ...comment }: NewComment): Promise<string> {
  const id = newId();
  const { tenantId, actorId } = meta;
  const about = {
    taskId: task.id,
    instanceId: task.instanceId,
    authorId: actorId,
    onBehalfOf: onBehalfOf ?? meta.onBehalfOf,
    createdAt: now,
  };
  await named("insertComment", tx.insert(taskComments).values({ tenantId, id, ...about, ...comment }));
  return id;
}
