import type { Tx } from "./database.js";

const beginnings = new WeakMap<Tx, number>();

/** Records that a transaction begins now, before its first statement. */
export const begins = (tx: Tx): void => void beginnings.set(tx, performance.now());

/**
 * Returns a time, by `performance.now()`, before which nothing that the transaction reads was read. For caches: their entries are at least as new. Of a
 * savepoint it is not known, and always.
 */
export const beganAt = (tx: Tx): number => beginnings.get(tx) ?? -Infinity;
