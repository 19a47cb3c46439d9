import { databaseFaultOf, isInstanceVisible, WeftError, type Tx, type WriteMeta } from "@weft/shared";
import { fire } from "../../core/fire.js";
import { isPlainMove, isPlainState } from "../../core/plain.js";
import { settle } from "../../core/settle.js";
import { assertVersion } from "../apply.js";
import { cachedMachine } from "../machines.js";
import { planChain, type Move } from "../move.js";
import { accepted } from "../rejection.js";
import { snapshotOf, type InstanceHead, type InstanceRead } from "../snapshot.js";
import { alone, refused, type BatchFiring, type Verdict } from "./firing.js";

/** A move that is ready to be written. */
export type Decided = {
  readonly kind: "decided";
  readonly meta: WriteMeta;
  readonly move: Move;
  readonly before: InstanceHead;
  readonly after: InstanceHead;
};

/** The same as `fireInstance` up to the write, upon what was read for the whole batch. Whatever is not plain goes alone. */
export async function decide(tx: Tx, { meta, firing }: BatchFiring, read: InstanceRead | undefined): Promise<Decided | Verdict> {
  const { actor, transition, input, comment, expectedVersion, permission = "workflow.fire" } = firing;
  // Who says that there is none is the predicate of the ordinary way, not this one.
  if (!read || !isInstanceVisible(actor.viewer, permission, read.head)) return alone;
  const machine = cachedMachine(meta.tenantId, read.head.definitionId);
  const isPlain = machine && read.head.status === "RUNNING" && read.head.parentId === null && isPlainState(machine, read.head.state);
  if (!isPlain) return alone;
  try {
    assertVersion(read.head, expectedVersion);
    const snapshot = snapshotOf(read.head, read.openTasks);
    const outcome = accepted(fire(machine, snapshot, { transition, actor, input, comment: comment ?? null, now: read.now }));
    const outcomes = settle(machine, snapshot, outcome, actor);
    if (!isPlainMove(outcomes)) return alone;
    const { moves, after } = await planChain(tx, meta, read, outcomes, machine.index);
    const [move] = moves;
    return isWritable(move, read.head) ? { kind: "decided", meta, move, before: read.head, after } : alone;
  } catch (error) {
    // After an error of the database nothing goes on in this transaction.
    if (databaseFaultOf(error)) throw error;
    return error instanceof WeftError ? refused(error) : alone;
  }
}

/** Whether `engine.apply_batch` has a place for everything that the move writes. */
function isWritable(
  { instance, incident, resolution, fields, words, audit }: Move,
  { ownerId, teamId, definitionId }: InstanceHead,
): boolean {
  const isItsOwn = instance.ownerId === ownerId && instance.teamId === teamId && instance.definitionId === definitionId;
  return isItsOwn && incident === null && resolution === null && fields === undefined && words === undefined && audit.length === 1;
}
