import type { DeliveryChannel } from "./queue.type.js";

/** An attempt to deliver something, or to handle what was received. */
export interface DeliveryAttempt {
  /** `POLL`: a poll of a trigger of an integration. */
  readonly channel: DeliveryChannel | "POLL";
  /** retried: failed, and is tried again. failed: not tried again. unknown: the receiver may have accepted it, and it is not sent again by itself. */
  readonly result: "succeeded" | "retried" | "failed" | "unknown";
  readonly seconds: number;
}

/** Counts an attempt, for metrics. */
export type ObserveAttempt = (attempt: DeliveryAttempt) => void;

/** Returns the result of an attempt that failed. */
export const resultOfFailure = ({
  isUncertain,
  isRetried,
}: {
  readonly isUncertain: boolean;
  readonly isRetried: boolean;
}): DeliveryAttempt["result"] => (isUncertain ? "unknown" : isRetried ? "retried" : "failed");

/** Starts to measure an attempt at a notification. Call the result with its outcome. */
export function observedNotification(onAttempt: ObserveAttempt | undefined): (result: DeliveryAttempt["result"]) => void {
  const startedAt = performance.now();
  return (result) => onAttempt?.({ channel: "NOTIFICATION", result, seconds: (performance.now() - startedAt) / 1_000 });
}
