import { sql } from "drizzle-orm";
import { named } from "../db/named.js";
import type { Tx } from "../db/database.js";
import { type EventPayload, type EventType, eventTypes } from "@weft/shared/event-catalog";
import { newId, type SubjectType } from "@weft/shared/ids";
import type { WriteMeta } from "./write-meta.js";

/** An event to write. All IDs are UUIDs. */
export interface NewEvent<T extends EventType = EventType> {
  readonly type: T;
  readonly subjectId: string;
  /** The subject's version after the change. It defines the order of the subject's events. */
  readonly subjectVersion: number;
  readonly payload: EventPayload<T>;
  /** Type of the subject, for types of events that can be about any object. */
  readonly subjectType?: SubjectType;
  /** Further objects that the event concerns: type → UUID. */
  readonly related?: Partial<Record<SubjectType, string>>;
  /** The event that caused this one. */
  readonly causeId?: string | null;
}

/** Distributes over the types, so that each event's payload is checked against its own type. */
export type AnyNewEvent = { [T in EventType]: NewEvent<T> }[EventType];

/** A row of `events.log` without tenant, actor and time. `appendEvents` inserts such rows, and the engine includes them in its outcome. */
export interface EventRow {
  readonly id: string;
  readonly type: EventType;
  readonly typeVersion: number;
  readonly subjectType: SubjectType;
  readonly subjectId: string;
  readonly subjectVersion: number;
  readonly related: Readonly<Record<string, string>>;
  readonly payload: Readonly<Record<string, unknown>>;
  readonly causeId: string | null;
}

/** Creates the rows and checks the payloads against the registry. Throws if a payload does not match, which is a bug of Weft. */
export function toEventRows(events: readonly AnyNewEvent[], cause?: Pick<WriteMeta, "causeId">): EventRow[] {
  return events.map((event) => {
    const definition = eventTypes[event.type];
    const payload = definition.payload.safeParse(event.payload);
    if (!payload.success) throw new Error(`The payload of ${event.type} does not match its schema: ${payload.error.message}`);
    return {
      id: newId(),
      type: event.type,
      typeVersion: definition.version,
      subjectType: (definition.isAboutAny ? event.subjectType : undefined) ?? definition.subject,
      subjectId: event.subjectId,
      subjectVersion: event.subjectVersion,
      related: Object.fromEntries(Object.entries(event.related ?? {}).filter(([, id]) => typeof id === "string")),
      payload: payload.data,
      causeId: event.causeId ?? cause?.causeId ?? null,
    };
  });
}

/**
 * Writes events in the caller's transaction: one row each in the log and in the outbox, in the given order, with one statement. Their time is the
 * tenant's time. Signal the relay after the commit, never inside the transaction.
 * @returns the IDs of the events
 */
export async function appendEvents(tx: Tx, meta: WriteMeta, events: readonly AnyNewEvent[]): Promise<readonly string[]> {
  if (events.length === 0) return [];
  const written = toEventRows(events, meta);
  const rows = JSON.stringify(written);
  // The IDs increase, so ordering by ID assigns the outbox's numbers in the order of the argument. Does not use `returning`, because a vendor's user
  // can write events that they cannot read.
  await tx.execute(
    named(
      "appendEvents",
      sql`with given as (
        select * from jsonb_to_recordset(${rows}::text::jsonb) as e (id uuid, type text, "typeVersion" int, "subjectType" text, "subjectId" uuid,
          "subjectVersion" int, related jsonb, payload jsonb, "causeId" uuid)
      ), logged as (
        insert into events.log (tenant_id, id, type, type_version, subject_type, subject_id, subject_version, related, payload,
          actor_id, on_behalf_of, cause_id, request_id, trace_id, occurred_at)
        select ${meta.tenantId}::uuid, id, type, "typeVersion", "subjectType", "subjectId", "subjectVersion", related, payload,
          ${meta.actorId}::uuid, ${meta.onBehalfOf}::uuid, "causeId", ${meta.requestId}, ${meta.traceId}::text, app.weft_now()
        from given
      )
      insert into events.outbox (tenant_id, event_id) select ${meta.tenantId}::uuid, id from given order by id`,
    ),
  );
  return written.map(({ id }) => id);
}
