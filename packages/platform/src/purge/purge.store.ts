import { sql } from "drizzle-orm";
import type { SQL } from "drizzle-orm";
import { named } from "../db/named.js";
import type { Tx } from "../db/database.js";

/** Returns the archived tenants whose retention period is over. Reads across tenants, as the worker. */
export async function findTenantsToPurge(tx: Tx): Promise<string[]> {
  const rows = await tx.execute<{ tenant_id: string }>(
    named(
      "findTenantsToPurge",
      sql`select tenant_id from identity.tenants where status = 'ARCHIVED' and purge_at <= now() order by purge_at, tenant_id`,
    ),
  );
  return rows.map((row) => row.tenant_id);
}

/** Returns the platform tenant, or null if the installation has none. Reads across tenants, as the worker. */
export async function findPlatformTenant(tx: Tx): Promise<string | null> {
  const rows = await tx.execute<{ tenant_id: string }>(
    named("findPlatformTenant", sql`select tenant_id from identity.tenants where kind = 'PLATFORM'`),
  );
  return rows[0]?.tenant_id ?? null;
}

/** Restricts the worker to the rights of the purge role for the rest of the transaction, which also sees what was deleted. */
export async function becomePurger(tx: Tx): Promise<void> {
  await tx.execute(
    named("becomePurger", sql`select set_config('role', current_user || '_purge', true), set_config('app.shows_deleted', 'on', true)`),
  );
}

/** A tenant as recorded in its tombstone. */
export interface DyingTenant extends Record<string, unknown> {
  slug: string;
  name: string;
  plan: string;
  createdAt: string;
  archivedAt: string;
}

/**
 * Locks the tenant and marks it as partly deleted, so that it cannot be restored. Returns null if it is not due (any more). The lock also blocks
 * concurrent writes to the tenant.
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

/** A table whose rows belong to tenants. */
export interface TenantTable {
  /** Quoted for SQL, from the catalog. */
  readonly name: string;
  /** Columns by which rows reference other rows of the same table, quoted for SQL. Excludes columns that both rows have in common. Null if there are none. */
  readonly chain: { readonly column: string; readonly refersTo: string } | null;
}

/**
 * Returns every table whose rows belong to tenants, from the catalog, so that tables added later are also purged. Referencing tables come before
 * referenced ones, and tenants last.
 */
export async function findTablesOfTenants(tx: Tx): Promise<TenantTable[]> {
  const tables = await tx.execute<{ name: string; references: string[]; chain: TenantTable["chain"] }>(
    named(
      "findTablesOfTenants",
      sql`select c.oid::regclass::text as name, array(
            select distinct k.confrelid::regclass::text from pg_constraint k
             where k.conrelid = c.oid and k.contype = 'f' and k.confrelid <> c.oid) as references, (
            select jsonb_build_object('column', quote_ident(a.attname), 'refersTo', quote_ident(f.attname))
              from pg_constraint k cross join unnest(k.conkey, k.confkey) as pair(from_column, to_column)
              join pg_attribute a on a.attrelid = k.conrelid and a.attnum = pair.from_column
              join pg_attribute f on f.attrelid = k.confrelid and f.attnum = pair.to_column and f.attname <> a.attname
             where k.conrelid = c.oid and k.contype = 'f' and k.confrelid = c.oid) as chain
          from pg_class c join pg_namespace n on n.oid = c.relnamespace
         where c.relkind in ('r', 'p') and not c.relispartition and n.nspname not like 'pg\\_%' and has_table_privilege(c.oid, 'delete')
           and exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'tenant_id' and not a.attisdropped)
         order by 1`,
    ),
  );
  const byName = new Map(tables.map(({ name, chain }) => [name, { name, chain }]));
  return referringFirst(new Map(tables.map(({ name, references }) => [name, references]))).flatMap((name) => byName.get(name) ?? []);
}

/** Throws if tables reference each other in a cycle, because their rows would have to be deleted together. */
function referringFirst(referencesOf: ReadonlyMap<string, readonly string[]>): string[] {
  const waiting = new Map(referencesOf);
  const ordered: string[] = [];
  while (waiting.size > 0) {
    const referredTo = new Set([...waiting.values()].flat());
    const free = [...waiting.keys()].filter((table) => !referredTo.has(table));
    if (free.length === 0) throw new Error(`These tables reference each other in a cycle: ${[...waiting.keys()].join(", ")}.`);
    for (const table of free) waiting.delete(table);
    ordered.push(...free);
  }
  return ordered;
}

/** Deletes about `limit` rows of the transaction's tenant, and the rows of the same table that reference them. Returns the number of deleted rows. */
export async function deleteSomeOf(tx: Tx, table: TenantTable, limit: number): Promise<number> {
  const rows = await tx.execute<{ deleted: number }>(
    named(
      "deleteSomeOf",
      sql`with recursive ${doomedOf(table, limit)}, gone as (
        delete from ${sql.raw(table.name)} where tenant_id = app.tenant() and ctid = any(array(select ctid from doomed))
        returning tenant_id
      )
      select count(*)::int as deleted from gone`,
    ),
  );
  return rows[0]?.deleted ?? 0;
}

function doomedOf({ name, chain }: TenantTable, limit: number): SQL {
  const table = sql.raw(name);
  if (!chain) return sql`doomed as (select ctid from ${table} where tenant_id = app.tenant() limit ${limit}::int)`;
  const [column, refersTo] = [sql.raw(chain.column), sql.raw(chain.refersTo)];
  return sql`doomed as (
        (select ctid, ${refersTo} as key from ${table} where tenant_id = app.tenant() limit ${limit}::int)
        union
        select t.ctid, t.${refersTo} from ${table} t join doomed on t.${column} = doomed.key where t.tenant_id = app.tenant()
      )`;
}

/** Returns the tenants that share definitions with a tenant, in either direction. Reads across tenants, as the worker. */
export async function findTenantsSharingWith(tx: Tx, tenantId: string): Promise<string[]> {
  const rows = await tx.execute<{ tenant_id: string }>(
    named(
      "findTenantsSharingWith",
      sql`select distinct tenant_id from workflows.definition_shares where partner_id = ${tenantId}::uuid order by tenant_id`,
    ),
  );
  return rows.map((row) => row.tenant_id);
}

/** Deletes at most `limit` uses of the shares of the transaction's tenant with another one. Returns their number. */
export async function deleteSomeUsesWith(tx: Tx, partnerId: string, limit: number): Promise<number> {
  const rows = await tx.execute<{ deleted: number }>(
    named(
      "deleteSomeUsesOfShares",
      sql`with gone as (
        delete from workflows.definition_share_uses where tenant_id = app.tenant() and id = any(array(
          select u.id from workflows.definition_share_uses u
            join workflows.definition_shares s on s.tenant_id = u.tenant_id and s.id = u.share_id
           where u.tenant_id = app.tenant() and s.partner_id = ${partnerId}::uuid limit ${limit}::int))
        returning tenant_id)
      select count(*)::int as deleted from gone`,
    ),
  );
  return rows[0]?.deleted ?? 0;
}

/** A deleted share, as recorded. */
interface EndedShare extends Record<string, unknown> {
  readonly id: string;
  readonly partnerSlug: string;
  readonly definitionKey: string;
  readonly mode: string;
}

/** Deletes at most `limit` shares of the transaction's tenant with another one, and the uses that are left. Returns them. */
export const deleteSomeSharesWith = (tx: Tx, partnerId: string, limit: number): Promise<EndedShare[]> =>
  tx.execute<EndedShare>(
    named(
      "deleteSomeSharesWith",
      sql`delete from workflows.definition_shares where tenant_id = app.tenant() and id = any(array(
            select id from workflows.definition_shares where tenant_id = app.tenant() and partner_id = ${partnerId}::uuid limit ${limit}::int))
          returning id, partner_slug as "partnerSlug", definition_key as "definitionKey", mode`,
    ),
  );
