/** What the core has decided, and what follows from it by itself, written at once. */
import type { Tx, WriteMeta } from "@weft/shared";
import type { Machine } from "../core/machine.js";
import { settle } from "../core/settle.js";
import type { Actor } from "../core/actor.js";
import type { Outcome } from "../core/outcome.js";
import { concernsFamily, moveInFamily } from "./family.js";
import { planChain } from "./move.js";
import { readChildren } from "./children.js";
import { snapshotOf, type InstanceHead, type InstanceRead } from "./snapshot.js";
import { conflict, writeMoves } from "./write-moves.js";

/** What the core has decided, and who asked for it. Without a machine nothing follows from the move by itself. */
export type Decided = { readonly machine: Machine | null; readonly outcome: Outcome; readonly actor: Actor };

/** Several outcomes, the first of them first: `settle` has been asked what follows. */
export type Settled = { readonly machine: Machine | null; readonly outcomes: readonly [Outcome, ...Outcome[]]; readonly actor: Actor };

/**
 * Writes the outcome in the caller's transaction. CONFLICT with the current version and state when another write came first; a task that
 * was claimed in between raises a serialization failure, which repeats the whole transaction (`asTenant`).
 */
export async function applyOutcome(
  tx: Tx,
  meta: WriteMeta,
  read: InstanceRead,
  { machine, outcome, actor }: Decided,
): Promise<InstanceHead> {
  const snapshot = snapshotOf(read.head, read.openTasks, read.suspension);
  // Children that have ended meanwhile let it go on.
  const children = machine && outcome.kind === "resume" ? await readChildren(tx, machine, read.head) : undefined;
  const outcomes = machine ? settle(machine, { ...snapshot, children }, outcome, actor) : ([outcome] as const);
  return applyChain(tx, meta, read, { machine, outcomes, actor });
}

/** The same for several outcomes. */
export async function applyChain(
  tx: Tx,
  meta: WriteMeta,
  read: InstanceRead,
  { machine, outcomes, actor }: Settled,
): Promise<InstanceHead> {
  if (concernsFamily(read.head, outcomes)) return moveInFamily(tx, meta, { read, machine, outcomes, actor });
  const { moves, after } = await planChain(tx, meta, read, outcomes, machine?.index ?? []);
  await writeMoves(tx, meta, moves);
  return after;
}

/** The same for an instance that is not there yet; `blank` is its row before the first move. */
export async function applyStart(
  tx: Tx,
  meta: WriteMeta,
  blank: InstanceHead,
  { machine, outcome, actor }: Decided,
): Promise<InstanceHead> {
  const outcomes = machine ? settle(machine, snapshotOf(blank, []), outcome, actor) : ([outcome] as const);
  const read = { head: blank, openTasks: [], now: outcome.at, isNew: true };
  if (concernsFamily(blank, outcomes)) return moveInFamily(tx, meta, { read, machine, outcomes, actor });
  const { moves, after } = await planChain(tx, meta, read, outcomes, machine?.index ?? []);
  await writeMoves(tx, meta, moves);
  return after;
}

/** CONFLICT when the caller has decided upon another version than the one that is there. */
export function assertVersion(head: InstanceHead, expectedVersion: number | null | undefined): void {
  if (expectedVersion === null || expectedVersion === undefined || expectedVersion === head.version) return;
  throw conflict({ currentVersion: head.version, currentState: head.state });
}
