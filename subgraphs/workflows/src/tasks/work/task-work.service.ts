/** Changes that users make to tasks before completing them. */
import {
  actorOf,
  assignTask as assign,
  delegateTask as delegate,
  readNow,
  updateChecklistItem as checkItem,
  updateTask as update,
} from "@weft/engine";
import { BadUserInput, quote } from "@weft/shared/errors";
import { decodeId } from "@weft/shared/ids";
import type { Tx } from "@weft/platform/db";
import { once } from "@weft/platform/idempotency";
import type { Context } from "@weft/api/context";
import type { InputWarning } from "@weft/api/inputs";
import type {
  AssignTaskInput,
  DelegateTaskInput,
  UpdateChecklistItemInput,
  UpdateTaskInput,
  UpdateTaskPayload,
} from "./task-work.input.js";
import { changed } from "../task.service.js";
import { findTask } from "../task.store.js";
import { toTask, type Task } from "../task.type.js";

/** Delegates a task. Returns null if the delegating user can no longer see it. */
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

/** Assigns a task to a user, or offers it to all its candidates again. */
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

/** Sets a task's priority or deadline. A deadline in the past is accepted with a warning, because work can be recorded afterwards. */
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

const dueInPast = (dueAt: string): InputWarning => ({
  path: "input.dueAt",
  message: `The deadline ${quote(dueAt)} is in the past, so the task is overdue immediately. Choose a later deadline if this is unintended.`,
  code: "DUE_IN_PAST",
});

export function updateChecklistItem(ctx: Context, { idempotencyKey: key, ...input }: UpdateChecklistItemInput): Promise<Task> {
  const id = decodeId("task", input.id, "input.id");
  const { itemKey, isDone, expectedVersion } = input;
  if (itemKey.length > 100)
    throw new BadUserInput([{ path: "input.itemKey", message: "No checklist item has this key. Pass a `key` from Task.checklist." }]);
  return changed(ctx, { id, mutation: "updateChecklistItem", permission: "task.complete", key, input }, (tx) =>
    checkItem(tx, ctx.meta, { id, itemKey, isDone, actor: actorOf(ctx.viewer), expectedVersion }),
  );
}

/** Returns the task if the viewer can still see it. */
export async function findVisible(tx: Tx, ctx: Context, id: string): Promise<Task | null> {
  const row = await findTask(tx, ctx.viewer, id, "task.read");
  return row && toTask(row);
}
