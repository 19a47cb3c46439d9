import { and } from "drizzle-orm";
import type { SQL } from "drizzle-orm";
import type { PgTable } from "drizzle-orm/pg-core";
import { named, type Tx } from "@weft/platform/db";
import type { KeysetSlice } from "./keyset-page.js";

/**
 * Selects the rows of a page.
 * @param name name of the statement, for the slow-query log
 */
export async function selectSlice<Table extends PgTable>(
  tx: Tx,
  { name, table, where }: { readonly name: string; readonly table: Table; readonly where: SQL | undefined },
  slice: KeysetSlice,
): Promise<Table["$inferSelect"][]> {
  const query = tx
    .select()
    .from<PgTable>(table)
    .where(and(where, slice.where))
    .orderBy(...slice.orderBy)
    .limit(slice.limit);
  return named(name, query);
}
