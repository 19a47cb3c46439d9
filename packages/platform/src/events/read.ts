import { sql } from "drizzle-orm";
import type { SQL } from "drizzle-orm";
import { named } from "../db/named.js";
import type { Tx } from "../db/database.js";
import type { EventEnvelope, EventType } from "@weft/shared/event-catalog";

/** Returns the columns of an envelope, for statements with `events.log l` and a `position`. */
export const envelopeColumns = (
  position: SQL,
): SQL => sql`${position}::text as position, l.tenant_id, l.id, l.type, l.type_version, l.subject_type,
  l.subject_id, l.subject_version, l.related, l.payload, l.actor_id, l.on_behalf_of, l.cause_id, l.request_id, l.trace_id,
  to_char(l.occurred_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as occurred_at`;

/**
 * Selects an event by its key, for `cross join lateral`. The limit prevents the planner from turning the look-up into a join: without statistics (on a
 * new installation, or in a plan from when the tables were empty), it would read the tenant's whole log for each event.
 */
export const eventWithId = (tenantId: SQL, id: SQL, and: SQL = sql``): SQL =>
  sql`select * from events.log l where l.tenant_id = ${tenantId} and l.id = ${id} ${and} limit 1`;

/** A row with the columns of `envelopeColumns`. A type instead of an interface, because drizzle needs an index signature. */
export type EnvelopeRow = {
  position: string;
  tenant_id: string;
  id: string;
  type: string;
  type_version: number;
  subject_type: string;
  subject_id: string;
  subject_version: number;
  related: Record<string, string>;
  payload: Record<string, unknown>;
  actor_id: string;
  on_behalf_of: string | null;
  cause_id: string | null;
  request_id: string;
  trace_id: string | null;
  occurred_at: string;
};

export function toEnvelope(row: EnvelopeRow): EventEnvelope {
  return {
    id: row.id,
    tenantId: row.tenant_id,
    position: Number(row.position),
    type: row.type,
    typeVersion: row.type_version,
    subjectType: row.subject_type,
    subjectId: row.subject_id,
    subjectVersion: row.subject_version,
    related: row.related,
    payload: row.payload,
    actorId: row.actor_id,
    onBehalfOf: row.on_behalf_of,
    causeId: row.cause_id,
    requestId: row.request_id,
    traceId: row.trace_id,
    occurredAt: row.occurred_at,
  };
}

/** Returns one of the tenant's events. Null if it does not exist or has no position yet. */
export async function findEvent(tx: Tx, id: string): Promise<EventEnvelope | null> {
  const rows = await tx.execute<EnvelopeRow>(
    named(
      "findEvent",
      sql`select ${envelopeColumns(sql`p.position`)} from events.log l
      join events.positions p on p.tenant_id = l.tenant_id and p.event_id = l.id
      where l.tenant_id = app.tenant() and l.id = ${id}::uuid`,
    ),
  );
  return rows[0] ? toEnvelope(rows[0]) : null;
}

/** Returns the tenant's events with these IDs, those without a position too. Their position is 0. */
export async function eventsById(tx: Tx, ids: readonly string[]): Promise<EventEnvelope[]> {
  const rows = await tx.execute<EnvelopeRow>(
    named(
      "eventsById",
      sql`select ${envelopeColumns(sql`0`)} from events.log l where l.tenant_id = app.tenant() and l.id = any(${sql.param([...ids])}::uuid[])`,
    ),
  );
  return rows.map(toEnvelope);
}

/** Reads the tenant's events after a position, in order, up to `limit`. Events that the relay has not yet numbered are excluded. */
export function readEvents(tx: Tx, { afterPosition, limit }: { afterPosition: number; limit: number }): Promise<EventEnvelope[]> {
  return read(tx, sql`p.position > ${afterPosition}::bigint`, limit);
}

/** Maximum number of events that one statement looks up to find those of some types. */
export const maxLookedUp = 500;

export interface WantedEvents {
  readonly afterPosition: number;
  /** The last known position. Every position up to it is committed. */
  readonly head: number;
  readonly limit: number;
  readonly types: readonly EventType[];
}

/** Events of some types, and the position up to which there are no others. */
export interface EventsOfTypes {
  readonly events: readonly EventEnvelope[];
  readonly upTo: number;
}

/** Like `readEventsOfTypes`, from events that follow the position in order and without gaps. Null if there are none. */
export function eventsOfTypes(following: readonly EventEnvelope[], { limit, types }: WantedEvents): EventsOfTypes | null {
  const last = following.at(-1);
  if (!last) return null;
  const wanted = new Set<string>(types);
  const events = following.filter(({ type }) => wanted.has(type)).slice(0, limit);
  return { events, upTo: events.length === limit ? (events.at(-1)?.position ?? last.position) : last.position };
}

/**
 * Reads the tenant's events of some types, in order, up to `limit`. The types are in the log, so every event after the position is looked up: at most
 * 500 of them, however many are waiting. Returns the events and the position up to which there are no others.
 */
export async function readEventsOfTypes(tx: Tx, { afterPosition, head, limit, types }: WantedEvents): Promise<EventsOfTypes> {
  // Positions have no gaps.
  const end = afterPosition + maxLookedUp;
  const wanted = sql`and l.type = any(${sql.param([...types])}::text[])`;
  const events = await read(tx, sql`p.position > ${afterPosition}::bigint and p.position <= ${end}::bigint`, limit, wanted);
  const last = events.at(-1)?.position ?? afterPosition;
  return { events, upTo: events.length === limit ? last : Math.max(last, Math.min(head, end)) };
}

/** The limit is part of the text: with a parameter, PostgreSQL would plan the statement anew each time. There are few different ones. */
async function read(tx: Tx, positions: SQL, limit: number, wanted?: SQL): Promise<EventEnvelope[]> {
  const rows = await tx.execute<EnvelopeRow>(
    named(
      "readEvents",
      sql`select ${envelopeColumns(sql`p.position`)}
      from events.positions p cross join lateral (${eventWithId(sql`p.tenant_id`, sql`p.event_id`, wanted)}) l
      where p.tenant_id = app.tenant() and ${positions}
      order by p.position limit ${sql.raw(String(limit))}`,
    ),
  );
  return rows.map(toEnvelope);
}

/** Returns the last position that the relay assigned in this tenant. 0 before the first event. */
export async function headPosition(tx: Tx): Promise<number> {
  const rows = await tx.execute<{ position: string }>(
    named("headPosition", sql`select position::text as position from events.position_heads where tenant_id = app.tenant()`),
  );
  return Number(rows[0]?.position ?? 0);
}

/** The events that were deleted because of their age: up to which position, and when the last one occurred. Some of them can be left. */
export interface DeletedEvents {
  readonly position: number;
  /** Null if none were deleted. */
  readonly until: string | null;
}

/** Returns which events of the tenant were deleted because of their age. */
export async function deletedEvents(tx: Tx): Promise<DeletedEvents> {
  const rows = await tx.execute<{ position: string; until: string | null }>(
    named(
      "deletedEvents",
      sql`select deleted_position::text as position, to_char(deleted_until at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as until
        from events.retention where tenant_id = app.tenant()`,
    ),
  );
  return { position: Number(rows[0]?.position ?? 0), until: rows[0]?.until ?? null };
}

/**
 * Returns the position of the first event that occurred at a time or later, or the position after the last event if there is none. The order of
 * positions is that of commits, so a few events near the time can be on the wrong side. A binary search: the positions of what is kept have no gaps.
 */
export async function positionAt(tx: Tx, time: string): Promise<number> {
  const rows = await tx.execute<{ position: string }>(
    named(
      "positionAt",
      sql`with recursive search (low, high) as (
        select coalesce((select deleted_position from events.retention where tenant_id = app.tenant()), 0) + 1, coalesce((select position from events.position_heads where tenant_id = app.tenant()), 0) + 1
        union all
        select case when e.occurred_at < ${time}::timestamptz then m.middle + 1 else s.low end,
               case when e.occurred_at < ${time}::timestamptz then s.high else m.middle end
          from search s cross join lateral (select (s.low + s.high) / 2 as middle) m
          join events.positions p on p.tenant_id = app.tenant() and p.position = m.middle
          cross join lateral (${eventWithId(sql`p.tenant_id`, sql`p.event_id`)}) e
         where s.low < s.high
      )
      select low::text as position from search where low = high`,
    ),
  );
  return Number(rows[0]?.position ?? 1);
}
