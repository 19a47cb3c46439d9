import type { Tx } from "./database.js";

const traces = new WeakMap<Error, (tx: Tx) => Promise<void>>();

/**
 * The error, of which something is to stay although its transaction is undone: `asTenant` runs `write` in a second one, as the same person, and throws
 * the error then. The second transaction sees the world as it is by then; when it fails too, nothing stays.
 */
export function withTrace<E extends Error>(error: E, write: (tx: Tx) => Promise<void>): E {
  traces.set(error, write);
  return error;
}

export function traceOf(error: unknown): ((tx: Tx) => Promise<void>) | undefined {
  return error instanceof Error ? traces.get(error) : undefined;
}
