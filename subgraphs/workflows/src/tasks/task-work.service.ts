/** What people do with tasks before they complete them. */
import { actorOf, assignTask as assign, delegateTask as delegate, readNow, tickTask as tick, updateTask as update } from "@weft/engine";
import { BadUserInput, decodeId, once, quote, type Context, type Tx } from "@weft/shared";
import type {
  AssignTaskInput,
  DelegateTaskInput,
  TaskWarning,
  TickTaskInput,
  UpdateTaskInput,
  UpdateTaskPayload,
} from "./task-work.input.js";
import { changed } from "./task.service.js";
import { findTask } from "./task.store.js";
import { toTask, type Task } from "./task.type.js";

/** Gives a task on. Null when its former holder does not see it any more. */
export function delegateTask(ctx: Context, { idempotencyKey: key, ...input }: DelegateTaskInput): Promise<Task | null> {
  const id = decodeId("task", input.id, "input.id");
  const userId = decodeId("user", input.userId, "input.userId");
  const { expectedVersion } = input;
  return ctx.inTenant(async (tx) => {
    await once(tx, ctx.meta, { mutation: "delegateTask", key, input }, async () => {
      await delegate(tx, ctx.meta, { id, userId, actor: actorOf(ctx.viewer), expectedVersion });
      return { id };
    });
    return findVisible(tx, ctx, id);
  });
}

/** Gives a task to somebody, or back to all to whom it is offered. */
export function assignTask(ctx: Context, { idempotencyKey: key, ...input }: AssignTaskInput): Promise<Task | null> {
  const id = decodeId("task", input.id, "input.id");
  const userId = typeof input.userId === "string" ? decodeId("user", input.userId, "input.userId") : null;
  const { expectedVersion } = input;
  return ctx.inTenant(async (tx) => {
    await once(tx, ctx.meta, { mutation: "assignTask", key, input }, async () => {
      await assign(tx, ctx.meta, { id, userId, actor: actorOf(ctx.viewer), expectedVersion });
      return { id };
    });
    return findVisible(tx, ctx, id);
  });
}

/** Sets a task's priority or deadline. A deadline in the past is accepted, as when work is recorded afterwards, with a warning. */
export async function updateTask(ctx: Context, { idempotencyKey: key, ...input }: UpdateTaskInput): Promise<UpdateTaskPayload> {
  const id = decodeId("task", input.id, "input.id");
  const { priority, dueAt, expectedVersion } = input;
  let isPast = false;
  const seeNow = async (tx: Tx): Promise<void> => {
    isPast = typeof dueAt === "string" && Date.parse(dueAt) < Date.parse(await readNow(tx));
  };
  const task = await changed(ctx, { id, mutation: "updateTask", permission: "task.assign", key, input, afterwards: seeNow }, (tx) =>
    update(tx, ctx.meta, { id, priority, dueAt, actor: actorOf(ctx.viewer), expectedVersion }),
  );
  return { task, warnings: isPast && typeof dueAt === "string" ? [dueInPast(dueAt)] : [] };
}

const dueInPast = (dueAt: string): TaskWarning => ({
  path: "input.dueAt",
  message: `The deadline ${quote(dueAt)} is in the past: the task is overdue at once. Choose a later one if that is not meant.`,
  code: "DUE_IN_PAST",
});

export function tickTask(ctx: Context, { idempotencyKey: key, ...input }: TickTaskInput): Promise<Task> {
  const id = decodeId("task", input.id, "input.id");
  const { itemKey, isDone, expectedVersion } = input;
  if (itemKey.length > 100)
    throw new BadUserInput([
      { path: "input.itemKey", message: "This is the key of no item of a checklist: give the `key` of one of Task.checklist." },
    ]);
  return changed(ctx, { id, mutation: "tickTask", permission: "task.complete", key, input }, (tx) =>
    tick(tx, ctx.meta, { id, itemKey, isDone, actor: actorOf(ctx.viewer), expectedVersion }),
  );
}

/** A task when the viewer still sees it. */
export async function findVisible(tx: Tx, ctx: Context, id: string): Promise<Task | null> {
  const row = await findTask(tx, ctx.viewer, id, "task.read");
  return row && toTask(row);
}
