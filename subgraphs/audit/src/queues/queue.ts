/** What waits to be delivered in a channel or for a webhook, as it is counted. */

/** Rows that are counted per queue. A queue can be longer. */
export const MAX_COUNTED = 10_000;

/** What waits in a queue, and what ended in the last hour. */
export interface QueueRow {
  readonly waiting: number;
  readonly oldestWaitingSince: string | null;
  readonly succeeded: number;
  readonly failed: number;
}

/** A channel's queue, and its pause if it is paused. */
export interface ChannelQueueRow extends QueueRow {
  readonly channel: string;
  readonly pause: { readonly reason: string; readonly pausedBy: string; readonly pausedAt: string } | null;
}

/** What is due in a channel of all tenants. */
export interface DueRow {
  readonly channel: string;
  readonly due: number;
  readonly oldestSeconds: number;
}
