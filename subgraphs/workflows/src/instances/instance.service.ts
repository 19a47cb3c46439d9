import {
  actorOf,
  batchesOf,
  cancelInstance,
  fireInstance,
  recordViolation,
  startInstance,
  type AlreadyRead,
  type QueuedCall,
  type InstanceHead,
  type Work,
} from "@weft/engine";
import { NotFound, ProfileViolated } from "@weft/shared/errors";
import { decodeId, decodeIdOrNull, encodeId, newId } from "@weft/shared/ids";
import { hasPermission, type Permission, type Viewer } from "@weft/shared/viewer";
import type { Tx } from "@weft/platform/db";
import { keyedCallOf, once, type OnceCall } from "@weft/platform/idempotency";
import type { Context } from "@weft/api/context";
import type { CancelWorkflowInput, FireTransitionInput, StartWorkflowInput } from "./instance.input.js";
import { keyedInputs } from "../secrets/keyed-inputs.js";
import { lockStartSubject, readStartSubject } from "../subjects/start-subject.js";
import { findInstance } from "./instance.store.js";
import { toWorkflowInstance, type WorkflowInstance } from "./instance.type.js";

/** Starts the newest published version of a definition, with the viewer as owner. */
export function startWorkflow(ctx: Context, { idempotencyKey, ...input }: StartWorkflowInput): Promise<WorkflowInstance> {
  const { definitionKey, data } = input;
  const environment = input.environment ?? undefined;
  const teamId = decodeIdOrNull("team", input.teamId, "input.teamId") ?? null;
  const subject = typeof input.subjectId === "string" ? readStartSubject(input.subjectId) : undefined;
  const actor = actorOf(ctx.viewer);
  const starting = {
    id: newId(),
    definitionKey,
    environment,
    data: data ?? {},
    ownerId: ctx.viewer.userId,
    teamId,
    ...(subject && { subject }),
    actor,
    violations: "refused",
    secrets: ctx.services.secrets,
  } as const;
  const call = {
    mutation: "startWorkflow",
    key: idempotencyKey ?? null,
    input,
    forms: (tx: Tx) => keyedInputs(tx, ctx, "data", input),
    permission: "workflow.read",
  } as const;
  const started = subject
    ? // Not in a batch, because its statements do not look up objects.
      writeOnce(ctx, call, async (tx) => {
        await lockStartSubject(tx, ctx.viewer, subject);
        return startInstance(tx, ctx.meta, starting);
      })
    : submitOrRun(ctx, call, { starting }, (tx, alreadyRead) => startInstance(tx, ctx.meta, starting, alreadyRead));
  return started.catch((error: unknown) => recordRefusal(ctx, error));
}

/** The transaction of a refused start leaves no trace, so the refusal is recorded in one of its own. */
async function recordRefusal(ctx: Context, error: unknown): Promise<never> {
  if (error instanceof ProfileViolated) {
    const { definitionId } = error;
    await ctx.inTenant((tx) => recordViolation(tx, ctx.meta, { definitionId, instanceId: null, violation: error }));
  }
  throw error;
}

/** Fires a transition. Of several concurrent calls one succeeds; the others fail with CONFLICT. */
export function fireTransition(ctx: Context, { idempotencyKey, ...input }: FireTransitionInput): Promise<WorkflowInstance> {
  const id = decodeId("instance", input.instanceId, "input.instanceId");
  const { transition, comment, input: values, expectedVersion } = input;
  const firing = { id, transition, actor: actorOf(ctx.viewer), input: values, comment, expectedVersion };
  const call = { mutation: "fireTransition", key: idempotencyKey ?? null, input, permission: "workflow.fire" } as const;
  return submitOrRun(ctx, call, { firing }, (tx, alreadyRead) => fireInstance(tx, ctx.meta, firing, alreadyRead));
}

/** Ends an instance regardless of its state. For administrators, independent of the definition's transitions. */
export function cancelWorkflow(ctx: Context, { idempotencyKey, ...input }: CancelWorkflowInput): Promise<WorkflowInstance> {
  const id = decodeId("instance", input.instanceId, "input.instanceId");
  const { comment, expectedVersion } = input;
  return writeOnce(ctx, { mutation: "cancelWorkflow", key: idempotencyKey ?? null, input, permission: "workflow.cancel" }, (tx) =>
    cancelInstance(tx, ctx.meta, { id, comment, expectedVersion, actor: actorOf(ctx.viewer) }),
  );
}

type Call = {
  readonly mutation: string;
  readonly key: string | null;
  readonly input: unknown;
  /** Returns what the key is bound to in place of the input, outside of batches, because the input can contain secrets. */
  readonly forms?: (tx: Tx) => Promise<Pick<OnceCall, "input" | "otherForms">>;
  readonly permission: Permission;
};

type Run = (tx: Tx, alreadyRead: AlreadyRead | undefined) => Promise<InstanceHead>;

/** Writes a change in one batch with concurrent changes of the same tenant, or in its own transaction if it cannot be batched. */
async function submitOrRun(ctx: Context, call: Call, work: Work, submit: Run): Promise<WorkflowInstance> {
  const queued: QueuedCall = { meta: ctx.meta, key: keyedCallOf(ctx.meta, call), ...work };
  const batches = batchesOf(ctx.services.databases.app);
  let alreadyRead: AlreadyRead | undefined;
  const head = await ctx.joinWrite(async () => {
    const result = await batches.submit(queued);
    if (result.head === undefined) alreadyRead = result.alreadyRead;
    return result.head;
  });
  if (head) return toWorkflowInstance(head);
  return writeOnce(ctx, call, (tx) => {
    // A retried transaction reads again, because the earlier read led to the conflict.
    const first = alreadyRead;
    alreadyRead = undefined;
    return submit(tx, first);
  });
}

/** Applies a change at most once per idempotency key. A repeated call reads the instance again, with the current rights. */
export function writeOnce(
  ctx: Context,
  { permission, forms, ...call }: Call,
  submit: (tx: Tx) => Promise<InstanceHead>,
): Promise<WorkflowInstance> {
  return ctx.inTenant(async (tx) => {
    let head: InstanceHead | undefined;
    const keyed = forms && call.key !== null ? { ...call, ...(await forms(tx)) } : call;
    const { result } = await once(tx, ctx.meta, keyed, async () => {
      head = await submit(tx);
      return { id: head.id };
    });
    return toWorkflowInstance(head ?? (await getInstance(tx, ctx, result["id"] ?? "", permission)));
  });
}

/** Returns one instance, if the viewer can see it. */
export function readInstance(ctx: Context, id: string): Promise<WorkflowInstance> {
  return ctx.read(async (tx) => toWorkflowInstance(await getInstance(tx, ctx, id, "workflow.read")));
}

export async function getInstance(tx: Tx, ctx: Context, id: string, permission: Permission): Promise<InstanceHead> {
  const head = await findInstance(tx, ctx.viewer, id, permission);
  if (!head) throw new NotFound("WorkflowInstance", encodeId("instance", id));
  return head;
}

/** Returns whether a user can read an instance. Not necessarily the viewer: a link acts for the user who received it. */
export const canReadInstance = async (tx: Tx, viewer: Viewer, id: string): Promise<boolean> =>
  (await findInstance(tx, viewer, id, "workflow.read")) !== null;

/** Returns whether the viewer can fire transitions of an instance at all. The definition decides which ones. */
export async function mayFire(tx: Tx, ctx: Context, id: string): Promise<boolean> {
  return hasPermission(ctx.viewer, "workflow.fire") && (await findInstance(tx, ctx.viewer, id, "workflow.fire")) !== null;
}
