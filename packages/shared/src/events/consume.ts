import { asTenant } from "../db/as-tenant.js";
import type { Database, Tx } from "../db/database.js";
import { isRetryable } from "../db/errors.js";
import { ServiceUnavailable } from "../errors/errors.js";
import { countAttempt, countRetry, forgiveAttempt, isTenantActive, lockCursor, moveCursor } from "./consumer.store.js";
import type { EventConsumer } from "./consumer.js";
import { park, parkAgain, retryParked, type OnPoison } from "./parked.js";
import { headPosition, readEvents } from "./read.js";

const BATCH = 100;
/** Of tries at one event; those that took the process with them count too. */
export const MAX_ATTEMPTS = 8;

/** Where so many events one after the other could not be handled, it is not the events: the next one is tried until it goes through. */
export const MAX_PARKED_IN_ROW = 3;

/**
 * `trusting`: the consumer has caught up in this process, and tries are not counted. `counting`: each try is committed before it begins, so that the next
 * process knows of those that killed this one. `single`: that, and one event at a time.
 */
export type Care = "trusting" | "counting" | "single";

export interface Consumed {
  /** Something new may wait in the outbox. */
  readonly hasHandled: boolean;
  /** More events wait for it. */
  readonly hasMore: boolean;
  /** It has caught up, and nothing is wrong. */
  readonly isTrusted: boolean;
}

const idle: Consumed = { hasHandled: false, hasMore: false, isTrusted: true };

/**
 * Handles the next events of a consumer in one tenant: in one transaction with its cursor. Those of a suspended tenant wait; its reactivation is an
 * event, which wakes the consumer. An event at which it has failed MAX_ATTEMPTS times is parked, and it goes on behind it; unless it has parked
 * several in a row, so that a fault of its own stops few instances.
 */
export async function consumeBatch(
  database: Database,
  consumer: EventConsumer,
  { tenantId, care, onPoison }: { tenantId: string; care: Care; onPoison: OnPoison },
): Promise<Consumed> {
  const within = <T>(fn: (tx: Tx) => Promise<T>): Promise<T> => asTenant(database, { tenantId }, "write", fn);
  const { name } = consumer;
  if (care === "trusting") return within((tx) => consume(tx, consumer, tenantId, BATCH));
  const attempt = await within((tx) => begin(tx, tenantId, name));
  if (attempt === null) return idle;
  const { position, retry, earlier, isCareful, mayPark } = attempt;
  if (earlier >= MAX_ATTEMPTS && mayPark) {
    const exhausted = { tenantId, consumer, attempts: earlier, onPoison };
    await (retry === null ? park(within, position, exhausted) : parkAgain(within, retry, exhausted));
    return { hasHandled: true, hasMore: true, isTrusted: false };
  }
  try {
    if (retry !== null) await within((tx) => retryParked(tx, consumer, retry));
    else return await within((tx) => consume(tx, consumer, tenantId, care === "single" || isCareful ? 1 : BATCH));
  } catch (error) {
    // A database that is away, or in a hurry, says nothing about the event.
    const isOurs = !(error instanceof ServiceUnavailable) && !isRetryable(error);
    if (!isOurs) await within((tx) => forgiveAttempt(tx, { tenantId, consumer: name, retry })).catch(() => undefined);
    throw error;
  }
  return { hasHandled: true, hasMore: true, isTrusted: false };
}

interface Attempt {
  readonly position: number;
  /** The parked event that is to be tried again, by its position; null: what stands behind the cursor. */
  readonly retry: number | null;
  readonly earlier: number;
  readonly isCareful: boolean;
  readonly mayPark: boolean;
}

async function begin(tx: Tx, tenantId: string, consumer: string): Promise<Attempt | null> {
  const { position, attempts, carefulTo, parkedInRow, retry } = await lockCursor(tx, tenantId, consumer);
  const head = await headPosition(tx);
  if ((head <= position && retry === null) || !(await isTenantActive(tx, tenantId))) return null;
  if (retry !== null)
    return { position, retry, earlier: await countRetry(tx, { tenantId, consumer, position: retry }), isCareful: true, mayPark: true };
  await countAttempt(tx, { tenantId, consumer, head });
  return { position, retry, earlier: attempts, isCareful: carefulTo > position, mayPark: parkedInRow < MAX_PARKED_IN_ROW };
}

async function consume(tx: Tx, consumer: EventConsumer, tenantId: string, limit: number): Promise<Consumed> {
  const { position: from, parkedInRow, retry } = await lockCursor(tx, tenantId, consumer.name);
  // What has failed before is tried with care.
  if (retry !== null) return { hasHandled: false, hasMore: true, isTrusted: false };
  // The head first: every position up to it is committed, so a short page behind it proves that nothing is left before the head.
  const head = await headPosition(tx);
  if (head <= from || !(await isTenantActive(tx, tenantId))) return idle;
  const events = await readEvents(tx, { afterPosition: from, limit, types: consumer.types });
  for (const event of events) await consumer.handle(tx, event);
  const last = events.at(-1)?.position ?? from;
  const hasMore = events.length === limit;
  await moveCursor(tx, {
    tenantId,
    consumer: consumer.name,
    position: hasMore ? last : Math.max(head, last),
    parkedInRow: events.length > 0 ? 0 : parkedInRow,
  });
  return { hasHandled: events.length > 0, hasMore, isTrusted: !hasMore };
}
