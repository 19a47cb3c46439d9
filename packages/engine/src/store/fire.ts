import type { Permission, Tx, WriteMeta } from "@weft/shared";
import { fire } from "../core/fire.js";
import { decidedBy } from "../core/votes.js";
import type { ViewerActor } from "./actor.js";
import { applyOutcome, assertVersion } from "./apply.js";
import { assertReferences } from "./forms.js";
import { machineToMove } from "./incidents.js";
import { accepted } from "./rejection.js";
import { readInstance, snapshotOf, type InstanceHead, type InstanceRead } from "./snapshot.js";
import { readVotes } from "./votes.js";
import type { Begun } from "./batch/booking.js";

export type Firing = {
  /** UUID of the instance. */
  readonly id: string;
  readonly transition: string;
  readonly actor: ViewerActor;
  readonly input?: unknown;
  readonly comment?: string | null | undefined;
  /** The version that the decision was made on; another one is a CONFLICT. */
  readonly expectedVersion?: number | null | undefined;
  /** Waits for concurrent moves in place of losing to them. */
  readonly lockRead?: boolean | undefined;
  /** Under which right the instance must be visible; `workflow.fire` unless a business verb (`request.submit`) brings its own. */
  readonly permission?: Permission | undefined;
};

/**
 * Fires a transition: one read, the pure core, one guarded write. The new row.
 * `begun`: what was read already, under the same right. Errors: NOT_FOUND, CONFLICT (another write came first), TRANSITION_REJECTED (every reason),
 * BAD_USER_INPUT (comment, input, data).
 */
export async function fireInstance(tx: Tx, meta: WriteMeta, firing: Firing, begun?: Begun): Promise<InstanceHead> {
  const { id, actor, permission = "workflow.fire", lockRead } = firing;
  return fireRead(tx, meta, begun?.read ?? (await readInstance(tx, id, { actor, permission, lockRead })), firing);
}

/** The same for an instance that has been read already; `taskId` names the task that the firing completes. */
export async function fireRead(
  tx: Tx,
  meta: WriteMeta,
  read: InstanceRead,
  firing: Omit<Firing, "id"> & { readonly taskId?: string },
): Promise<InstanceHead> {
  const { transition, actor, input, comment, expectedVersion, taskId } = firing;
  assertVersion(read.head, expectedVersion);
  const machine = await machineToMove(tx, meta, read.head);
  const request = { transition, actor, input, comment: comment ?? null, taskId, now: read.now };
  const votes = taskId !== undefined && decidedBy(machine, read.head.state, transition) ? await readVotes(tx, taskId) : undefined;
  const snapshot = { ...snapshotOf(read.head, read.openTasks, read.suspension), votes };
  const outcome = accepted(fire(machine, snapshot, request));
  await assertReferences(tx, actor.viewer, outcome);
  return applyOutcome(tx, meta, read, { machine, outcome, actor });
}
