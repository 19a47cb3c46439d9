import { setTimeout as delay } from "node:timers/promises";

/**
 * How long a test waits for something that is promised within a second. The promise requires a machine with free capacity, but test machines are
 * busy. Tests only need to distinguish soon from late, that is, from data cached for minutes or from the next request. `pnpm test:distributed`
 * measures the second itself.
 */
export const aSecondMs = 4_000;

export interface UntilOptions {
  /** Awaited condition, for the error message. */
  readonly what: string;
  /** Default: 20 seconds. */
  readonly deadlineMs?: number;
  /** Default: 10 ms. */
  readonly everyMs?: number;
}

/**
 * Calls `ask` repeatedly until it returns a value other than false, null or undefined. Returns that value.
 *
 * @throws Error with `what` and the last error or answer when the deadline passes. An error thrown by `ask` counts as "not yet".
 */
export async function until<T>(
  ask: () => T | Promise<T>,
  { what, deadlineMs = 20_000, everyMs = 10 }: UntilOptions,
): Promise<Exclude<Awaited<T>, false | null | undefined>> {
  const started = performance.now();
  for (;;) {
    let last: unknown;
    try {
      const answer = await ask();
      if (answer !== false && answer !== null && answer !== undefined) return answer as Exclude<Awaited<T>, false | null | undefined>;
      last = answer;
    } catch (error) {
      last = error;
    }
    if (performance.now() - started > deadlineMs) {
      throw new Error(`Waited ${deadlineMs} ms in vain until ${what}; the last answer was ${String(last)}.`, { cause: last });
    }
    await delay(everyMs);
  }
}
