/** What people do to an instance beside its definition: say something, hold it, let it go on. */
import type { Permission, Tx, WriteMeta } from "@weft/shared";
import type { FireResult } from "../core/outcome.js";
import { comment, resume, suspend } from "../core/remark.js";
import type { RemarkRequest } from "../core/requests.js";
import type { Snapshot } from "../core/snapshot.js";
import type { ViewerActor } from "./actor.js";
import { applyOutcome, assertVersion } from "./apply.js";
import { findMachine } from "./machines.js";
import { accepted } from "./rejection.js";
import { readInstance, snapshotOf, type InstanceHead } from "./snapshot.js";

export type Intervention = {
  /** UUID of the instance. */
  readonly id: string;
  /** What is said, or why; only a resumption may be without. */
  readonly text: unknown;
  /** The instance must be visible to him under the verb's permission. */
  readonly actor: ViewerActor;
  readonly expectedVersion?: number | null | undefined;
};

/** Adds a comment to the history. It waits for concurrent moves: what is said is not lost to them. Errors: NOT_FOUND, CONFLICT, TRANSITION_REJECTED (it has ended), BAD_USER_INPUT. */
export const commentOnInstance = (tx: Tx, meta: WriteMeta, intervention: Intervention): Promise<InstanceHead> =>
  intervene(tx, meta, intervention, { move: comment, permission: "workflow.fire", lockRead: true });

/** Holds a running instance. Of a suspension and a firing at once one wins, the other sees CONFLICT. Errors: as `commentOnInstance`. */
export const suspendInstance = (tx: Tx, meta: WriteMeta, intervention: Intervention): Promise<InstanceHead> =>
  intervene(tx, meta, intervention, { move: suspend, permission: "workflow.cancel", lockRead: false });

/** Lets a held instance go on. Errors: as `commentOnInstance`. */
export const resumeInstance = (tx: Tx, meta: WriteMeta, intervention: Intervention): Promise<InstanceHead> =>
  intervene(tx, meta, intervention, { move: resume, permission: "workflow.cancel", lockRead: false });

type Verb = {
  readonly move: (snapshot: Snapshot, request: RemarkRequest) => FireResult;
  readonly permission: Permission;
  readonly lockRead: boolean;
};

async function intervene(tx: Tx, meta: WriteMeta, { id, text, actor, expectedVersion }: Intervention, verb: Verb): Promise<InstanceHead> {
  const { move, permission, lockRead } = verb;
  const read = await readInstance(tx, id, { actor, permission, lockRead });
  assertVersion(read.head, expectedVersion);
  const outcome = accepted(move(snapshotOf(read.head, read.openTasks, read.suspension), { actor, comment: text, now: read.now }));
  // What waited for the data or the assignment goes on with the resumption.
  const machine = outcome.kind === "resume" ? await findMachine(tx, meta.tenantId, read.head.definitionId) : null;
  return applyOutcome(tx, meta, read, { machine, outcome, actor });
}
