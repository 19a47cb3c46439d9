import type { EventEnvelope } from "@weft/shared";

/** What the gateway knows of a subscription field: which events can concern it, before anything is executed. */
export interface LiveField {
  readonly eventTypes: readonly string[];
  matches(event: EventEnvelope, args: Readonly<Record<string, unknown>>): boolean;
}

export type LiveFields = Readonly<Record<string, LiveField>>;

/** Cursors of events, bound to their tenant. */
export interface EventCursors {
  encode(tenantId: string, position: number): string;
  /** Throws BAD_USER_INPUT when it is not one of this tenant. */
  decode(tenantId: string, cursor: string): number;
}
