import { asTenant } from "../../db/as-tenant.js";
import type { Database, Tx } from "../../db/database.js";
import { isRetryable } from "../../db/errors.js";
import { ServiceUnavailable } from "@weft/shared/errors";
import type { EventEnvelope } from "@weft/shared/event-catalog";
import {
  countAttempt,
  countRetry,
  forgiveAttempt,
  headOfActiveTenant,
  lockCursor,
  lockOptionalCursor,
  moveCursor,
  type Cursor,
} from "./consumer.store.js";
import type { EventConsumer } from "./consumer.js";
import { park, parkAgain, retryParked, type OnPoison } from "./parked.js";
import { eventsOfTypes, maxLookedUp, readEventsOfTypes } from "../read.js";

const BATCH = 100;
/**
 * Maximum duration of a batch whose events are handled one by one. Few batches run at the same time, for all tenants, and one event can cause many
 * changes: a long batch would delay the other tenants, and hold its locks.
 */
const BATCH_MS = 2_000;
/** Maximum number of attempts to handle an event. Attempts that crashed the process count too. */
export const MAX_ATTEMPTS = 8;

/** If this many consecutive events cannot be handled, the cause is not the events. The next event is then retried until it succeeds. */
export const MAX_PARKED_IN_ROW = 3;

/**
 * - `trusting`: the consumer has handled a batch in this process, and attempts are not counted. If an attempt crashes the process, the next process begins
 *   with the same events, and counts.
 * - `counting`: each attempt is committed before it starts, so that the next process knows of attempts that crashed this one.
 * - `single`: like `counting`, with one event at a time.
 */
export type Care = "trusting" | "counting" | "single";

export interface Consumed {
  /** Whether the outbox can contain new events as a result. */
  readonly hasHandled: boolean;
  /** Whether more events are waiting for the consumer. */
  readonly hasMore: boolean;
  /** Whether a crash of the next attempt would be noticed although the attempt is not counted. */
  readonly isTrusted: boolean;
  /**
   * Position up to which no event needs to wake the consumer again: it has handled the events, and seen what was committed before them. Later events that
   * it has already handled are not included. Absent if it handles none now.
   */
  readonly upTo?: number;
  /** Whether the consumer does not run in this tenant. */
  readonly isAbsent?: true;
}

const idle: Consumed = { hasHandled: false, hasMore: false, isTrusted: true };
const absent: Consumed = { ...idle, isAbsent: true };

export interface ConsumeOptions {
  readonly tenantId: string;
  readonly care: Care;
  readonly onPoison: OnPoison;
  readonly batchMs?: number;
  /** Returns committed events that follow a position, in order and without gaps. If there are none, the log is read. */
  readonly held?: (afterPosition: number) => readonly EventEnvelope[];
}

const nothingHeld = (): readonly EventEnvelope[] => [];

interface LockedCursor extends Cursor {
  /** The head when the parked events were looked at. A retry that is requested by a later event may not have been seen. */
  readonly seenTo: number;
}

/**
 * Returns the locked cursor, or null if the consumer does not run in this tenant. If no event seems to be left, the head is read once more: while the lock
 * was awaited, another relay can have assigned positions.
 */
async function cursorOf(tx: Tx, tenantId: string, { name, optInTypes }: EventConsumer): Promise<LockedCursor | null> {
  const cursor = await (optInTypes ? lockOptionalCursor(tx, tenantId, name) : lockCursor(tx, tenantId, name));
  if (!cursor) return null;
  const { head, position } = cursor;
  return { ...cursor, seenTo: head, head: head <= position ? await headOfActiveTenant(tx, tenantId) : head };
}

/**
 * Handles the next events of a consumer in one tenant, in one transaction with its cursor. Events of a suspended tenant wait; its reactivation is an
 * event that wakes the consumer. An event that has failed MAX_ATTEMPTS times is parked, and the consumer continues after it. It stops parking after
 * several events in a row, so that a fault of the consumer itself affects few instances.
 */
export async function consumeBatch(
  database: Database,
  consumer: EventConsumer,
  { tenantId, care, onPoison, batchMs = BATCH_MS, held = nothingHeld }: ConsumeOptions,
): Promise<Consumed> {
  const within = <T>(fn: (tx: Tx) => Promise<T>): Promise<T> => asTenant(database, { tenantId }, "write", fn);
  const { name } = consumer;
  if (care === "trusting") return within((tx) => consume(tx, consumer, tenantId, { limit: BATCH, batchMs, held }));
  const attempt = await within((tx) => begin(tx, tenantId, consumer));
  if (attempt === null || attempt === "absent") return attempt === null ? idle : absent;
  const { position, retry, earlier, isCareful, mayPark } = attempt;
  if (earlier >= MAX_ATTEMPTS && mayPark) {
    const exhausted = { tenantId, consumer, attempts: earlier, onPoison };
    await (retry === null ? park(within, position, exhausted) : parkAgain(within, retry, exhausted));
    return { hasHandled: true, hasMore: true, isTrusted: false };
  }
  try {
    if (retry !== null) await within((tx) => retryParked(tx, consumer, retry));
    else {
      const limit = care === "single" || isCareful ? 1 : BATCH;
      return await within((tx) => consume(tx, consumer, tenantId, { limit, batchMs, held }));
    }
  } catch (error) {
    // An unavailable database, a deadlock or a serialization failure says nothing about the event.
    const isOurs = !(error instanceof ServiceUnavailable) && !isRetryable(error);
    if (!isOurs) await within((tx) => forgiveAttempt(tx, { tenantId, consumer: name, retry })).catch(() => undefined);
    throw error;
  }
  return { hasHandled: true, hasMore: true, isTrusted: false };
}

interface Attempt {
  readonly position: number;
  /** Position of the parked event to retry. Null to handle the events after the cursor. */
  readonly retry: number | null;
  readonly earlier: number;
  readonly isCareful: boolean;
  readonly mayPark: boolean;
}

async function begin(tx: Tx, tenantId: string, running: EventConsumer): Promise<Attempt | "absent" | null> {
  const cursor = await cursorOf(tx, tenantId, running);
  if (!cursor) return "absent";
  const { position, attempts, carefulTo, parkedInRow, retry, head } = cursor;
  const { name: consumer } = running;
  if (head === 0 || (head <= position && retry === null)) return null;
  if (retry !== null)
    return { position, retry, earlier: await countRetry(tx, { tenantId, consumer, position: retry }), isCareful: true, mayPark: true };
  const isCareful = carefulTo > position;
  // A batch ends before this position, so one of the events up to it is the one that fails.
  await countAttempt(tx, { tenantId, consumer, carefulTo: isCareful ? carefulTo : Math.min(head, position + maxLookedUp) });
  return { position, retry, earlier: attempts, isCareful, mayPark: parkedInRow < MAX_PARKED_IN_ROW };
}

async function consume(
  tx: Tx,
  consumer: EventConsumer,
  tenantId: string,
  { limit, batchMs, held }: { limit: number } & Required<Pick<ConsumeOptions, "batchMs" | "held">>,
): Promise<Consumed> {
  const cursor = await cursorOf(tx, tenantId, consumer);
  if (!cursor) return absent;
  const { position: from, parkedInRow, retry, carefulTo, head, seenTo } = cursor;
  // Events that have failed before are not handled in `trusting` mode.
  if (retry !== null) return { hasHandled: false, hasMore: true, isTrusted: false };
  // The head was read before the events. Every position up to it is committed, so an incomplete page proves that no events are left before the head.
  if (head <= from) return idle;
  const wanted = { afterPosition: from, head, limit, types: consumer.types };
  const { events, upTo } = eventsOfTypes(held(from), wanted) ?? (await readEventsOfTypes(tx, wanted));
  const handled = await handle(tx, consumer, events, batchMs);
  // The events after the last one that was handled are read again.
  const isCut = handled < events.length;
  const position = isCut ? (events[handled - 1]?.position ?? from) : upTo;
  const headNow = await moveCursor(tx, {
    tenantId,
    consumer: consumer.name,
    position,
    parkedInRow: events.length > 0 ? 0 : parkedInRow,
    // A batch that succeeds leaves nothing to be careful about. Otherwise a backlog would be handled one event at a time after its first batch.
    carefulTo: limit > 1 ? 0 : carefulTo,
  });
  const hasMore = isCut || events.length === limit || upTo < Math.max(head, headNow);
  return { hasHandled: events.length > 0, hasMore, isTrusted: (limit > 1 && !isCut) || !hasMore, upTo: Math.min(position, seenTo) };
}

/** Returns the number of events that were handled: all of them, or at least one if they take too long. */
async function handle(tx: Tx, consumer: EventConsumer, events: readonly EventEnvelope[], batchMs: number): Promise<number> {
  if (events.length > 1 && consumer.handleBatch) {
    await consumer.handleBatch(tx, events);
    return events.length;
  }
  const end = performance.now() + batchMs;
  let handled = 0;
  for (const event of events) {
    if (handled > 0 && performance.now() >= end) break;
    await consumer.handle(tx, event);
    handled++;
  }
  return handled;
}
