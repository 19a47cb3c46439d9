import type { LiveLog } from "@weft/api/live";
import type { EventEnvelope } from "@weft/shared/event-catalog";

/**
 * What the gateway knows about a subscription field: which events can concern it, before anything is executed. Weft's own fields are
 * `liveFields` of packages/api.
 */
export interface LiveField {
  /** What it follows. Default: `events`. */
  readonly log?: LiveLog;
  /** Only of the log `events`. */
  readonly eventTypes: readonly string[];
  /** Signals that can concern it. A subscription then begins with the present, because signals cannot be read again. */
  readonly signals?: readonly string[];
  /** Minimum time between answers, if a payload shows the present. An answer then stands for all events before it. */
  readonly everyMs?: number;
  /** Whether the answer with these arguments is only for the sessions of one user. */
  readonly isPersonal?: (args: Readonly<Record<string, unknown>>) => boolean;
  /** Set if an event concerns one user only. */
  readonly isFor?: (event: EventEnvelope, userId: string) => boolean;
  matches(event: EventEnvelope, args: Readonly<Record<string, unknown>>): boolean;
}

export type LiveFields = Readonly<Record<string, LiveField>>;
