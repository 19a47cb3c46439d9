import { type AnyColumn, type SQL, sql } from "drizzle-orm";
import type { Tx } from "./database.js";
import { named } from "./named.js";

/**
 * Rows that become due at a time of their tenant's clock. The table needs two partial indexes with this condition: of the time across all tenants, and of
 * the tenant and the time.
 */
export interface DueRows {
  /** Their name in the plural, for the log of slow queries: `DuePlans`. */
  readonly name: string;
  /** When a row is due. Null: never. */
  readonly dueAt: AnyColumn;
  /** Rows that can become due. It must imply that `dueAt` is not null. Default: those with a time. */
  readonly pending?: SQL;
}

/** Tenants with due work, and the time of the next work of any tenant. */
export interface DueTenants {
  /** Tenants that have due work now, longest waiting first. */
  readonly tenants: readonly string[];
  /** When the next work of any tenant becomes due, in true time (ISO 8601). Null if there is none. May be earlier than necessary. */
  readonly next: string | null;
}

/** Due rows that are read to find tenants. If there are more, one tenant can have all of them, and each tenant is looked up. */
const READ_ROWS = 1_000;

/** Returns the two searches that a source of due work needs: `find` runs as weft_worker across all tenants, `next` in a tenant. */
export function dueRows(rows: DueRows): { find(tx: Tx, limit: number): Promise<DueTenants>; next(tx: Tx): Promise<string | null> } {
  return { find: (tx, limit) => findDueTenants(tx, rows, limit), next: (tx) => nextDue(tx, rows) };
}

/**
 * Returns tenants with due rows, longest waiting first, and when the next row becomes due. However many rows of a tenant are due, they do not hide those of
 * other tenants. Sandboxes have clocks of their own and are few: each is looked up.
 */
async function findDueTenants(tx: Tx, { name, dueAt, pending }: DueRows, limit: number): Promise<DueTenants> {
  const { table } = dueAt;
  const tenantId = sql`${table}.tenant_id`;
  const waits = pending ?? sql`${dueAt} is not null`;
  const [row] = await tx.execute<{ tenants: string[] | null; next: string | null }>(
    named(
      `findTenantsWith${name}`,
      sql`with recursive shifted as (
        select t.tenant_id, d.due_at - t.clock_offset_ms * interval '1 millisecond' as due_at
          from identity.tenants t cross join lateral (
            select ${dueAt} as due_at from ${table} where ${tenantId} = t.tenant_id and ${waits} order by ${dueAt} limit 1) d
         where t.clock_offset_ms <> 0 and t.status = 'ACTIVE'
      ), first as materialized (
        select ${tenantId} as tenant_id, ${dueAt} as due_at from ${table}
         where ${waits} and ${dueAt} <= transaction_timestamp() order by ${dueAt} limit ${READ_ROWS}
      ), walk as (
        (select ${tenantId} as tenant_id, ${dueAt} as due_at from ${table}
          where ${waits} and (select count(*) from first) >= ${READ_ROWS} order by ${tenantId}, ${dueAt} limit 1)
        union all select n.tenant_id, n.due_at from walk w cross join lateral (
          select ${tenantId} as tenant_id, ${dueAt} as due_at from ${table}
           where ${waits} and ${tenantId} > w.tenant_id order by ${tenantId}, ${dueAt} limit 1) n
      ), due as (
        select d.tenant_id, d.due_at from (select * from first union all select * from walk) d
          join identity.tenants t on t.tenant_id = d.tenant_id
         where d.due_at <= transaction_timestamp() and t.clock_offset_ms = 0 and t.status = 'ACTIVE'
        union all select tenant_id, due_at from shifted where due_at <= transaction_timestamp()
      ), longest as (
        select tenant_id, min(due_at) as due_at from due group by tenant_id order by 2 limit ${limit}
      )
      select (select array_agg(tenant_id order by due_at) from longest) as tenants, least(
        (select min(${dueAt}) from ${table} where ${waits} and ${dueAt} > transaction_timestamp()),
        (select min(due_at) from shifted where due_at > transaction_timestamp())) as next`,
    ),
  );
  return { tenants: row?.tenants ?? [], next: row?.next ?? null };
}

/** Returns when the tenant's first row is due, in the tenant's time. Null if there is none. */
async function nextDue(tx: Tx, { name, dueAt, pending }: DueRows): Promise<string | null> {
  const { table } = dueAt;
  const [row] = await tx.execute<{ next: string | null }>(
    named(
      `next${name}`,
      sql`select min(${dueAt}) as next from ${table} where ${table}.tenant_id = app.tenant()${pending && sql` and ${pending}`}`,
    ),
  );
  return row?.next ?? null;
}
