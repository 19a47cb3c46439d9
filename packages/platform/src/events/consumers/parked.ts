/** Events that a consumer cannot handle. It continues without them, and a user decides what to do with them. */
import type { Tx } from "../../db/database.js";
import { finishParked, insertParked, lockCursor, moveCursor, parkedAgain } from "./consumer.store.js";
import type { EventConsumer } from "./consumer.js";
import type { EventEnvelope } from "@weft/shared/event-catalog";
import { headPosition, readEvents, readEventsOfTypes } from "../read.js";

export interface Poison {
  readonly consumer: string;
  readonly event: EventEnvelope;
  /** ID of the instance that the event is about. Null if it is not about an instance. */
  readonly instanceId: string | null;
  readonly attempts: number;
}

/** Notifies users, as the event's tenant and in the transaction that parks the event. */
export type OnPoison = (tx: Tx, poison: Poison) => Promise<void>;

type Within = <T>(fn: (tx: Tx) => Promise<T>) => Promise<T>;

export interface Exhausted {
  readonly tenantId: string;
  readonly consumer: EventConsumer;
  readonly attempts: number;
  readonly onPoison: OnPoison;
}

/** Parks the first event after the position. If the notification fails, the event is parked without it, so that it does not block the others. */
export async function park(within: Within, from: number, { tenantId, consumer, attempts, onPoison }: Exhausted): Promise<void> {
  const run = (tell: OnPoison) =>
    within(async (tx) => {
      // Another leader can have moved the cursor meanwhile.
      const { position, parkedInRow, carefulTo } = await lockCursor(tx, tenantId, consumer.name);
      if (position !== from) return;
      const head = await headPosition(tx);
      const { events, upTo } = await readEventsOfTypes(tx, { afterPosition: from, head, limit: 1, types: consumer.types });
      const [event] = events;
      if (event) {
        const instanceId = instanceOf(event);
        await insertParked(tx, { tenantId, consumer: consumer.name, eventId: event.id, position: event.position, instanceId, attempts });
        await tell(tx, { consumer: consumer.name, event, instanceId, attempts });
      }
      await moveCursor(tx, {
        tenantId,
        consumer: consumer.name,
        position: upTo,
        parkedInRow: parkedInRow + (event ? 1 : 0),
        carefulTo,
      });
    });
  await run(onPoison).catch(() => run(silently));
}

/** Parks an event again after its retries have failed. */
export async function parkAgain(within: Within, position: number, { tenantId, consumer, attempts, onPoison }: Exhausted): Promise<void> {
  const run = (tell: OnPoison) =>
    within(async (tx) => {
      const event = await eventAt(tx, position);
      await parkedAgain(tx, { tenantId, consumer: consumer.name, position });
      await tell(tx, { consumer: consumer.name, event, instanceId: instanceOf(event), attempts });
    });
  await run(onPoison).catch(() => run(silently));
}

/** Handles a parked event out of order. */
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
  if (event?.position !== position) throw new Error(`no event with position ${position} exists`);
  return event;
}
