/**
 * Transitions: fires a transition of a stored instance: one read, the pure core, one guarded write. Also lists and explains transitions.
 * The caller owns the transaction.
 * This module never retries after a conflict, and never decides who can fire: the core does.
 */
import type { Permission } from "@weft/shared/viewer";
import type { Tx } from "@weft/platform/db";
import type { WriteMeta } from "@weft/platform/events";
import type { Machine } from "../../core/model/machine.js";
import type { FireResult } from "../../core/model/outcome.js";
import type { Snapshot, SnapshotVote } from "../../core/model/snapshot.js";
import { fire } from "../../core/transition/fire.js";
import { decidedBy } from "../../core/votes/votes.js";
import type { ViewerActor } from "../model/actor.js";
import { applyOutcome, assertVersion } from "../automatic/apply.js";
import { roleNamesIn } from "../authorization/role-names.js";
import { attachAnswers } from "../forms/answer-files.js";
import { assertReferences } from "../forms/forms.js";
import { machineForTransition } from "../incidents/incidents.js";
import { accepted } from "../model/rejection.js";
import { readInstance, snapshotOf, type InstanceRead } from "../model/snapshot.js";
import type { InstanceHead } from "../model/instance-head.js";
import { readVotes } from "../votes/votes.js";
import type { AlreadyRead } from "../model/already-read.js";

export type Firing = {
  /** UUID of the instance. */
  readonly id: string;
  readonly transition: string;
  readonly actor: ViewerActor;
  readonly input?: unknown;
  readonly comment?: string | null | undefined;
  /** The version that the decision is based on; any other version is a CONFLICT. */
  readonly expectedVersion?: number | null | undefined;
  /** Waits for concurrent writes instead of failing. */
  readonly lockRead?: boolean | undefined;
  /** The permission under which the instance must be visible; `workflow.fire` unless a business operation (`request.submit`) has its own. */
  readonly permission?: Permission | undefined;
};

/**
 * Fires a transition: one read, the pure core, one guarded write. Returns the new row. `alreadyRead`: what was already read, under the same permission.
 * Errors: NOT_FOUND, CONFLICT (another write came first), TRANSITION_REJECTED (every reason), BAD_USER_INPUT (comment, input, data).
 */
export async function fireInstance(tx: Tx, meta: WriteMeta, firing: Firing, alreadyRead?: AlreadyRead): Promise<InstanceHead> {
  const { id, actor, permission = "workflow.fire", lockRead } = firing;
  return fireRead(tx, meta, alreadyRead?.read ?? (await readInstance(tx, id, { actor, permission, lockRead })), firing);
}

/** A transition of an instance that has been read. */
type ReadFiring = Omit<Firing, "id" | "lockRead"> & { readonly taskId?: string };

/** Decides a transition from what was read for it, and reads nothing: the same alone and in a batch. */
export function decideFire(
  machine: Machine,
  { head, openTasks, suspension, now }: InstanceRead,
  { transition, actor, input, comment, taskId }: ReadFiring,
  votes?: readonly SnapshotVote[],
): { readonly snapshot: Snapshot; readonly result: FireResult } {
  const snapshot = { ...snapshotOf(head, openTasks, suspension), votes };
  return { snapshot, result: fire(machine, snapshot, { transition, actor, input, comment: comment ?? null, taskId, now }) };
}

/** Fires a transition of an instance that has already been read. `taskId` is the task that the firing completes. */
export async function fireRead(tx: Tx, meta: WriteMeta, read: InstanceRead, firing: ReadFiring): Promise<InstanceHead> {
  const { transition, actor, expectedVersion, taskId } = firing;
  assertVersion(read.head, expectedVersion);
  const machine = await machineForTransition(tx, meta, read.head);
  const votes = taskId !== undefined && decidedBy(machine, read.head.state, transition) ? await readVotes(tx, taskId) : undefined;
  const { result } = decideFire(machine, read, firing, votes);
  const outcome = accepted(result.ok ? result : await rejectedInWords(tx, result));
  await assertReferences(tx, actor.viewer, read.head, outcome);
  const head = await applyOutcome(tx, meta, read, { machine, outcome, actor });
  await attachAnswers(tx, { viewer: actor.viewer, meta }, head, outcome.references);
  return head;
}

type Rejected = Extract<FireResult, { ok: false }>;

/** Names the roles in the reasons. Reads only if the transition is rejected. */
async function rejectedInWords(tx: Tx, { rejection }: Rejected): Promise<Rejected> {
  const withNames = await roleNamesIn(tx, rejection.reasons);
  return { ok: false, rejection: { ...rejection, reasons: rejection.reasons.map(withNames) } };
}
