import { sql } from "drizzle-orm";
import { named } from "../db/named.js";
import type { Tx } from "../db/database.js";

/** Archived tenants whose retention is over. Read across tenants, as the worker. */
export async function findTenantsToPurge(tx: Tx): Promise<string[]> {
  const rows = await tx.execute<{ tenant_id: string }>(
    named(
      "findTenantsToPurge",
      sql`select tenant_id from identity.tenants where status = 'ARCHIVED' and purge_at <= now() order by purge_at, tenant_id`,
    ),
  );
  return rows.map((row) => row.tenant_id);
}

/** The tenant of those who run the installation; null when it has none. Read across tenants, as the worker. */
export async function findPlatformTenant(tx: Tx): Promise<string | null> {
  const rows = await tx.execute<{ tenant_id: string }>(
    named("findPlatformTenant", sql`select tenant_id from identity.tenants where kind = 'PLATFORM'`),
  );
  return rows[0]?.tenant_id ?? null;
}

/** For the rest of the transaction the worker has the rights of the role that purges, and no others. */
export async function becomePurger(tx: Tx): Promise<void> {
  await tx.execute(named("becomePurger", sql`select set_config('role', current_user || '_purge', true)`));
}

/** A tenant as its tombstone says it. */
export interface DyingTenant extends Record<string, unknown> {
  slug: string;
  name: string;
  plan: string;
  createdAt: string;
  archivedAt: string;
}

/**
 * Locks the tenant and marks that parts of it may be gone from now on, so that nobody restores it; null when it is not due (any more).
 * The lock also keeps out whoever is still writing under the tenant.
 */
export async function beginPurge(tx: Tx): Promise<DyingTenant | null> {
  const rows = await tx.execute<DyingTenant>(
    named(
      "beginPurge",
      sql`update identity.tenants set purge_started_at = coalesce(purge_started_at, now())
      where tenant_id = app.tenant() and app.purge_is_due()
      returning slug, name, plan, created_at as "createdAt", archived_at as "archivedAt"`,
    ),
  );
  return rows[0] ?? null;
}

/**
 * Every table whose rows belong to tenants, from the catalog, so that one which is added later is purged too; those that refer to others come before
 * them, and tenants last.
 */
export async function findTablesOfTenants(tx: Tx): Promise<string[]> {
  const tables = await tx.execute<{ table: string; references: string[] }>(
    named(
      "findTablesOfTenants",
      sql`select c.oid::regclass::text as table, array(
            select distinct k.confrelid::regclass::text from pg_constraint k
             where k.conrelid = c.oid and k.contype = 'f' and k.confrelid <> c.oid) as references
          from pg_class c join pg_namespace n on n.oid = c.relnamespace
         where c.relkind in ('r', 'p') and not c.relispartition and n.nspname not like 'pg\\_%' and has_table_privilege(c.oid, 'delete')
           and exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'tenant_id' and not a.attisdropped)
         order by 1`,
    ),
  );
  return referringFirst(new Map(tables.map(({ table, references }) => [table, references])));
}

/** Throws when tables refer to each other in a circle: then rows would have to be deleted together. */
function referringFirst(referencesOf: ReadonlyMap<string, readonly string[]>): string[] {
  const waiting = new Map(referencesOf);
  const ordered: string[] = [];
  while (waiting.size > 0) {
    const referredTo = new Set([...waiting.values()].flat());
    const free = [...waiting.keys()].filter((table) => !referredTo.has(table));
    if (free.length === 0) throw new Error(`These tables refer to each other in a circle: ${[...waiting.keys()].join(", ")}.`);
    for (const table of free) waiting.delete(table);
    ordered.push(...free);
  }
  return ordered;
}

/** Deletes at most `limit` rows of the transaction's tenant; answers how many. The name of the table is one of the catalog's. */
export async function deleteSomeOf(tx: Tx, table: string, limit: number): Promise<number> {
  const name = sql.raw(table);
  const rows = await tx.execute<{ deleted: number }>(
    named(
      "deleteSomeOf",
      sql`with gone as (
        delete from ${name} where tenant_id = app.tenant()
          and ctid = any(array(select ctid from ${name} where tenant_id = app.tenant() limit ${limit}::int))
        returning tenant_id
      )
      select count(*)::int as deleted from gone`,
    ),
  );
  return rows[0]?.deleted ?? 0;
}
