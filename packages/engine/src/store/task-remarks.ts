/** What is said about a task: comments, and questions with their answers. While a question waits nobody completes the task. */
import { workflows } from "@weft/drizzle";
import { appendEvents, named, newId, reachesAll, writeAudit, type Tx, type WriteMeta } from "@weft/shared";
import { aboutTask, taskPayload } from "./events.js";
import { absentAmong, assertWorker } from "./stand-ins.js";
import { readTask, readWaitingTask, rejected, writeTask, type TaskRead, type TaskRequest, type TaskRow } from "./task-change.js";
import { assertCanBeAsked } from "./workmates.js";

const { taskRemarks } = workflows;

/** A remark's row. */
export type TaskRemarkRow = typeof taskRemarks.$inferSelect;

/** Says something about a waiting task. Errors: NOT_FOUND, TRANSITION_REJECTED (it is over). */
export async function commentOnTask(
  tx: Tx,
  meta: WriteMeta,
  { text, ...request }: TaskRequest & { readonly text: string },
): Promise<TaskRow> {
  const read = await readTask(tx, request, "task.claim");
  const { task, instance } = read;
  if (task.status !== "OPEN" && task.status !== "CLAIMED")
    throw rejected("task", `The task "${task.title}" is no longer open; it is ${task.status}.`);
  const remarkId = await insertRemark(tx, meta, read, { kind: "COMMENT", text });
  const payload = { ...taskPayload(instance, { ...task, status: task.status }), kind: "COMMENT" as const, askedId: null };
  await appendEvents(tx, meta, [{ type: "task.remarked", ...aboutTask(instance, task.id, task.version), payload }]);
  await writeAudit(tx, meta, [
    { action: "task.comment", entityType: "task", entityId: task.id, before: task, after: { ...task, remarkId } },
  ]);
  return task;
}

export type TaskQuestion = TaskRequest & { readonly askedId: string; readonly text: string };

/**
 * Asks somebody about a task that one works on; it waits for the answer, and the asked person sees it meanwhile. Errors: NOT_FOUND, CONFLICT,
 * TRANSITION_REJECTED (not his task, a question waits already, over, held), BAD_USER_INPUT (the asked user).
 */
export async function askForInformation(tx: Tx, meta: WriteMeta, { askedId, text, ...request }: TaskQuestion): Promise<TaskRow> {
  const read = await readWaitingTask(tx, request, "task.complete");
  const { task } = read;
  const [onBehalfOf] = await assertWorker(tx, task, request.actor);
  if (task.questionId !== null) throw rejected("question", `The task "${task.title}" waits for the answer to another question.`);
  await assertCanBeAsked(tx, { userId: askedId, vendorId: request.actor.principals.vendorId, path: "input.askedId" });
  const questionId = await insertRemark(tx, meta, read, { kind: "QUESTION", text, askedId, onBehalfOf });
  return writeTask(tx, meta, read, {
    set: { questionId, askedId },
    event: { type: "task.remarked", kind: "QUESTION", askedId },
    action: "task.ask",
  });
}

/** Answers the question that a task waits for, by who is asked or stands in for that person; the task goes on. Errors: as `askForInformation`. */
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
    throw rejected("question", `The question about the task "${task.title}" was put to somebody else.`);
  await insertRemark(tx, meta, read, { kind: "ANSWER", text, questionId, onBehalfOf });
  return writeTask(tx, meta, read, {
    set: { questionId: null, askedId: null },
    event: { type: "task.remarked", kind: "ANSWER", askedId: null },
    action: "task.answer",
  });
}

/** Takes the question back that a task waits for: by who works on the task, or manages it. Errors: as `askForInformation`. */
export async function withdrawQuestion(tx: Tx, meta: WriteMeta, request: TaskRequest): Promise<TaskRow> {
  const read = await readWaitingTask(tx, request, "task.complete");
  waitingQuestion(read.task);
  if (!reachesAll(request.actor.viewer, "task.assign")) await assertWorker(tx, read.task, request.actor);
  return writeTask(tx, meta, read, {
    set: { questionId: null, askedId: null },
    event: { type: "task.remarked", kind: "WITHDRAWAL", askedId: null },
    action: "task.withdrawQuestion",
  });
}

function waitingQuestion({ title, questionId, askedId }: TaskRow): { questionId: string; askedId: string } {
  if (questionId === null || askedId === null) throw rejected("question", `No question about the task "${title}" waits for an answer.`);
  return { questionId, askedId };
}

type NewRemark = {
  readonly kind: "COMMENT" | "QUESTION" | "ANSWER";
  readonly text: string;
  readonly questionId?: string;
  readonly askedId?: string;
  readonly onBehalfOf?: string | undefined;
};

async function insertRemark(tx: Tx, meta: WriteMeta, { task, now }: TaskRead, { onBehalfOf, ...remark }: NewRemark): Promise<string> {
  const id = newId();
  const { tenantId, actorId } = meta;
  const about = {
    taskId: task.id,
    instanceId: task.instanceId,
    authorId: actorId,
    onBehalfOf: onBehalfOf ?? meta.onBehalfOf,
    createdAt: now,
  };
  await named("insertRemark", tx.insert(taskRemarks).values({ tenantId, id, ...about, ...remark }));
  return id;
}
