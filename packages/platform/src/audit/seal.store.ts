import { sql } from "drizzle-orm";
import type { Executes } from "../db/alone.js";
import { named } from "../db/named.js";
import type { Tx } from "../db/database.js";
import { storedEntryColumns } from "./entry-hash.js";
import type { StoredEntry } from "./entry-hash.js";

/** A waiting entry. `seq`: its position in the queue. */
type UnsealedEntry = StoredEntry & { seq: string };

/** A seal. `seq`: position of its entry in the queue. */
export type SealRow = { sequence: number; entryId: string; entryHash: string; hash: string; seq: string };

/** Makes a second sealer of the same tenant wait until this transaction ends, so that the chain cannot fork. */
export async function lockChain(tx: Tx, tenantId: string): Promise<void> {
  await tx.execute(named("lockChain", sql`select pg_advisory_xact_lock(hashtextextended('weft.audit.chain.' || ${tenantId}::text, 0))`));
}

export async function findLastSeal(tx: Tx): Promise<{ sequence: number; hash: string } | null> {
  const rows = await tx.execute<{ sequence: string; hash: string }>(
    named(
      "findLastSeal",
      sql`select s.sequence::text as sequence, s.hash from audit.seals s where s.tenant_id = app.tenant() order by s.sequence desc limit 1`,
    ),
  );
  return rows[0] ? { sequence: Number(rows[0].sequence), hash: rows[0].hash } : null;
}

/**
 * Finds the oldest unsealed entries, in the order in which they were written. The limit of the look-up prevents the planner from turning it into a
 * join, which could read the tenant's whole trail if there are no statistics.
 */
export async function findUnsealed(tx: Tx, limit: number): Promise<UnsealedEntry[]> {
  const rows = await tx.execute<UnsealedEntry>(
    named(
      "findUnsealed",
      sql`select ${storedEntryColumns}, u.seq::text as seq
      from (select entry_id, seq from audit.unsealed where tenant_id = app.tenant() order by seq limit ${limit}::int) u
      cross join lateral (select * from audit.entries e where e.tenant_id = app.tenant() and e.id = u.entry_id limit 1) e order by u.seq`,
    ),
  );
  return [...rows];
}

/**
 * Appends seals, removes their entries from the queue, writes the checkpoint of the new head, and tells the streams of the tenant. Entries that were committed since `findUnsealed` can
 * have numbers between those of the seals, so the range only limits what is read.
 * @returns whether a stream has something to send now
 */
export async function insertSeals(
  tx: Tx,
  tenantId: string,
  seals: readonly SealRow[],
  checkpoint: { sequence: number; hash: string; signature: string },
): Promise<{ isStreamed: boolean }> {
  const [row] = await tx.execute<{ is_streamed: boolean }>(
    named(
      "insertSeals",
      sql`with given as (
        select * from jsonb_to_recordset(${JSON.stringify(seals)}::text::jsonb) as s (sequence bigint, "entryId" uuid, "entryHash" text, hash text, seq bigint)
      ), sealed as (
        insert into audit.seals (tenant_id, sequence, entry_id, entry_hash, hash)
        select ${tenantId}::uuid, sequence, "entryId", "entryHash", hash from given
      ), done as (
        delete from audit.unsealed u where u.tenant_id = ${tenantId}::uuid and u.seq = any(array(select seq from given))
          and u.seq between (select min(seq) from given) and (select max(seq) from given)
      ), streamed as (
        update audit.streams set head = ${checkpoint.sequence}::bigint, due_at = case when status = 'ACTIVE' then coalesce(due_at, now()) end
         where tenant_id = ${tenantId}::uuid returning due_at
      )
      insert into audit.checkpoints (tenant_id, sequence, hash, signature)
      values (${tenantId}::uuid, ${checkpoint.sequence}::bigint, ${checkpoint.hash}, ${checkpoint.signature})
      returning exists (select from streamed where due_at <= now()) as is_streamed`,
    ),
  );
  return { isStreamed: row?.is_streamed === true };
}

/** Finds the tenants with unsealed entries. Skips from tenant to tenant on the primary key, so the number of waiting entries does not matter. */
export async function findTenantsToSeal(tx: Executes): Promise<string[]> {
  const rows = await tx.execute<{ tenant_id: string }>(
    named(
      "findTenantsToSeal",
      sql`with recursive waiting as (
        (select tenant_id from audit.unsealed order by tenant_id limit 1)
        union all
        select (select u.tenant_id from audit.unsealed u where u.tenant_id > w.tenant_id order by u.tenant_id limit 1)
        from waiting w where w.tenant_id is not null
      )
      select tenant_id from waiting where tenant_id is not null`,
    ),
  );
  return rows.map((row) => row.tenant_id);
}
