import type { Tx } from "../../db/database.js";
import type { EventEnvelope } from "@weft/shared/event-catalog";
import type { EventConsumer } from "./consumer.js";
import { passOver } from "./consumer.store.js";

/**
 * Moves the cursors of consumers over a batch of events of which they want none, in the transaction that numbers the batch. Otherwise each of them would
 * lock its cursor, look up the events and move the cursor, in a transaction of its own. The others must be woken: those that are behind, that run at the
 * moment, or that have no cursor yet.
 * @returns the names of the consumers that have passed over the batch
 */
export async function passOverBatch(
  tx: Tx,
  tenantId: string,
  { batch, consumers }: { readonly batch: readonly EventEnvelope[]; readonly consumers: readonly EventConsumer[] },
): Promise<ReadonlySet<string>> {
  const [first, last] = [batch[0], batch.at(-1)];
  const indifferent = consumersIndifferentTo(batch, consumers);
  if (!first || !last || indifferent.length === 0) return new Set();
  return new Set(await passOver(tx, { tenantId, consumers: indifferent, from: first.position - 1, to: last.position }));
}

/** A consumer also wants the events that are written together with its new cursor: by them, the process learns that it runs in the tenant. */
function consumersIndifferentTo(batch: readonly EventEnvelope[], consumers: readonly EventConsumer[]): string[] {
  const isWanted = (consumer: EventConsumer, event: EventEnvelope): boolean => {
    const { types, optInTypes = [] } = consumer;
    const isIn = (some: readonly string[]): boolean => some.includes(event.type);
    return isIn(optInTypes) || (isIn(types) && consumer.wants?.(event) !== false);
  };
  return consumers.filter((consumer) => !batch.some((event) => isWanted(consumer, event))).map(({ name }) => name);
}
