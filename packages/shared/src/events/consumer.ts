import type { Tx } from "../db/database.js";
import type { EventEnvelope } from "./envelope.js";
import type { EventType } from "./registry.js";

/**
 * Reacts to events, durably: each event of its types is handled exactly once per tenant, in order, in one transaction with the cursor that says
 * so. A handler that throws is tried again (it delays its own tenant only), so what it does outside of the transaction must bear repetition.
 */
export interface EventConsumer {
  /** Names its cursor; never changes. */
  readonly name: string;
  readonly types: readonly EventType[];
  /** Runs as the event's tenant. */
  handle(tx: Tx, event: EventEnvelope): Promise<void>;
}
