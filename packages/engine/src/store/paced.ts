import { setImmediate } from "node:timers/promises";

/** So long a process may compute without looking for others. */
const TURN_MS = 20;

/** Computes one after the other; others are served in between. For work that waits for something, or is of no operation; else there is `Computing`. */
export async function paced<T, R>(items: readonly T[], compute: (item: T) => R | Promise<R>): Promise<R[]> {
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
