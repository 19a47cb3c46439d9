import { WeftError } from "../errors.js";

/** Waits; ends early, with the signal's reason, if it is aborted. */
export function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const end = (): void => {
      clearTimeout(timer);
      reject(signal?.reason as Error);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", end);
      resolve();
    }, ms);
    signal?.addEventListener("abort", end, { once: true });
  });
}

const firstPauseMs = 300;
const longestPauseMs = 5_000;

/** Exponential backoff with jitter, so that clients that were cut off together do not come back together. */
export const backoffMs = (attempt: number): number => Math.min(firstPauseMs * 2 ** attempt, longestPauseMs) * (0.5 + Math.random() / 2);

const longestRetryAfterMs = 3_600_000;

/** Returns how long a server or a proxy asks to wait, at most an hour. It says so in seconds, or as a date. 0: it does not say. */
export function retryAfterMsOf(headers: Headers): number {
  const value = headers.get("retry-after") ?? "";
  const ms = /^\d+$/.test(value) ? 1_000 * Number(value) : Date.parse(value) - Date.now();
  return ms > 0 ? Math.min(ms, longestRetryAfterMs) : 0;
}

export interface RetryOptions {
  /** How long to repeat, from the first attempt. 0: never. */
  readonly forMs: number;
  readonly signal?: AbortSignal | undefined;
}

/** Does the work, and repeats it while it fails with an error that says that it can be repeated, as long as there is time. */
export async function retrying<T>(work: () => Promise<T>, { forMs, signal }: RetryOptions): Promise<T> {
  const deadline = performance.now() + forMs;
  for (let attempt = 0; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof WeftError) || !error.isRetryable) throw error;
      const waitMs = error.retryAfterMs ?? backoffMs(attempt);
      if (performance.now() + waitMs > deadline) throw error;
      await pause(waitMs, signal);
    }
  }
}
