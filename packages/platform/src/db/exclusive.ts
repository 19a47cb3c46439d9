import type { Tx } from "./database.js";
import { FastSession } from "./drizzle/fast-session.js";
import type { Turns } from "./turns.js";

/**
 * Runs `fn` while no other code sends statements of the transaction; statements of other code wait until it has ended. For settings that change what
 * statements see: the loaders of a request share one read transaction, and send their statements at the same time. `fn` must use the transaction itself,
 * and not wait for a loader.
 */
export async function exclusively<T>(tx: Tx, fn: () => Promise<T>): Promise<T> {
  const turns = turnsOf(tx);
  return turns === undefined ? fn() : turns.run(fn);
}

/** Undefined for a savepoint: only writes have those, and they send one statement at a time. */
function turnsOf(tx: Tx): Turns | undefined {
  const { session } = tx as unknown as { readonly session: unknown };
  return session instanceof FastSession ? session.turns : undefined;
}
