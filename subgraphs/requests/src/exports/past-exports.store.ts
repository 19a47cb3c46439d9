import { named, type Tx } from "@weft/platform/db";
import { sql } from "drizzle-orm";

/** Deletes exports without a file that have ended some days ago. Returns their number. */
export async function deleteOldExports(tx: Tx, { days, limit }: { readonly days: number; readonly limit: number }): Promise<number> {
  const rows = await tx.execute<{ deleted: number }>(
    named(
      "deleteOldExports",
      sql`with gone as (
        delete from app.exports where tenant_id = app.tenant() and id in (
          select e.id from app.exports e
          where e.tenant_id = app.tenant() and e.due_at is null and e.updated_at < now() - make_interval(days => ${days}::int)
            and not exists (select from app.files f where f.tenant_id = e.tenant_id and f.id = e.file_id)
          order by e.updated_at limit ${limit}::int)
        returning tenant_id
      )
      select count(*)::int as deleted from gone`,
    ),
  );
  return rows[0]?.deleted ?? 0;
}
