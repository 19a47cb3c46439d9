/** The one write of a move: `engine.apply(context, outcome)`, a guarded statement that is all or nothing. */
import { Conflict, named, type Tx, type WriteMeta } from "@weft/shared";
import { sql } from "drizzle-orm";
import type { Machine } from "../core/machine.js";
import { settle } from "../core/settle.js";
import type { Actor, Outcome } from "../core/types.js";
import { planChain, type Move } from "./move.js";
import { snapshotOf, type InstanceHead, type InstanceRead } from "./snapshot.js";

/** What `engine.apply` answers; the current values are those of the visible row, null when there is none. */
export type Applied = {
  readonly applied: boolean;
  readonly currentVersion: number | null;
  readonly currentState: string | null;
  readonly currentStatus: string | null;
};

/** The first argument of `engine.apply`: the settings that row-level security reads, and who acts. */
export type ApplyContext = Omit<WriteMeta, "keyring"> & { readonly userId: string | null; readonly vendorId: string | null };

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
  const outcomes = machine ? settle(machine, snapshot, outcome, actor) : ([outcome] as const);
  return applyChain(tx, meta, read, { machine, outcomes });
}

/** The same for several outcomes, the first of them first: `settle` has been asked what follows. */
export async function applyChain(
  tx: Tx,
  meta: WriteMeta,
  read: InstanceRead,
  { machine, outcomes }: { readonly machine: Machine | null; readonly outcomes: readonly [Outcome, ...Outcome[]] },
): Promise<InstanceHead> {
  const { moves, after } = await planChain(tx, meta, read, outcomes, machine?.index ?? []);
  await applyMoves(tx, meta, moves);
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
  const { moves, after } = await planChain(tx, meta, { head: blank, openTasks: [], isNew: true }, outcomes, machine?.index ?? []);
  await applyMoves(tx, meta, moves);
  return after;
}

/** What the core has decided, and who asked for it. Without a machine nothing follows from the move by itself. */
export type Decided = { readonly machine: Machine | null; readonly outcome: Outcome; readonly actor: Actor };

async function applyMoves(tx: Tx, meta: WriteMeta, moves: readonly [Move, ...Move[]]): Promise<void> {
  const [{ sealedAddress, ...only }, ...others] = moves;
  const context = { ...contextOf(meta), address: sealedAddress };
  const isChain = others.length > 0;
  // The transaction's own settings again: engine.apply compares them and refuses a transaction of somebody else.
  const [row] = await tx.execute<{ result: Applied }>(
    named(
      isChain ? "applyChain" : "applyMove",
      sql`select ${sql.raw(isChain ? "engine.apply_chain" : "engine.apply")}(
        jsonb_build_object('userId', app.user_id(), 'vendorId', app.vendor()) || ${JSON.stringify(context)}::text::jsonb,
        ${JSON.stringify(isChain ? moves : only)}::text::jsonb) as result`,
    ),
  );
  if (!row) throw new Error("engine.apply gave no row");
  if (!row.result.applied) throw conflict(row.result);
}

/** The members of the context that the write's meta knows; user and vendor are the transaction's settings. */
export function contextOf(meta: WriteMeta): Omit<ApplyContext, "userId" | "vendorId"> {
  const { tenantId, actorId, onBehalfOf, requestId, sessionId, address, traceId } = meta;
  return { tenantId, actorId, onBehalfOf, requestId, sessionId, address, traceId };
}

/** CONFLICT when the caller has decided upon another version than the one that is there. */
export function assertVersion(head: InstanceHead, expectedVersion: number | null | undefined): void {
  if (expectedVersion === null || expectedVersion === undefined || expectedVersion === head.version) return;
  throw conflict({ currentVersion: head.version, currentState: head.state });
}

export function conflict({ currentVersion, currentState }: Pick<Applied, "currentVersion" | "currentState">): Conflict {
  const now = currentVersion === null ? "It is no longer there." : `It is now in state ${currentState} with version ${currentVersion}.`;
  return new Conflict(`Somebody else has changed the workflow meanwhile. ${now} Read it again and decide anew.`, {
    currentVersion: currentVersion ?? 0,
    currentState: currentState ?? "",
  });
}
