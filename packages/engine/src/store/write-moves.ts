/** The one write of moves: `engine.apply(context, outcome)`, a guarded statement that is all or nothing. */
import { Conflict, named, type Tx, type WriteMeta } from "@weft/shared";
import { sql } from "drizzle-orm";
import type { Move } from "./move.js";

/** What `engine.apply` answers; the current values are those of the visible row, null when there is none. */
export type Applied = {
  readonly applied: boolean;
  readonly currentVersion: number | null;
  readonly currentState: string | null;
  readonly currentStatus: string | null;
};

/** The first argument of `engine.apply`: the settings that row-level security reads, and who acts. */
export type ApplyContext = Omit<WriteMeta, "keyring"> & { readonly userId: string | null; readonly vendorId: string | null };

/** Writes moves in their order: of one instance, or of several whose rows the transaction holds. CONFLICT when somebody else was faster at the first of them. */
export async function writeMoves(tx: Tx, meta: WriteMeta, moves: readonly [Move, ...Move[]]): Promise<void> {
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

export function conflict({ currentVersion, currentState }: Pick<Applied, "currentVersion" | "currentState">): Conflict {
  const now = currentVersion === null ? "It is no longer there." : `It is now in state ${currentState} with version ${currentVersion}.`;
  return new Conflict(`Somebody else has changed the workflow meanwhile. ${now} Read it again and decide anew.`, {
    currentVersion: currentVersion ?? 0,
    currentState: currentState ?? "",
  });
}
