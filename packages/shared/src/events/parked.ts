/** Events that a consumer cannot handle: it goes on without them, and a person decides what becomes of them. */
import type { Tx } from "../db/database.js";
import { finishParked, insertParked, lockCursor, moveCursor, parkedAgain } from "./consumer.store.js";
import type { EventConsumer } from "./consumer.js";
import type { EventEnvelope } from "./envelope.js";
import { headPosition, readEvents } from "./read.js";

export interface Poison {
  readonly consumer: string;
  readonly event: EventEnvelope;
  /** The instance that the event is about; null: it is about none. */
  readonly instanceId: string | null;
  readonly attempts: number;
}

/** Runs as the event's tenant, in the transaction that parks the event: tells a person. */
export type OnPoison = (tx: Tx, poison: Poison) => Promise<void>;

type Within = <T>(fn: (tx: Tx) => Promise<T>) => Promise<T>;

export interface Exhausted {
  readonly tenantId: string;
  readonly consumer: EventConsumer;
  readonly attempts: number;
  readonly onPoison: OnPoison;
}

/** Parks the first event behind the position. When nobody can be told, it is parked all the same: it must not keep the others. */
export async function park(within: Within, from: number, { tenantId, consumer, attempts, onPoison }: Exhausted): Promise<void> {
  const run = (tell: OnPoison) =>
    within(async (tx) => {
      // Another leader may have moved it meanwhile.
      const { position, parkedInRow } = await lockCursor(tx, tenantId, consumer.name);
      if (position !== from) return;
      const head = await headPosition(tx);
      const [event] = await readEvents(tx, { afterPosition: from, limit: 1, types: consumer.types });
      if (event) {
        const instanceId = instanceOf(event);
        await insertParked(tx, { tenantId, consumer: consumer.name, eventId: event.id, position: event.position, instanceId, attempts });
        await tell(tx, { consumer: consumer.name, event, instanceId, attempts });
      }
      await moveCursor(tx, {
        tenantId,
        consumer: consumer.name,
        position: event?.position ?? head,
        parkedInRow: parkedInRow + (event ? 1 : 0),
      });
    });
  await run(onPoison).catch(() => run(silently));
}

/** A parked event that was tried again, in vain. */
export async function parkAgain(within: Within, position: number, { tenantId, consumer, attempts, onPoison }: Exhausted): Promise<void> {
  const run = (tell: OnPoison) =>
    within(async (tx) => {
      const event = await eventAt(tx, position);
      await parkedAgain(tx, { tenantId, consumer: consumer.name, position });
      await tell(tx, { consumer: consumer.name, event, instanceId: instanceOf(event), attempts });
    });
  await run(onPoison).catch(() => run(silently));
}

/** Handles a parked event out of its order. */
export async function retryParked(tx: Tx, consumer: EventConsumer, position: number): Promise<void> {
  const event = await eventAt(tx, position);
  await lockCursor(tx, event.tenantId, consumer.name);
  await consumer.handle(tx, event);
  await finishParked(tx, { tenantId: event.tenantId, consumer: consumer.name, position });
}

const silently: OnPoison = () => Promise.resolve();

const instanceOf = ({ subjectType, subjectId, related }: EventEnvelope): string | null =>
  subjectType === "instance" ? subjectId : (related["instance"] ?? null);

async function eventAt(tx: Tx, position: number): Promise<EventEnvelope> {
  const [event] = await readEvents(tx, { afterPosition: position - 1, limit: 1 });
  if (event?.position !== position) throw new Error(`there is no event with position ${position}`);
  return event;
}
