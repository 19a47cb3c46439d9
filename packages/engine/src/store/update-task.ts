/** What can be changed of a waiting task itself: when it is due, how much it presses, what of it is done. */
import { BadUserInput, quote, type Tx, type WriteMeta } from "@weft/shared";
import { assertWorker } from "./stand-ins.js";
import { readWaitingTask, writeTask, type TaskRequest, type TaskRow } from "./task-change.js";

export type TaskUpdate = TaskRequest & {
  /** 0 low … 3 urgent; absent: as it is. */
  readonly priority?: number | null | undefined;
  /** null: no deadline; absent: as it is. */
  readonly dueAt?: string | null | undefined;
};

/** By who manages tasks. Errors: NOT_FOUND, CONFLICT, TRANSITION_REJECTED (over, held). */
export async function updateTask(tx: Tx, meta: WriteMeta, { priority, dueAt, ...request }: TaskUpdate): Promise<TaskRow> {
  const read = await readWaitingTask(tx, request, "task.assign");
  const set = { ...(typeof priority === "number" && { priority }), ...(dueAt !== undefined && { dueAt }) };
  if (Object.keys(set).length === 0) return read.task;
  return writeTask(tx, meta, read, { set, event: { type: "task.updated" }, action: "task.update" });
}

export type TaskTick = TaskRequest & { readonly itemKey: string; readonly isDone: boolean };

/** Ticks an item of the checklist off, or takes the tick back: by who may complete the task. Errors: as `updateTask`, BAD_USER_INPUT (no such item). */
export async function tickTask(tx: Tx, meta: WriteMeta, { itemKey, isDone, ...request }: TaskTick): Promise<TaskRow> {
  const read = await readWaitingTask(tx, request, "task.complete");
  const { actor } = request;
  // Who manages tasks completes what nobody has claimed, so he ticks it off too.
  if (!(actor.managesTasks && read.task.assigneeId === null)) await assertWorker(tx, read.task, actor);
  const item = read.task.checklist.find(({ id }) => id === itemKey);
  if (!item)
    throw new BadUserInput([
      {
        path: "input.itemKey",
        message: `The checklist of the task has no item with the key ${quote(itemKey)}: give the \`key\` of one of Task.checklist.`,
      },
    ]);
  if (item.done === isDone) return read.task;
  const ticked = { ...item, done: isDone, doneBy: isDone ? actor.id : null, doneAt: isDone ? read.now : null };
  const checklist = read.task.checklist.map((one) => (one.id === itemKey ? ticked : one));
  return writeTask(tx, meta, read, { set: { checklist }, event: { type: "task.updated" }, action: "task.tick" });
}
