import { vendors as tables } from "@weft/drizzle";
import type { Viewer } from "@weft/shared/viewer";
import { visibleObjects } from "@weft/platform/access";
import { countRows, named, type Tx } from "@weft/platform/db";
import { type KeysetSlice, selectSlice } from "@weft/api/pages";
import type { Period } from "@weft/api/periods";
import { and, arrayContains, eq, gte, isNotNull, lt, type SQL, sql } from "drizzle-orm";
import type { AnyColumn } from "drizzle-orm";
import type { VendorFigureName, WorkSums } from "./figures.js";

const { vendors, work } = tables;

export type WorkRow = typeof work.$inferSelect;

/** Sums of a vendor in one of the periods. */
export type SummedWork = WorkSums & { readonly vendorId: string; readonly period: number };

/**
 * Sums the work of vendors in each period, in one statement. Assignments and responses count when the work was assigned; what is known of completed work
 * when it was completed; ratings when they were given. Whole days (UTC) are read from their sums, and the rest of the period, less than a day at each
 * end, from the work itself.
 */
export async function sumWork(tx: Tx, vendorIds: readonly string[], periods: readonly Period[]): Promise<SummedWork[]> {
  const ids = sql`${sql.param([...vendorIds])}::uuid[]`;
  const rows = await tx.execute<SummedWork & Record<string, unknown>>(
    named(
      "sumWork",
      sql`with p as materialized (
          select n, starts, ends, date_bin('1 day', starts - interval '1 microsecond', 'epoch') + interval '1 day' as first_day,
                 date_bin('1 day', ends, 'epoch') as last_day
            from (
              select to_timestamp(starts) as starts, to_timestamp(ends) as ends, n::integer - 1 as n
                from unnest(${sql.param(periods.map(({ from }) => from))}::bigint[], ${sql.param(periods.map(({ to }) => to))}::bigint[])
                     with ordinality as u(starts, ends, n)) u
        ), rest as materialized (
          select n, starts, ends from p where first_day >= last_day
          union all select n, starts, first_day from p where first_day < last_day and starts < first_day
          union all select n, last_day, ends from p where first_day < last_day and last_day < ends)
        select "vendorId", period, sum(assigned)::integer as assigned, sum(responded)::integer as responded,
               (sum(response_us) / 1000000)::float8 as "responseSeconds", sum(completed)::integer as completed,
               (sum(completion_us) / 1000000)::float8 as "completionSeconds", sum(reopened)::integer as reopened, sum(measured)::integer as measured,
               sum(met)::integer as met, sum(rated)::integer as rated, sum(stars)::integer as stars
          from (
            select d.vendor_id as "vendorId", p.n as period, sum(d.assigned) as assigned, sum(d.responded) as responded, sum(d.response_us) as response_us,
                   sum(d.completed) as completed, sum(d.completion_us) as completion_us, sum(d.reopened) as reopened, sum(d.measured) as measured,
                   sum(d.met) as met, sum(d.rated) as rated, sum(d.stars) as stars
              from p join vendors.work_days d on d.tenant_id = app.tenant() and d.vendor_id = any(${ids})
               and d.day >= (p.first_day at time zone 'UTC')::date and d.day < (p.last_day at time zone 'UTC')::date
             group by 1, 2
            union all
            select w.vendor_id, r.n, count(*), count(w.responded_at), coalesce(extract(epoch from sum(w.responded_at - w.assigned_at)) * 1000000, 0),
                   0, 0, 0, 0, 0, 0, 0
              from rest r join vendors.work w on w.tenant_id = app.tenant() and w.vendor_id = any(${ids}) and not w.is_deleted
               and w.assigned_at >= r.starts and w.assigned_at < r.ends
             group by 1, 2
            union all
            select w.vendor_id, r.n, 0, 0, 0, count(*), extract(epoch from sum(w.ended_at - w.assigned_at)) * 1000000, count(*) filter (where w.reopened > 0),
                   count(w.is_sla_met), count(*) filter (where w.is_sla_met), 0, 0
              from rest r join vendors.work w on w.tenant_id = app.tenant() and w.vendor_id = any(${ids}) and not w.is_deleted and w.outcome = 'COMPLETED'
               and w.ended_at >= r.starts and w.ended_at < r.ends
             group by 1, 2
            union all
            select w.vendor_id, r.n, 0, 0, 0, 0, 0, 0, 0, 0, count(*), sum(w.stars)
              from rest r join vendors.work w on w.tenant_id = app.tenant() and w.vendor_id = any(${ids}) and not w.is_deleted and w.rated_at is not null
               and w.rated_at >= r.starts and w.rated_at < r.ends
             group by 1, 2) s
         group by 1, 2`,
    ),
  );
  return [...rows];
}

/** Returns the IDs of the vendors that the viewer can see, and that have a category if one is given. */
export async function findVendorIds(tx: Tx, viewer: Viewer, category: string | null): Promise<string[]> {
  const where = and(
    visibleObjects("vendor", viewer, "vendor.read"),
    category === null ? undefined : arrayContains(vendors.categories, [category]),
  );
  const rows = await named("findVendorIds", tx.select({ id: vendors.id }).from(vendors).where(where));
  return rows.map(({ id }) => id);
}

/** Work that a figure counts. */
export interface CountedWork {
  readonly vendorId: string;
  readonly name: VendorFigureName;
  readonly period: Period;
}

type TimeOfWork = { readonly column: AnyColumn; readonly valueOf: (row: WorkRow) => string };

const assignment: TimeOfWork = { column: work.assignedAt, valueOf: (row) => row.assignedAt };
const end: TimeOfWork = { column: work.endedAt, valueOf: (row) => row.endedAt ?? "" };
const rating: TimeOfWork = { column: work.ratedAt, valueOf: (row) => row.ratedAt ?? "" };

/** The time by which each figure counts work. */
export const timeOfFigure: Readonly<Record<VendorFigureName, TimeOfWork>> = {
  ASSIGNED: assignment,
  RESPONSE_TIME: assignment,
  COMPLETED: end,
  COMPLETION_TIME: end,
  FIRST_TIME_FIX: end,
  REOPENED: end,
  SLA_COMPLIANCE: end,
  RATING: rating,
};

// Literals instead of parameters, so that the partial indexes can be used.
const completed = sql`${work.outcome} = 'COMPLETED'`;
const notDeleted = sql`not ${work.isDeleted}`;

const conditionsOf: Readonly<Record<VendorFigureName, SQL | undefined>> = {
  ASSIGNED: undefined,
  RESPONSE_TIME: isNotNull(work.respondedAt),
  COMPLETED: completed,
  COMPLETION_TIME: completed,
  FIRST_TIME_FIX: and(completed, eq(work.reopened, 0)),
  REOPENED: and(completed, sql`${work.reopened} > 0`),
  SLA_COMPLIANCE: and(completed, eq(work.isSlaMet, true)),
  RATING: isNotNull(work.ratedAt),
};

function countedBy({ vendorId, name, period }: CountedWork): SQL | undefined {
  const { column } = timeOfFigure[name];
  const since = sql`to_timestamp(${period.from}::bigint)`;
  const until = sql`to_timestamp(${period.to}::bigint)`;
  return and(eq(work.vendorId, vendorId), notDeleted, conditionsOf[name], gte(column, since), lt(column, until));
}

/** Returns a page of the work that a figure counts. */
export const listWork = (tx: Tx, counted: CountedWork, slice: KeysetSlice): Promise<WorkRow[]> =>
  selectSlice(tx, { name: "listWork", table: work, where: countedBy(counted) }, slice);

export const countWork = (tx: Tx, counted: CountedWork): Promise<number> =>
  countRows(tx, { name: "countWork", table: work, where: countedBy(counted) });

/** Sets the stars of the work that a user has rated. */
export async function rateWork(
  tx: Tx,
  {
    requestId,
    vendorId,
    stars,
    createdAt,
  }: { readonly requestId: string; readonly vendorId: string; readonly stars: number; readonly createdAt: string },
): Promise<void> {
  await named(
    "rateWork",
    tx
      .update(work)
      .set({ stars, ratedAt: createdAt })
      .where(and(eq(work.requestId, requestId), eq(work.vendorId, vendorId), completed)),
  );
}
