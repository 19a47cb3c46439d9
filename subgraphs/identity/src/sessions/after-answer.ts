import type { Services } from "@weft/platform/services";

const minDelayMs = 100;
const maxDelayMs = 500;

/** Work that waits for its time. */
const waiting = new WeakMap<Services, Set<() => Promise<void>>>();
/** Work that was started. */
const running = new WeakMap<Services, Set<Promise<void>>>();

/**
 * Does work that only known users cause after the answer, at a random moment, so that neither this answer nor the next one takes longer than for unknown
 * users. A process that stops does it before (`finishAfterAnswers`).
 * @param run must not reject
 */
export function afterAnswer(services: Services, run: () => Promise<void>): void {
  const set = waiting.get(services) ?? new Set();
  waiting.set(services, set);
  const start = async (): Promise<void> => {
    clearTimeout(timer);
    set.delete(start);
    const started = run();
    const others = running.get(services) ?? new Set();
    running.set(services, others.add(started));
    await started.finally(() => others.delete(started));
  };
  const timer = setTimeout(() => void start(), minDelayMs + Math.random() * (maxDelayMs - minDelayMs));
  set.add(start);
}

/** Starts everything that waits, and returns when all of it is done. Call it before the databases are closed. */
export async function finishAfterAnswers(services: Services): Promise<void> {
  await Promise.all([...(waiting.get(services) ?? [])].map((start) => start()));
  for (const started of running.get(services) ?? []) await started;
}
