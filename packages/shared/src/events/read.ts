import { sql } from "drizzle-orm";
import type { SQL } from "drizzle-orm";
import { named } from "../db/named.js";
import type { Tx } from "../db/database.js";
import type { EventEnvelope } from "./envelope.js";
import type { EventType } from "./registry.js";

/** The columns of an envelope, for statements that have `events.log l` and a `position` at hand. */
export const envelopeColumns = (
  position: SQL,
): SQL => sql`${position}::text as position, l.tenant_id, l.id, l.type, l.type_version, l.subject_type,
  l.subject_id, l.subject_version, l.related, l.payload, l.actor_id, l.on_behalf_of, l.cause_id, l.request_id, l.trace_id,
  to_char(l.occurred_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as occurred_at`;

/** What `envelopeColumns` gives. A type, not an interface: drizzle wants an index signature. */
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

/** The tenant's events behind a position, in order; at most `limit`. Events that the relay has not yet numbered are not among them. */
export async function readEvents(
  tx: Tx,
  { afterPosition, limit, types }: { afterPosition: number; limit: number; types?: readonly EventType[] },
): Promise<EventEnvelope[]> {
  const wanted = types === undefined ? sql`` : sql`and l.type in (select jsonb_array_elements_text(${JSON.stringify(types)}::text::jsonb))`;
  const rows = await tx.execute<EnvelopeRow>(
    named(
      "readEvents",
      sql`select ${envelopeColumns(sql`p.position`)}
      from events.positions p join events.log l on l.tenant_id = p.tenant_id and l.id = p.event_id
      where p.tenant_id = app.tenant() and p.position > ${afterPosition}::bigint ${wanted}
      order by p.position limit ${limit}::int`,
    ),
  );
  return rows.map(toEnvelope);
}

/** The last position that the relay gave in this tenant; 0 before the first event. */
export async function headPosition(tx: Tx): Promise<number> {
  const rows = await tx.execute<{ position: string }>(
    named("headPosition", sql`select position::text as position from events.position_heads where tenant_id = app.tenant()`),
  );
  return Number(rows[0]?.position ?? 0);
}
