/** What a worker reads of the dates of assets, and changes. */
import { maintenance } from "@weft/drizzle";
import { named, type Tx } from "@weft/platform/db";
import { and, eq, sql } from "drizzle-orm";

const { assetDates } = maintenance;

type AssetDateRow = typeof assetDates.$inferSelect;

export interface DueDate extends Record<string, unknown> {
  /** UUID */
  readonly assetId: string;
  /** WARRANTY | INSPECTION */
  readonly kind: string;
  /** YYYY-MM-DD */
  readonly onDate: string;
  /** When it is announced: at the beginning of a day in the time zone of the building. */
  readonly noticeAt: string;
  readonly isDue: boolean;
  readonly buildingId: string;
  readonly assetVersion: number;
  readonly status: string;
  readonly tag: string;
  readonly name: string;
}

/**
 * Locks the tenant's dates that are due until commit, longest waiting first, except those that another transaction has locked.
 * @param timeZone of buildings without one
 */
export function lockDueDates(tx: Tx, { limit, timeZone }: { readonly limit: number; readonly timeZone: string }): Promise<DueDate[]> {
  return tx.execute<DueDate>(
    named(
      "lockDueAssetDates",
      sql`select d.asset_id as "assetId", d.kind, d.on_date::text as "onDate", n.notice_at as "noticeAt", n.notice_at <= app.weft_now() as "isDue",
             a.building_id as "buildingId", a.version as "assetVersion", a.status, a.tag, a.name
        from requests.asset_dates d
        join requests.assets a on a.tenant_id = d.tenant_id and a.id = d.asset_id
        join requests.asset_types t on t.tenant_id = a.tenant_id and t.key = a.type
        join requests.buildings b on b.tenant_id = a.tenant_id and b.id = a.building_id
        cross join lateral (
          select (d.on_date - case d.kind when 'WARRANTY' then t.warranty_notice_days else t.inspection_notice_days end)::timestamp
            at time zone coalesce(b.time_zone, ${timeZone}) as notice_at) n
       where d.tenant_id = app.tenant() and d.due_at <= app.weft_now() and d.on_date is not null
       order by d.due_at, d.asset_id, d.kind limit ${limit} for update of d skip locked`,
    ),
  );
}

/** Changes the worker's columns of a locked date. */
export async function keepDate(
  tx: Tx,
  { assetId, kind }: Pick<AssetDateRow, "assetId" | "kind">,
  changes: Partial<Pick<AssetDateRow, "dueAt" | "announcedDate">>,
): Promise<void> {
  const where = and(eq(assetDates.assetId, assetId), eq(assetDates.kind, kind));
  await named("keepAssetDate", tx.update(assetDates).set(changes).where(where));
}
