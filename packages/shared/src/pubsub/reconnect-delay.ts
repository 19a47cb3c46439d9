/** How long a client of Redis waits before it tries again, in ms: 50 ms, doubled up to a second, spread so that processes do not come all at once. */
export const reconnectDelayMs = (attempt: number): number =>
  Math.min(50 * 2 ** Math.min(attempt - 1, 5), 1_000) * (0.75 + Math.random() / 2);
