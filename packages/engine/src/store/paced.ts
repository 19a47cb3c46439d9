import { setImmediate } from "node:timers/promises";

/** Counts what has been computed; throws when no more may be. */
export type Spend = (ms: number) => void;

/** So long a process may compute without looking for others. */
const TURN_MS = 20;

/** Computes one after the other; others are served in between, and `spend` hears of every turn. */
export async function paced<T, R>(items: readonly T[], compute: (item: T) => R | Promise<R>, spend: Spend = () => {}): Promise<R[]> {
  const results: R[] = [];
  let began = performance.now();
  for (const item of items) {
    results.push(await compute(item));
    const ms = performance.now() - began;
    if (ms < TURN_MS) continue;
    spend(ms);
    await setImmediate();
    began = performance.now();
  }
  spend(performance.now() - began);
  return results;
}
