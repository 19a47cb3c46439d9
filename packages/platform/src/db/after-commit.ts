import type { Tx } from "./database.js";

const hooks = new WeakMap<Tx, Set<() => void>>();

/** Calls the function once when the transaction has been committed. Only for hints that may be lost: nothing is called if the process ends before. */
export function afterCommit(tx: Tx, fn: () => void): void {
  const known = hooks.get(tx);
  if (known) known.add(fn);
  else hooks.set(tx, new Set([fn]));
}

/** Calls what waits for the commit of the transaction. */
export function runAfterCommit(tx: Tx): void {
  for (const fn of hooks.get(tx) ?? []) fn();
}
