import type { Tx } from "../../db/database.js";
import type { EventEnvelope, EventType } from "@weft/shared/event-catalog";

/**
 * Reacts to events durably. Each event of its types is handled exactly once per tenant, in order, in one transaction with the cursor that records it.
 * If the handler throws, the event is retried, which delays only its own tenant. Effects outside the transaction must therefore be repeatable.
 */
export interface EventConsumer {
  /** Name of its cursor. Must never change. */
  readonly name: string;
  readonly types: readonly EventType[];
  /** Returns false for events of its types that `handle` ignores: if a batch contains no others, the consumer does not run. If omitted, it wants all. */
  wants?(event: EventEnvelope): boolean;
  /**
   * If set, the consumer runs only in tenants that have its cursor (`startConsuming`), so that events of the others cost nothing. Contains the types
   * of the events that are written together with a new cursor.
   */
  readonly optInTypes?: readonly EventType[];
  /** Handles an event in a transaction of the event's tenant. Must not change the event, which other consumers handle, too. */
  handle(tx: Tx, event: EventEnvelope): Promise<void>;
  /** Handles several events at once, in order, with the same effect. If omitted, they are handled one by one. */
  handleBatch?(tx: Tx, events: readonly EventEnvelope[]): Promise<void>;
  /** Called after a transaction in which events were handled has committed. Must not throw. */
  onCommitted?(): void;
}
