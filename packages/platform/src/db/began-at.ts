import type { Tx } from "./database.js";

const beginnings = new WeakMap<Tx, number>();

/** Records that a transaction begins now, before its first statement. */
export const begins = (tx: Tx): void => void beginnings.set(tx, performance.now());

/** Records that a savepoint counts as begun with its transaction: in a read, it sees the same snapshot. */
export const beginsWith = (tx: Tx, savepoint: Tx): void => void beginnings.set(savepoint, beganAt(tx));

/** Returns a time, by `performance.now()`, before which nothing that the transaction reads was read. For caches: their entries are at least as new. */
export const beganAt = (tx: Tx): number => beginnings.get(tx) ?? -Infinity;
