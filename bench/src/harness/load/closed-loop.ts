import { percentile } from "../statistics.js";

export interface LoopResult {
  readonly done: number;
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/**
 * Runs this many workers for this long. Each worker starts its next operation when the previous one has finished. `turn` counts the worker's
 * operations from 0. An error ends the whole loop.
 */
export async function closedLoop(
  workers: number,
  forMs: number,
  operation: (worker: number, turn: number) => Promise<void>,
): Promise<LoopResult> {
  const times: number[] = [];
  const started = performance.now();
  const until = started + forMs;
  await Promise.all(
    Array.from({ length: workers }, async (_, worker) => {
      for (let turn = 0; performance.now() < until; turn++) {
        const before = performance.now();
        await operation(worker, turn);
        times.push(performance.now() - before);
      }
    }),
  );
  const seconds = (performance.now() - started) / 1000;
  return { done: times.length, perSecond: times.length / seconds, p50Ms: percentile(times, 0.5), p99Ms: percentile(times, 0.99) };
}
