import {
  actorOf,
  batchesOf,
  cancelInstance,
  fireInstance,
  startInstance,
  type Begun,
  type Booking,
  type InstanceHead,
  type Work,
} from "@weft/engine";
import {
  NotFound,
  decodeId,
  decodeIdOrNull,
  encodeId,
  hasPermission,
  keyedCallOf,
  newId,
  once,
  type Context,
  type Permission,
  type Tx,
} from "@weft/shared";
import type { CancelWorkflowInput, FireTransitionInput, StartWorkflowInput } from "./instance.input.js";
import { findInstance } from "./instance.store.js";
import { toWorkflowInstance, type WorkflowInstance } from "./instance.type.js";

/** Starts the newest published version of a definition, owned by the viewer. */
export function startWorkflow(ctx: Context, { idempotencyKey, ...input }: StartWorkflowInput): Promise<WorkflowInstance> {
  const { definitionKey, data } = input;
  const environment = input.environment ?? undefined;
  const teamId = decodeIdOrNull("team", input.teamId, "input.teamId") ?? null;
  const actor = actorOf(ctx.viewer);
  const starting = { id: newId(), definitionKey, environment, data: data ?? {}, ownerId: ctx.viewer.userId, teamId, actor };
  const call = { mutation: "startWorkflow", key: idempotencyKey ?? null, input, permission: "workflow.read" } as const;
  return moveTogether(ctx, call, { starting }, (tx, begun) => startInstance(tx, ctx.meta, starting, begun));
}

/** Fires a transition. Of concurrent callers one wins; the others see CONFLICT. */
export function fireTransition(ctx: Context, { idempotencyKey, ...input }: FireTransitionInput): Promise<WorkflowInstance> {
  const id = decodeId("instance", input.instanceId, "input.instanceId");
  const { transition, comment, input: values, expectedVersion } = input;
  const firing = { id, transition, actor: actorOf(ctx.viewer), input: values, comment, expectedVersion };
  const call = { mutation: "fireTransition", key: idempotencyKey ?? null, input, permission: "workflow.fire" } as const;
  return moveTogether(ctx, call, { firing }, (tx, begun) => fireInstance(tx, ctx.meta, firing, begun));
}

/** Ends an instance whatever its state: an administrator's verb, beside the definition's own transitions. */
export function cancelWorkflow(ctx: Context, { idempotencyKey, ...input }: CancelWorkflowInput): Promise<WorkflowInstance> {
  const id = decodeId("instance", input.instanceId, "input.instanceId");
  const { comment, expectedVersion } = input;
  return moveOnce(ctx, { mutation: "cancelWorkflow", key: idempotencyKey ?? null, input, permission: "workflow.cancel" }, (tx) =>
    cancelInstance(tx, ctx.meta, { id, comment, expectedVersion, actor: actorOf(ctx.viewer) }),
  );
}

type Call = { readonly mutation: string; readonly key: string | null; readonly input: unknown; readonly permission: Permission };

type Move = (tx: Tx, begun: Begun | undefined) => Promise<InstanceHead>;

/** Makes a move together with those that the tenant's people make at the moment; in a transaction of its own when it does not go with others. */
async function moveTogether(ctx: Context, call: Call, work: Work, move: Move): Promise<WorkflowInstance> {
  const booking: Booking = { meta: ctx.meta, key: keyedCallOf(ctx.meta, call), ...work };
  const batches = batchesOf(ctx.services.databases.app);
  let begun: Begun | undefined;
  const moved = await ctx.joinWrite(async () => {
    const landing = await batches.move(booking);
    if (landing.head === undefined) begun = landing.begun;
    return landing.head;
  });
  if (moved) return toWorkflowInstance(moved);
  return moveOnce(ctx, call, (tx) => {
    // A transaction that is run again reads again: what was read before it led to the collision.
    const first = begun;
    begun = undefined;
    return move(tx, first);
  });
}

/** Runs a move at most once per idempotency key; a replay reads the instance again, under today's rights. */
export function moveOnce(ctx: Context, { permission, ...call }: Call, move: (tx: Tx) => Promise<InstanceHead>): Promise<WorkflowInstance> {
  return ctx.inTenant(async (tx) => {
    let moved: InstanceHead | undefined;
    const { result } = await once(tx, ctx.meta, call, async () => {
      moved = await move(tx);
      return { id: moved.id };
    });
    return toWorkflowInstance(moved ?? (await getInstance(tx, ctx, result["id"] ?? "", permission)));
  });
}

/** One instance, as the viewer may see it. */
export function readInstance(ctx: Context, id: string): Promise<WorkflowInstance> {
  return ctx.read(async (tx) => toWorkflowInstance(await getInstance(tx, ctx, id, "workflow.read")));
}

export async function getInstance(tx: Tx, ctx: Context, id: string, permission: Permission): Promise<InstanceHead> {
  const head = await findInstance(tx, ctx.viewer, id, permission);
  if (!head) throw new NotFound("WorkflowInstance", encodeId("instance", id));
  return head;
}

/** Whether the viewer may fire at all on an instance; which transitions, the definition says. */
export async function mayFire(tx: Tx, ctx: Context, id: string): Promise<boolean> {
  return hasPermission(ctx.viewer, "workflow.fire") && (await findInstance(tx, ctx.viewer, id, "workflow.fire")) !== null;
}
