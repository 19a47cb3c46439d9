import { app, type requests as tables } from "@weft/drizzle";
import { among, named, type Tx } from "@weft/platform/db";
import { getTableColumns, type InferSelectModel, sql } from "drizzle-orm";
import type { PgColumn } from "drizzle-orm/pg-core";

const { objectVersions } = app;

/** Tables whose rows app.object_versions keeps. */
export type KeptTable = typeof tables.requests | typeof tables.assets | typeof tables.buildings | typeof tables.spaces;

/** The API writes times in whole milliseconds, without the rest. A time that it gave for a change is thus before the change, but this one is not. */
export const endOfMillisecond = (time: string): string => time.replace(/Z$/, "999Z");

/**
 * Returns the rows with these IDs as they were at a time (ISO 8601), those that had not been created included: they have a later `createdAt`. Columns
 * that are younger than the version have today's values. The viewer is expected to see the objects.
 */
export async function findPastRows<T extends KeptTable>(
  tx: Tx,
  table: T,
  ids: readonly string[],
  at: string,
): Promise<InferSelectModel<T>[]> {
  const past = sql`(select past.* from ${table} present
    left join lateral (select v.image from ${objectVersions} v
      where v.tenant_id = present.tenant_id and v.object_id = present.id and v.until > ${endOfMillisecond(at)}::timestamptz order by v.until limit 1) v on true
    cross join lateral jsonb_populate_record(present, coalesce(v.image, '{}'::jsonb)) past
    where ${among(sql`present.id`, ids)}) past`;
  const columns = Object.entries<PgColumn>(getTableColumns(table)).map(
    ([key, column]) => [key, sql`${sql.identifier(column.name)}`.mapWith(column)] as const,
  );
  const rows = await named("findPastRows", tx.select(Object.fromEntries(columns)).from(past));
  return rows as InferSelectModel<T>[];
}
