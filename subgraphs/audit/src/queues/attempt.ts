import type { DeliveryChannel } from "./queue.type.js";

/** An attempt to deliver something, or to handle what was received. */
export interface DeliveryAttempt {
  readonly channel: DeliveryChannel;
  /** retried: failed, and is tried again. failed: not tried again. unknown: the receiver may have accepted it, and it is not sent again by itself. */
  readonly result: "succeeded" | "retried" | "failed" | "unknown";
  readonly seconds: number;
}

/** Counts an attempt, for metrics. */
export type ObserveAttempt = (attempt: DeliveryAttempt) => void;
