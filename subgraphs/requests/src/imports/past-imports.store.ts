import { named, type Tx } from "@weft/platform/db";
import { sql } from "drizzle-orm";

interface Old {
  readonly days: number;
  readonly limit: number;
}

/** Deletes problems of imports that have rested for some days. Returns their number. */
export async function deleteOldProblems(tx: Tx, { days, limit }: Old): Promise<number> {
  const rows = await tx.execute<{ deleted: number }>(
    named(
      "deleteOldProblems",
      sql`with gone as (
        delete from app.import_problems where tenant_id = app.tenant() and id in (
          select p.id from app.imports i join app.import_problems p on p.tenant_id = i.tenant_id and p.import_id = i.id
          where i.tenant_id = app.tenant() and i.due_at is null and i.updated_at < now() - make_interval(days => ${days}::int)
          limit ${limit}::int)
        returning tenant_id
      )
      select count(*)::int as deleted from gone`,
    ),
  );
  return rows[0]?.deleted ?? 0;
}

/** Deletes imports without problems that have rested for some days. Returns their number. */
export async function deleteOldImports(tx: Tx, { days, limit }: Old): Promise<number> {
  const rows = await tx.execute<{ deleted: number }>(
    named(
      "deleteOldImports",
      // The condition on due_at is repeated for an import that is started meanwhile.
      sql`with gone as (
        delete from app.imports where tenant_id = app.tenant() and due_at is null and id in (
          select i.id from app.imports i
          where i.tenant_id = app.tenant() and i.due_at is null and i.updated_at < now() - make_interval(days => ${days}::int)
            and not exists (select from app.import_problems p where p.tenant_id = i.tenant_id and p.import_id = i.id)
          order by i.updated_at limit ${limit}::int)
        returning tenant_id
      )
      select count(*)::int as deleted from gone`,
    ),
  );
  return rows[0]?.deleted ?? 0;
}
