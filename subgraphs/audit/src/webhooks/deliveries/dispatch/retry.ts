/** When a delivery is tried again. */

/** Delays in seconds after the first, second, … failed attempt: more than 27 hours in total. After the last attempt the delivery has failed. */
export const RETRY_SECONDS = [5, 300, 1_800, 7_200, 18_000, 36_000, 36_000] as const;

/** Share by which a delay is varied, so that deliveries that failed together do not come back together. */
const JITTER = 0.1;
const MAX_RETRY_AFTER_SECONDS = 86_400;

/**
 * Returns the seconds until the next attempt. Null if there is none.
 * @param attempts number of attempts so far
 * @param retryAfter seconds that the endpoint asked for; the delay is not shorter
 * @param random from 0 to 1
 */
export function secondsUntilRetry(
  attempts: number,
  {
    retryAfter = 0,
    random = Math.random(),
    schedule = RETRY_SECONDS,
  }: { readonly retryAfter?: number | undefined; readonly random?: number; readonly schedule?: readonly number[] } = {},
): number | null {
  const delay = schedule[attempts - 1];
  if (delay === undefined) return null;
  return Math.max(delay * (1 - JITTER + 2 * JITTER * random), retryAfter);
}

/** Returns the seconds of a header `Retry-After` (a number or an HTTP date), at most a day. Undefined if it is missing or invalid. */
export function readRetryAfter(header: string | undefined, nowMs: number): number | undefined {
  if (header === undefined) return undefined;
  const text = header.trim();
  const seconds = /^\d{1,9}$/.test(text) ? Number(text) : (Date.parse(text) - nowMs) / 1_000;
  return seconds > 0 ? Math.min(seconds, MAX_RETRY_AFTER_SECONDS) : undefined;
}
