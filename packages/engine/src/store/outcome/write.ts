/** The only statement that writes instances: `engine.apply(context, outcome)`, which is guarded and atomic. */
import { Conflict, TransitionRejected } from "@weft/shared/errors";
import { afterCommit, databaseFaultOf, named, type Tx } from "@weft/platform/db";
import { noteDueRuns, type WriteMeta } from "@weft/platform/events";
import { sql } from "drizzle-orm";
import { blockedReason } from "../../core/transition/blocked.js";
import type { InstanceWrite } from "./instance-write.js";
import { offerTasks } from "./offer-tasks.js";
import { outcomeOf } from "./written-rows.js";

/** The result of `engine.apply`. The current values are those of the visible row; null if there is none. */
export type Applied = {
  readonly applied: boolean;
  readonly currentVersion: number | null;
  readonly currentState: string | null;
  readonly currentStatus: string | null;
};

/** The first argument of `engine.apply`: the settings that row-level security reads, and who acts. */
export type ApplyContext = Omit<WriteMeta, "keyring"> & { readonly userId: string | null; readonly vendorId: string | null };

/**
 * Writes changes in order: of one instance, or of several whose rows the transaction has locked. CONFLICT if another write of the first one came
 * first. TRANSITION_REJECTED (`blocked`) if they end a request before the requests that block it and its children.
 */
export async function applyWrites(tx: Tx, meta: WriteMeta, writes: readonly [InstanceWrite, ...InstanceWrite[]]): Promise<void> {
  const [first, ...others] = writes;
  const context = { ...contextOf(meta), address: first.sealedAddress };
  const isChain = others.length > 0;
  // The settings of the transaction again: engine.apply compares them and rejects a transaction with other settings.
  const applying = tx.execute<{ result: Applied }>(
    named(
      isChain ? "applyChain" : "applyWrite",
      sql`select ${sql.raw(isChain ? "engine.apply_chain" : "engine.apply")}(
        jsonb_build_object('userId', app.user_id(), 'vendorId', app.vendor()) || ${JSON.stringify(context)}::text::jsonb,
        ${JSON.stringify(isChain ? writes.map(outcomeOf) : outcomeOf(first))}::text::jsonb) as result`,
    ),
  );
  if (writes.some(({ runId, stopsRun }) => runId !== undefined || stopsRun)) afterCommit(tx, noteDueRuns);
  const [row] = await applying.catch(toBlocked);
  if (!row) throw new Error("engine.apply returned no row");
  if (!row.result.applied) throw conflict(row.result);
  for (const { instance, offers = [] } of writes) await offerTasks(tx, meta, instance, offers);
}

/** The members of the context that the meta of the write knows. User and vendor are settings of the transaction. */
export function contextOf(meta: WriteMeta): Omit<ApplyContext, "userId" | "vendorId"> {
  const { tenantId, actorId, onBehalfOf, requestId, sessionId, address, traceId } = meta;
  return { tenantId, actorId, onBehalfOf, requestId, sessionId, address, traceId };
}

export function conflict({ currentVersion, currentState }: Pick<Applied, "currentVersion" | "currentState">): Conflict {
  const now = currentVersion === null ? "It no longer exists." : `It is now in state ${currentState} with version ${currentVersion}.`;
  return new Conflict(`The workflow has changed in the meantime. ${now} Read it again before you retry.`, {
    currentVersion: currentVersion ?? 0,
    currentState: currentState ?? "",
  });
}

/** Returns whether the error says that a request waits for the requests that block it or for its children. */
export function isBlocked(error: unknown): boolean {
  return error instanceof TransitionRejected && error.reasons.some(({ code }) => code === "blocked");
}

/** Maps the fault of the trigger `requests_unblocked`. */
function toBlocked(error: unknown): never {
  const fault = databaseFaultOf(error);
  if (fault?.constraint !== "requests_unblocked") throw error;
  const { rule, message } = blockedReason(Number(fault.detail));
  throw new TransitionRejected([{ code: rule, message }]);
}
