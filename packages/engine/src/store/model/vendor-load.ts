import { named, type Tx } from "@weft/platform/db";
import { sql } from "drizzle-orm";
import type { Calendars } from "../../core/model/calendar.js";
import { mondayOf } from "../../core/planning/work-days.js";
import { readTaskDays, type TaskDays } from "../planning/task-days.js";

/** Assignments of a vendor that count for its limits, by the organization's clock. */
export type VendorLoad = {
  readonly vendorId: string;
  /** Requests and project tasks that have not ended. */
  readonly open: number;
  /** Requests assigned today, and in the week from Monday on, that the vendor still has or has completed; and open project tasks planned for these days. */
  readonly today: number;
  readonly thisWeek: number;
  /** How many of them are project tasks. */
  readonly tasksToday: number;
  readonly tasksThisWeek: number;
  /** The last day of the present absence, as YYYY-MM-DD. */
  readonly absentUntil: string | null;
};

/** What the load of a vendor is counted from. */
export type VendorWork = Pick<VendorLoad, "vendorId" | "open" | "absentUntil"> & {
  readonly requestsToday: number;
  readonly requestsThisWeek: number;
  /** The present day, counted from 1970-01-01 in the time zone of the organization. */
  readonly day: number;
  /** Open project tasks, and their projects, in the same order. */
  readonly taskIds: readonly string[];
  readonly projectIds: readonly string[];
};

export type VendorWorkOptions = {
  readonly tenantId: string;
  readonly calendars: Calendars;
  /** Project whose plan the transaction has changed. */
  readonly changedProjectId?: string | undefined;
};

/** Returns the loads of vendors, in any order, with one statement, and one or two for the plans of their project tasks. */
export async function readVendorLoads(tx: Tx, vendorIds: readonly string[], options: VendorWorkOptions): Promise<VendorLoad[]> {
  const { work, days } = await readVendorDays(tx, vendorIds, options);
  return work.map((one) => loadOf(one, days));
}

/** Returns the load of a vendor with work, of whose project tasks some are planned for days. */
export function loadOf(
  { vendorId, open, absentUntil, requestsToday, requestsThisWeek, day, taskIds }: VendorWork,
  days: TaskDays,
): VendorLoad {
  const planned = taskIds.map((id) => days.get(id) ?? []);
  const tasksToday = planned.filter((ofTask) => ofTask.includes(day)).length;
  const tasksThisWeek = planned.filter((ofTask) => ofTask.some((one) => mondayOf(one) === mondayOf(day))).length;
  const [today, thisWeek] = [requestsToday + tasksToday, requestsThisWeek + tasksThisWeek];
  return { vendorId, open, today, thisWeek, tasksToday, tasksThisWeek, absentUntil };
}

/** Returns the work of vendors, and the days for which their open project tasks are planned. */
export async function readVendorDays(
  tx: Tx,
  vendorIds: readonly string[],
  options: VendorWorkOptions,
): Promise<{ readonly work: readonly VendorWork[]; readonly days: TaskDays }> {
  const work = await findVendorWork(tx, vendorIds, options.calendars.standard.timeZone);
  const projectIds = [...new Set(work.flatMap((one) => one.projectIds))];
  return { work, days: await readTaskDays(tx, projectIds, options) };
}

/**
 * Returns the work of vendors with one statement that reads ranges of indexes for each. Requests that were assigned to another vendor again do not count, nor
 * do summary tasks and the tasks of projects that have ended.
 */
export async function findVendorWork(tx: Tx, vendorIds: readonly string[], timeZone: string): Promise<VendorWork[]> {
  if (vendorIds.length === 0) return [];
  const rows = await tx.execute<VendorWork & Record<string, unknown>>(
    named(
      "readVendorLoads",
      sql`with local as materialized (select app.weft_now() at time zone ${timeZone}::text as now),
        starts as materialized (
          select date_trunc('day', now) at time zone ${timeZone}::text as day, date_trunc('week', now) at time zone ${timeZone}::text as week,
                 now::date as today
            from local)
        select v.id as "vendorId", (r.open + cardinality(t.ids))::integer as open, w.today as "requestsToday", w."thisWeek" as "requestsThisWeek",
               s.today - date '1970-01-01' as day, t.ids as "taskIds", t.projects as "projectIds", a.until_day::text as "absentUntil"
          from unnest(${sql.param([...vendorIds])}::uuid[]) as v (id) cross join starts s
          cross join lateral (
            select count(*) as open from vendors.work w
             where w.tenant_id = app.tenant() and w.vendor_id = v.id and w.outcome = 'OPEN' and not w.is_deleted) r
          cross join lateral (
            select coalesce(array_agg(t.id), '{}') as ids, coalesce(array_agg(t.project_id), '{}') as projects from vendors.project_tasks t
             where t.tenant_id = app.tenant() and t.assignee_vendor_id = v.id and t.percent_complete < 100 and t.deleted_at is null
               and not exists (select from vendors.project_tasks c
                 where c.tenant_id = t.tenant_id and c.project_id = t.project_id and c.parent_id = t.id and c.deleted_at is null)
               and exists (select from vendors.projects p join workflows.instance_heads i on i.tenant_id = p.tenant_id and i.id = p.instance_id
                 where p.tenant_id = t.tenant_id and p.id = t.project_id and i.finished_at is null)) t
          cross join lateral (
            select count(*) filter (where w.assigned_at >= s.day)::integer as today, count(*)::integer as "thisWeek" from vendors.work w
             where w.tenant_id = app.tenant() and w.vendor_id = v.id and not w.is_deleted and w.assigned_at >= s.week and w.outcome <> 'REASSIGNED') w
          left join lateral (
            select a.until_day from vendors.absences a
             where a.tenant_id = app.tenant() and a.vendor_id = v.id and a.from_day <= s.today and a.until_day >= s.today limit 1) a on true`,
    ),
  );
  return [...rows];
}
