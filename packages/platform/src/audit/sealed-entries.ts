import type { EventEnvelope } from "@weft/shared/event-catalog";
import { sql } from "drizzle-orm";
import type { Tx } from "../db/database.js";
import { named } from "../db/named.js";

type SealedRow = {
  position: string;
  tenant_id: string;
  id: string;
  action: string;
  entity_type: string;
  entity_id: string;
  actor_id: string;
  on_behalf_of: string | null;
  request_id: string;
  at: string;
};

/**
 * Reads the tenant's sealed audit entries after a sequence, in the order of the chain, as envelopes: the action is the type, the sequence the position.
 * Sequences are assigned under the chain's lock to entries that are committed, ascending and without gaps. So a reader that goes from sequence to sequence
 * misses none, as with the positions of events (decision 6).
 */
export async function readSealedEntries(
  tx: Tx,
  { afterSequence, limit }: { readonly afterSequence: number; readonly limit: number },
): Promise<EventEnvelope[]> {
  const rows = await tx.execute<SealedRow>(
    named(
      "readSealedEntries",
      sql`select s.sequence::text as position, e.tenant_id, e.id, e.action, e.entity_type, e.entity_id, e.actor_id, e.on_behalf_of, e.request_id,
        to_char(e.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as at
      from (select sequence, entry_id from audit.seals where tenant_id = app.tenant() and sequence > ${afterSequence}::bigint
        order by sequence limit ${limit}::int) s
      cross join lateral (select * from audit.entries e where e.tenant_id = app.tenant() and e.id = s.entry_id limit 1) e
      order by s.sequence`,
    ),
  );
  return rows.map(toEnvelope);
}

/** Returns the sequence of the tenant's last sealed entry. 0 if there is none. */
export async function sealedHead(tx: Tx): Promise<number> {
  const [row] = await tx.execute<{ sequence: string }>(
    named(
      "sealedHead",
      sql`select s.sequence::text as sequence from audit.seals s where s.tenant_id = app.tenant() order by s.sequence desc limit 1`,
    ),
  );
  return Number(row?.sequence ?? 0);
}

const toEnvelope = (row: SealedRow): EventEnvelope => ({
  id: row.id,
  tenantId: row.tenant_id,
  position: Number(row.position),
  type: row.action,
  typeVersion: 1,
  subjectType: row.entity_type,
  subjectId: row.entity_id,
  subjectVersion: 0,
  related: {},
  payload: {},
  actorId: row.actor_id,
  onBehalfOf: row.on_behalf_of,
  causeId: null,
  requestId: row.request_id,
  traceId: null,
  occurredAt: row.at,
});
