import { sql } from "drizzle-orm";
import type { Executes } from "../../db/alone.js";
import { named } from "../../db/named.js";
import type { Tx } from "../../db/database.js";
import type { EventEnvelope, PositionHead } from "@weft/shared/event-catalog";
import { envelopeColumns, eventWithId, toEnvelope } from "../read.js";
import type { EnvelopeRow } from "../read.js";

/** Finds the tenants with events in the outbox. Skips from tenant to tenant on the primary key, so the number of waiting rows does not matter. */
export async function findTenantsToRelay(tx: Executes): Promise<string[]> {
  const rows = await tx.execute<{ tenant_id: string }>(
    named(
      "findTenantsToRelay",
      sql`with recursive waiting as (
        (select tenant_id from events.outbox order by tenant_id limit 1)
        union all
        select (select o.tenant_id from events.outbox o where o.tenant_id > w.tenant_id order by o.tenant_id limit 1)
        from waiting w where w.tenant_id is not null
      )
      select tenant_id from waiting where tenant_id is not null`,
    ),
  );
  return rows.map((row) => row.tenant_id);
}

/** Locks the numbering of this tenant's events until the transaction ends, so that numbers stay gapless and ordered even with several relays. */
export async function lockPositions(tx: Tx, tenantId: string): Promise<void> {
  // Only locks. If it wrote the row, the next write of the row would check its foreign key again and lock the tenant.
  const locked = await tx.execute(
    named("lockPositions", sql`select 1 from events.position_heads where tenant_id = ${tenantId}::uuid for update`),
  );
  if (locked.length > 0) return;
  await tx.execute(
    named(
      "insertPositions",
      sql`insert into events.position_heads as h (tenant_id, position) values (${tenantId}::uuid, 0)
      on conflict (tenant_id) do update set position = h.position`,
    ),
  );
}

/**
 * Takes the oldest events from the outbox and numbers them. Requires `lockPositions` before it, as a separate statement: the snapshot must be taken
 * after the lock, otherwise it would contain rows that another relay has just taken. The range of numbers and the look-ups by key make the plan
 * independent of statistics. The limit is part of the text: with a parameter, PostgreSQL would plan the statement anew for each batch, which takes a sixth
 * of its time.
 */
export async function takeBatch(tx: Tx, tenantId: string, limit: number): Promise<EventEnvelope[]> {
  const rows = await tx.execute<EnvelopeRow>(
    named(
      "takeBatch",
      sql`with taken as (
        delete from events.outbox o where o.tenant_id = ${tenantId}::uuid and o.seq <= (select max(w.seq) from (
          select w.seq from events.outbox w where w.tenant_id = ${tenantId}::uuid order by w.seq limit ${sql.raw(String(limit))}) w)
        returning o.event_id, o.seq
      ), numbered as (
        select t.event_id, h.position + row_number() over (order by t.seq) as position
        from taken t cross join events.position_heads h where h.tenant_id = ${tenantId}::uuid
      ), placed as (
        insert into events.positions (tenant_id, position, event_id) select ${tenantId}::uuid, position, event_id from numbered
      ), moved as (
        update events.position_heads h set position = h.position + (select count(*) from taken) where h.tenant_id = ${tenantId}::uuid
      )
      select ${envelopeColumns(sql`n.position`)}
      from numbered n cross join lateral (${eventWithId(sql`${tenantId}::uuid`, sql`n.event_id`)}) l order by n.position`,
    ),
  );
  return rows.map(toEnvelope);
}

/** Finds the last positions of the given tenants, or of all tenants. Reads across tenants, as the worker. */
export async function findHeads(tx: Tx, tenantIds: readonly string[] | "all"): Promise<PositionHead[]> {
  const some =
    tenantIds === "all"
      ? sql``
      : sql`where tenant_id in (select jsonb_array_elements_text(${JSON.stringify(tenantIds)}::text::jsonb)::uuid)`;
  const rows = await tx.execute<{ tenant_id: string; position: string }>(
    named("findHeads", sql`select tenant_id, position::text as position from events.position_heads ${some}`),
  );
  return rows.map((row) => ({ tenantId: row.tenant_id, position: Number(row.position) }));
}
