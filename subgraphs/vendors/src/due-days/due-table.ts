/** Expressions about rows that a worker looks at again at the beginning of a day. */
import { type AnyColumn, eq, type SQL, sql } from "drizzle-orm";
import type { PgTable } from "drizzle-orm/pg-core";

/** A table with the columns `tenant_id`, `id` and `due_at`, and partial indexes of `due_at`, across tenants and of each tenant. */
export type DueTable = PgTable & { readonly tenantId: AnyColumn; readonly id: AnyColumn; readonly dueAt: AnyColumn };

/** The beginning of a day in a time zone, when a worker looks at a row again. Null: never. */
export const beginningOf = (day: string | null, timeZone: string): SQL | null =>
  day === null ? null : sql`${day}::timestamp at time zone ${timeZone}`;

/** Condition: the tenant's row is due. */
export const isDue = ({ tenantId, dueAt }: DueTable): SQL => sql`${eq(tenantId, sql`app.tenant()`)} and ${dueAt} <= app.weft_now()`;

/** Today by the tenant's clock in a time zone, YYYY-MM-DD. */
export const today = (timeZone: string): SQL<string> => sql<string>`(app.weft_now() at time zone ${timeZone})::date::text`;
