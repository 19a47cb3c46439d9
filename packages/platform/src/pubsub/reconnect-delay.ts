/**
 * Returns the delay before a Redis client reconnects, in ms: 50 ms, doubled up to about one second, with jitter so that processes do not reconnect
 * all at once.
 */
export const reconnectDelayMs = (attempt: number): number =>
  Math.min(50 * 2 ** Math.min(attempt - 1, 5), 1_000) * (0.75 + Math.random() / 2);
