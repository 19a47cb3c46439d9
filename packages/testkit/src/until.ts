import { setTimeout as delay } from "node:timers/promises";

/**
 * How long a test waits for what is promised within a second. The promise is one on a machine that has time for it; a test's machine does other work as
 * well, and what it has to tell apart is soon and late: a memory of minutes, or a next request. `pnpm test:distributed` measures the second itself.
 */
export const aSecondMs = 4_000;

export interface UntilOptions {
  /** What is waited for, for the message when it does not come. */
  readonly what: string;
  /** Default: 20 seconds. */
  readonly deadlineMs?: number;
  /** Default: 10 ms. */
  readonly everyMs?: number;
}

/**
 * Asks again and again until the answer is neither false, null nor undefined, and gives it.
 *
 * @throws Error naming `what` and the last error or answer when the deadline passes. An error of `ask` itself counts as "not yet".
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
