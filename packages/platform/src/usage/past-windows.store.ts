import { sql } from "drizzle-orm";
import { named } from "../db/named.js";
import type { Tx } from "../db/database.js";

/**
 * Deletes counters of the transaction's tenant whose window started more than this number of days ago. Permanent counters have no window. Returns the
 * number of deleted rows.
 */
export async function deletePastWindows(tx: Tx, { days }: { days: number }): Promise<number> {
  const rows = await tx.execute<{ deleted: number }>(
    named(
      "deletePastWindows",
      sql`with gone as (
        delete from app.usage where tenant_id = app.tenant() and window_start > '-infinity' and window_start < now() - make_interval(days => ${days}::int)
        returning tenant_id
      )
      select count(*)::int as deleted from gone`,
    ),
  );
  return rows[0]?.deleted ?? 0;
}
