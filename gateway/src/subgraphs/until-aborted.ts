import { contained } from "@weft/platform/logging";
/** Waits for the work until the signal aborts, then rejects with the signal's reason. The work continues, and its result is discarded. */
export async function untilAborted<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  signal.throwIfAborted();
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const onAbort = contained("the end of a call", () => reject(signal.reason as Error));
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}
