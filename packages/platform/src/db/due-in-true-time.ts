import { type AnyColumn, type SQL, sql } from "drizzle-orm";
import type { Tx } from "./database.js";
import type { DueTenants } from "./due-tenants.js";
import { named } from "./named.js";

interface DueRows {
  /** What a row is, for the log of slow queries: `Key`. */
  readonly name: string;
  /** When a row is due. Null: never. */
  readonly dueAt: AnyColumn;
  /** Whether the work of tenants that are not active is done, too. Otherwise, it waits until they are. */
  readonly isDoneInAllTenants?: boolean;
  /** Condition of the rows. Default: all. */
  readonly only?: SQL;
}

/**
 * Returns the two searches that a source of due work needs, for rows whose time is true time and not that of the tenant's clock: logins, files, exports and
 * imports do not follow the clock of a sandbox. `find` runs as weft_worker across all tenants or all active ones, `next` in a tenant.
 */
export function dueInTrueTime({ name, dueAt, isDoneInAllTenants = false, only = sql`true` }: DueRows): {
  find(tx: Tx, limit: number): Promise<DueTenants>;
  next(tx: Tx): Promise<string | null>;
} {
  const { table } = dueAt;
  const ofActive = isDoneInAllTenants ? sql`` : sql`and t.status = 'ACTIVE'`;
  return {
    find: async (tx, limit) => {
      const [row] = await tx.execute<{ tenants: string[]; next: string | null }>(
        named(
          `findTenantsWithDue${name}s`,
          sql`select array(select t.tenant_id::text from ${table} join identity.tenants t on t.tenant_id = ${table}.tenant_id ${ofActive}
                where ${dueAt} <= now() and ${only} group by t.tenant_id order by min(${dueAt}) limit ${limit}::int) as tenants,
              (select min(${dueAt}) from ${table} where ${dueAt} > now() and ${only}) as next`,
        ),
      );
      return { tenants: row?.tenants ?? [], next: row?.next ?? null };
    },
    next: async (tx) => {
      const [row] = await tx.execute<{ next: string | null }>(
        named(
          `findNextDue${name}`,
          sql`select min(${dueAt}) as next from ${table} where ${table}.tenant_id = app.tenant() and ${dueAt} is not null and ${only}`,
        ),
      );
      return row?.next ?? null;
    },
  };
}
