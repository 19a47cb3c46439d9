import { setImmediate } from "node:timers/promises";

/** Maximum time that a process computes without serving other requests. */
const TURN_MS = 20;

/**
 * Computes results one after the other and serves other requests in between. For work that waits for something, or belongs to no operation; otherwise
 * use `Computing`.
 */
export async function mapYielding<T, R>(items: readonly T[], compute: (item: T) => R | Promise<R>): Promise<R[]> {
  const results: R[] = [];
  let began = performance.now();
  for (const item of items) {
    results.push(await compute(item));
    if (performance.now() - began < TURN_MS) continue;
    await setImmediate();
    began = performance.now();
  }
  return results;
}
