import {
  actorOf,
  claimTask as claim,
  completeTask as complete,
  releaseTask as release,
  type InstanceHead,
  type TaskRow,
} from "@weft/engine";
import { NotFound, chaos, decodeId, encodeId, once, type Context, type Permission, type Tx } from "@weft/shared";
import { getInstance } from "../instances/instance.service.js";
import { toWorkflowInstance } from "../instances/instance.type.js";
import type {
  ClaimTaskInput,
  ClaimTaskPayload,
  CompleteTaskInput,
  CompleteTaskPayload,
  ReleaseTaskInput,
  ReleaseTaskPayload,
} from "./task.input.js";
import { findTask } from "./task.store.js";
import { toTask, type Task } from "./task.type.js";

/** Takes a task out of the queue. Of two who are as fast one has it; the other sees CONFLICT. */
export async function claimTask(ctx: Context, { idempotencyKey: key, ...input }: ClaimTaskInput): Promise<ClaimTaskPayload> {
  const id = decodeId("task", input.id, "input.id");
  const call = { id, mutation: "claimTask", permission: "task.claim", key, input } as const;
  return { task: await changed(ctx, call, (tx) => claim(tx, ctx.meta, { id, actor: actorOf(ctx.viewer) })) };
}

/** Gives a claimed task back to the queue. */
export async function releaseTask(ctx: Context, { idempotencyKey: key, ...input }: ReleaseTaskInput): Promise<ReleaseTaskPayload> {
  const id = decodeId("task", input.id, "input.id");
  const { expectedVersion } = input;
  const call = { id, mutation: "releaseTask", permission: "task.claim", key, input } as const;
  return { task: await changed(ctx, call, (tx) => release(tx, ctx.meta, { id, actor: actorOf(ctx.viewer), expectedVersion })) };
}

export type ChangeOnce = {
  readonly id: string;
  readonly mutation: string;
  /** Of a replay. */
  readonly permission: Permission;
  readonly key: string | null | undefined;
  readonly input: unknown;
  /** In the same transaction, of a replay too. */
  readonly afterwards?: (tx: Tx) => Promise<void>;
};

/** Changes a task once per key, and gives it as it is afterwards. */
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

/** Fires the transition that ends the task; the state's other open tasks close with it. */
export function completeTask(ctx: Context, { idempotencyKey, ...input }: CompleteTaskInput): Promise<CompleteTaskPayload> {
  chaos("completeTask");
  const id = decodeId("task", input.id, "input.id");
  const { transition, comment, input: values, expectedVersion } = input;
  return ctx.inTenant(async (tx) => {
    let moved: InstanceHead | undefined;
    await once(tx, ctx.meta, { mutation: "completeTask", key: idempotencyKey ?? null, input }, async () => {
      moved = await complete(tx, ctx.meta, { id, transition, actor: actorOf(ctx.viewer), input: values, comment, expectedVersion });
      return { id };
    });
    const task = await getTask(tx, ctx, id, "task.complete");
    return { task: toTask(task), instance: toWorkflowInstance(moved ?? (await getInstance(tx, ctx, task.instanceId, "workflow.read"))) };
  });
}

/** One task, as the viewer may see it. */
export function readTask(ctx: Context, id: string): Promise<Task> {
  return ctx.read(async (tx) => toTask(await getTask(tx, ctx, id, "task.read")));
}

export async function getTask(tx: Tx, ctx: Context, id: string, permission: Permission): Promise<TaskRow> {
  const row = await findTask(tx, ctx.viewer, id, permission);
  if (!row) throw new NotFound("Task", encodeId("task", id));
  return row;
}
