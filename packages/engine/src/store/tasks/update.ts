/** Changes an open task itself: its deadline, its priority, its checklist. */
import { BadUserInput, quote } from "@weft/shared/errors";
import type { Tx } from "@weft/platform/db";
import type { WriteMeta } from "@weft/platform/events";
import { moveTaskTimers } from "./move-task-timers.js";
import { assertWorker } from "./worker.js";
import { readWaitingTask, writeTask, type TaskRequest } from "./change.js";
import type { TaskRow } from "../model/instance-head.js";

export type TaskUpdate = TaskRequest & {
  /** 0 low … 3 urgent; absent: unchanged. */
  readonly priority?: number | null | undefined;
  /** null: no deadline; absent: unchanged. */
  readonly dueAt?: string | null | undefined;
};

/** For users who manage tasks. Errors: NOT_FOUND, CONFLICT, TRANSITION_REJECTED (closed, suspended). */
export async function updateTask(tx: Tx, meta: WriteMeta, { priority, dueAt, ...request }: TaskUpdate): Promise<TaskRow> {
  const read = await readWaitingTask(tx, request, "task.assign");
  const set = {
    ...(typeof priority === "number" && { priority }),
    ...(dueAt !== undefined && { dueAt, overdueAt: null, isDueHeld: false }),
  };
  if (Object.keys(set).length === 0) return read.task;
  const updated = await writeTask(tx, meta, read, { set, event: { type: "task.updated" }, action: "task.update" });
  if (dueAt !== undefined) await moveTaskTimers(tx, read, updated);
  return updated;
}

export type ChecklistItemUpdate = TaskRequest & { readonly itemKey: string; readonly isDone: boolean };

/** Checks a checklist item off, or unchecks it, by a user who can complete the task. Errors: as `updateTask`, BAD_USER_INPUT (no such item). */
export async function updateChecklistItem(tx: Tx, meta: WriteMeta, { itemKey, isDone, ...request }: ChecklistItemUpdate): Promise<TaskRow> {
  const read = await readWaitingTask(tx, request, "task.complete");
  const { actor } = request;
  // Users who manage tasks can complete unclaimed tasks, so they can also check off their items.
  if (!(actor.managesTasks && read.task.assigneeId === null)) await assertWorker(tx, read.task, actor);
  const item = read.task.checklist.find(({ id }) => id === itemKey);
  if (!item)
    throw new BadUserInput([
      {
        path: "input.itemKey",
        message: `The checklist of the task has no item with the key ${quote(itemKey)}. Use the \`key\` of an item in Task.checklist.`,
      },
    ]);
  if (item.done === isDone) return read.task;
  const updated = { ...item, done: isDone, doneBy: isDone ? actor.id : null, doneAt: isDone ? read.now : null };
  const checklist = read.task.checklist.map((one) => (one.id === itemKey ? updated : one));
  return writeTask(tx, meta, read, { set: { checklist }, event: { type: "task.updated" }, action: "task.updateChecklistItem" });
}
