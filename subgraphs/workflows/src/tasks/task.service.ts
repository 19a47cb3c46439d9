import {
  actorOf,
  claimTask as claim,
  completeTask as complete,
  releaseTask as release,
  type InstanceHead,
  type TaskRow,
} from "@weft/engine";
import { NotFound } from "@weft/shared/errors";
import { decodeId, encodeId } from "@weft/shared/ids";
import type { Permission } from "@weft/shared/viewer";
import { chaos } from "@weft/platform/chaos";
import type { Tx } from "@weft/platform/db";
import { once } from "@weft/platform/idempotency";
import type { Context } from "@weft/api/context";
import type { KeyedIdInput, KeyedVersionedIdInput } from "@weft/api/inputs";
import { getInstance } from "../instances/instance.service.js";
import { toWorkflowInstance } from "../instances/instance.type.js";
import type { CompleteTaskInput, CompleteTaskPayload } from "./task.input.js";
import { findTask } from "./task.store.js";
import { toTask, type Task } from "./task.type.js";
import type { TaskPayload } from "./task-payload.type.js";

/** Claims a task. Of two concurrent calls one succeeds; the other fails with CONFLICT. */
export async function claimTask(ctx: Context, { idempotencyKey: key, ...input }: KeyedIdInput): Promise<TaskPayload> {
  const id = decodeId("task", input.id, "input.id");
  const call = { id, mutation: "claimTask", permission: "task.claim", key, input } as const;
  return { task: await changed(ctx, call, (tx) => claim(tx, ctx.meta, { id, actor: actorOf(ctx.viewer) })) };
}

/** Releases a claimed task. */
export async function releaseTask(ctx: Context, { idempotencyKey: key, ...input }: KeyedVersionedIdInput): Promise<TaskPayload> {
  const id = decodeId("task", input.id, "input.id");
  const { expectedVersion } = input;
  const call = { id, mutation: "releaseTask", permission: "task.claim", key, input } as const;
  return { task: await changed(ctx, call, (tx) => release(tx, ctx.meta, { id, actor: actorOf(ctx.viewer), expectedVersion })) };
}

export type ChangeOnce = {
  readonly id: string;
  readonly mutation: string;
  /** Required to read the task when a call is repeated. */
  readonly permission: Permission;
  readonly key: string | null | undefined;
  readonly input: unknown;
  /** Runs in the same transaction, also when a call is repeated. */
  readonly afterwards?: (tx: Tx) => Promise<void>;
};

/** Changes a task once per idempotency key, and returns it as changed. */
export function changed(
  ctx: Context,
  { id, permission, afterwards, ...call }: ChangeOnce,
  change: (tx: Tx) => Promise<TaskRow>,
): Promise<Task> {
  return ctx.inTenant(async (tx) => {
    let row: TaskRow | undefined;
    await once(tx, ctx.meta, call, async () => {
      row = await change(tx);
      return { id };
    });
    await afterwards?.(tx);
    return toTask(row ?? (await getTask(tx, ctx, id, permission)));
  });
}

/** Completes a task by firing the transition. Closes the other open tasks of the state. */
export function completeTask(ctx: Context, { idempotencyKey, ...input }: CompleteTaskInput): Promise<CompleteTaskPayload> {
  chaos("completeTask");
  const id = decodeId("task", input.id, "input.id");
  const { transition, comment, input: values, expectedVersion } = input;
  return ctx.inTenant(async (tx) => {
    let head: InstanceHead | undefined;
    await once(tx, ctx.meta, { mutation: "completeTask", key: idempotencyKey ?? null, input }, async () => {
      const { secrets } = ctx.services;
      head = await complete(tx, ctx.meta, { id, transition, actor: actorOf(ctx.viewer), input: values, comment, expectedVersion, secrets });
      return { id };
    });
    const task = await getTask(tx, ctx, id, "task.complete");
    return { task: toTask(task), instance: toWorkflowInstance(head ?? (await getInstance(tx, ctx, task.instanceId, "workflow.read"))) };
  });
}

/** Returns one task, if the viewer can see it. */
export function readTask(ctx: Context, id: string): Promise<Task> {
  return ctx.read(async (tx) => toTask(await getTask(tx, ctx, id, "task.read")));
}

export async function getTask(tx: Tx, ctx: Context, id: string, permission: Permission): Promise<TaskRow> {
  const row = await findTask(tx, ctx.viewer, id, permission);
  if (!row) throw new NotFound("Task", encodeId("task", id));
  return row;
}
