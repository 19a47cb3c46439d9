import type { Chore } from "@weft/platform/cleaning";
import { named, type Tx } from "@weft/platform/db";
import { sql } from "drizzle-orm";

const KEPT_DAYS = 90;

/** Deletes exports of the audit trail that have ended. One whose file exists is kept, because it restricts who can download the file. */
export const pastAuditExports: Chore = { what: "audit exports", deleteSome: (tx, limit) => deleteOld(tx, limit) };

async function deleteOld(tx: Tx, limit: number): Promise<number> {
  const rows = await tx.execute<{ deleted: number }>(
    named(
      "deleteOldAuditExports",
      sql`with gone as (
        delete from audit.exports where tenant_id = app.tenant() and id in (
          select e.id from audit.exports e
          where e.tenant_id = app.tenant() and e.due_at is null and e.updated_at < now() - make_interval(days => ${KEPT_DAYS}::int)
            and not exists (select from app.files f where f.tenant_id = e.tenant_id and f.id = e.file_id)
          order by e.updated_at limit ${limit}::int)
        returning tenant_id
      )
      select count(*)::int as deleted from gone`,
    ),
  );
  return rows[0]?.deleted ?? 0;
}
