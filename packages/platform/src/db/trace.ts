import type { Tx } from "./database.js";

const traces = new WeakMap<Error, (tx: Tx) => Promise<void>>();

/**
 * Returns the error with a trace, which is kept although the error's transaction is rolled back. `asTenant` runs `write` in a second transaction, as
 * the same user, and then throws the error. The second transaction sees the state at that time. If it also fails, nothing is kept.
 */
export function withTrace<E extends Error>(error: E, write: (tx: Tx) => Promise<void>): E {
  traces.set(error, write);
  return error;
}

export function traceOf(error: unknown): ((tx: Tx) => Promise<void>) | undefined {
  return error instanceof Error ? traces.get(error) : undefined;
}
