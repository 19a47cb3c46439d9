import { named, type Tx } from "@weft/platform/db";
import { sql } from "drizzle-orm";

/**
 * Replaces the rows of days that have several by their sum, oldest days first, until about `limit` rows are gone. Rows that a concurrent worker has
 * taken are not counted again: a row belongs to the sum of the one that deletes it. Returns the number of deleted rows.
 */
export async function foldDays(tx: Tx, limit: number): Promise<number> {
  const [row] = await tx.execute<{ folded: number }>(
    named(
      "foldDaysOfWork",
      sql`with many as (
          select vendor_id, day from vendors.work_days where tenant_id = app.tenant() group by vendor_id, day having count(*) > 1 order by day limit ${limit}::int / 2
        ), gone as (
          delete from vendors.work_days d using many m where d.tenant_id = app.tenant() and d.vendor_id = m.vendor_id and d.day = m.day
          returning d.*
        ), folded as (
          insert into vendors.work_days
          select tenant_id, vendor_id, day, app.uuid_v7(), sum(assigned), sum(responded), sum(response_us), sum(completed), sum(completion_us), sum(reopened),
                 sum(measured), sum(met), sum(rated), sum(stars)
            from gone group by tenant_id, vendor_id, day
        )
        select count(*)::integer as folded from gone`,
    ),
  );
  return row?.folded ?? 0;
}
