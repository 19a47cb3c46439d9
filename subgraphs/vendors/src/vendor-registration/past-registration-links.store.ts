import { named, type Tx } from "@weft/platform/db";
import { sql } from "drizzle-orm";

/** Deletes links that ended some days ago, by the clock of the tenant. Returns their number. */
export async function deleteOldRegistrationLinks(
  tx: Tx,
  { days, limit }: { readonly days: number; readonly limit: number },
): Promise<number> {
  const rows = await tx.execute<{ deleted: number }>(
    named(
      "deleteOldRegistrationLinks",
      // A link ends after it was created, so the index by time finds the candidates.
      sql`with gone as (
        delete from vendors.registration_links where tenant_id = app.tenant() and id in (
          select l.id from vendors.registration_links l, (select app.weft_now() - make_interval(days => ${days}::int) as until) past
          where l.tenant_id = app.tenant() and l.created_at < past.until
            and (l.revoked_at < past.until or l.expires_at < past.until
              or (l.registration_count >= l.max_registrations and l.last_used_at < past.until))
          order by l.created_at limit ${limit}::int)
        returning tenant_id
      )
      select count(*)::int as deleted from gone`,
    ),
  );
  return rows[0]?.deleted ?? 0;
}
