/**
 * Transitions: fires a transition of a stored instance: one read, the pure core, one guarded write. Also lists and explains transitions.
 * The caller owns the transaction.
 * This room never retries after a conflict, and never decides who can fire: the core does.
 */
import type { Permission, Tx, WriteMeta } from "@weft/shared";
import type { FireResult } from "../../core/model/outcome.js";
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
import type { Begun } from "../model/begun.js";

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
 * Fires a transition: one read, the pure core, one guarded write. Returns the new row. `begun`: what was already read, under the same permission.
 * Errors: NOT_FOUND, CONFLICT (another write came first), TRANSITION_REJECTED (every reason), BAD_USER_INPUT (comment, input, data).
 */
export async function fireInstance(tx: Tx, meta: WriteMeta, firing: Firing, begun?: Begun): Promise<InstanceHead> {
  const { id, actor, permission = "workflow.fire", lockRead } = firing;
  return fireRead(tx, meta, begun?.read ?? (await readInstance(tx, id, { actor, permission, lockRead })), firing);
}

/** Fires a transition of an instance that has already been read. `taskId` is the task that the firing completes. */
export async function fireRead(
  tx: Tx,
  meta: WriteMeta,
  read: InstanceRead,
  firing: Omit<Firing, "id"> & { readonly taskId?: string },
): Promise<InstanceHead> {
  const { transition, actor, input, comment, expectedVersion, taskId } = firing;
  assertVersion(read.head, expectedVersion);
  const machine = await machineForTransition(tx, meta, read.head);
  const request = { transition, actor, input, comment: comment ?? null, taskId, now: read.now };
  const votes = taskId !== undefined && decidedBy(machine, read.head.state, transition) ? await readVotes(tx, taskId) : undefined;
  const snapshot = { ...snapshotOf(read.head, read.openTasks, read.suspension), votes };
  const result = fire(machine, snapshot, request);
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
