import { vendors as tables } from "@weft/drizzle";
import { BadUserInput, findLayers, named, quote, toEffectiveConfig, type Tx } from "@weft/shared";
import { eq, sql } from "drizzle-orm";
import { withoutVendorScope } from "./without-vendor-scope.js";

const { availability } = tables;

/**
 * What is assigned to a vendor. Requests and project tasks count as open assignments, and requests also for the limits of a day and a week. Other
 * workflows count for no limit, but are not assigned during an absence.
 */
export type VendorWorkKind = "REQUEST" | "PROJECT_TASK" | "WORKFLOW";

/** Assignments of a vendor that count for its limits, by the organization's clock. */
export type VendorLoad = {
  readonly vendorId: string;
  /** Requests and project tasks that have not ended. */
  readonly open: number;
  /** Requests assigned today, and in the week from Monday on, that the vendor still has or has completed. */
  readonly today: number;
  readonly thisWeek: number;
  /** The last day of the present absence, as YYYY-MM-DD. */
  readonly absentUntil: string | null;
};

export type VendorLimits = Pick<typeof availability.$inferSelect, "maxOpen" | "perDay" | "perWeek">;

/**
 * Asserts that a vendor has capacity for a new assignment, and is not absent. Concurrent assignments count each other: each holds the lock of the limits
 * until commit. The caller has already locked the vendor itself, so that neither its limits nor its absences change.
 * @throws BadUserInput at `path`
 */
export async function assertVendorCapacity(
  tx: Tx,
  { vendorId, vendorName, path, kind }: { vendorId: string; vendorName: string; path: string; kind: VendorWorkKind },
): Promise<void> {
  const message = await withoutVendorScope(tx, async () => {
    const limits = await lockLimits(tx, vendorId);
    if (limits === null) return null;
    const [layers = []] = await findLayers(tx, [{ tenantId: limits.tenantId, teamId: null }]);
    // A statement of its own, so that it sees what was committed before the lock was taken.
    const [load] = await readVendorLoads(tx, [vendorId], toEffectiveConfig(layers).timeZone);
    const why = load && (absenceOf(load) ?? withAdvice(limitReached(limits, load, kind)));
    return why ? `The vendor ${quote(vendorName)} ${why}` : null;
  });
  if (message !== null) throw new BadUserInput([{ path, message }]);
}

async function lockLimits(tx: Tx, vendorId: string): Promise<(VendorLimits & { tenantId: string }) | null> {
  const query = tx.select().from(availability).where(eq(availability.vendorId, vendorId)).for("no key update");
  const [row] = await named("lockVendorCapacity", query);
  return row ?? null;
}

const absenceOf = ({ absentUntil }: VendorLoad): string | null =>
  absentUntil === null ? null : `is absent until ${absentUntil}. Choose another vendor, or assign it afterwards.`;

const withAdvice = (why: string | null): string | null =>
  why && `${why} Choose another vendor, or change the limit with setVendorAvailability.`;

/** Returns which limit another assignment would exceed, and the load, as the rest of a sentence about the vendor. Null if none. */
export function limitReached({ maxOpen, perDay, perWeek }: VendorLimits, load: VendorLoad, kind: VendorWorkKind): string | null {
  const isRequest = kind === "REQUEST";
  if (kind !== "WORKFLOW" && maxOpen !== null && load.open >= maxOpen)
    return `has ${load.open} open ${plural(load.open)}, and its limit maxOpen is ${maxOpen}.`;
  if (isRequest && perDay !== null && load.today >= perDay)
    return `got ${load.today} ${plural(load.today)} today, and its limit perDay is ${perDay}.`;
  if (isRequest && perWeek !== null && load.thisWeek >= perWeek)
    return `got ${load.thisWeek} ${plural(load.thisWeek)} this week, and its limit perWeek is ${perWeek}.`;
  return null;
}

const plural = (count: number): string => (count === 1 ? "assignment" : "assignments");

/**
 * Returns the loads of vendors, in any order, with one statement that reads ranges of indexes for each. Requests that were assigned to another vendor again do
 * not count, nor do summary tasks and the tasks of projects that have ended.
 */
export async function readVendorLoads(tx: Tx, vendorIds: readonly string[], timeZone: string): Promise<VendorLoad[]> {
  if (vendorIds.length === 0) return [];
  const rows = await tx.execute<VendorLoad & Record<string, unknown>>(
    named(
      "readVendorLoads",
      sql`with local as materialized (select app.weft_now() at time zone ${timeZone}::text as now),
        starts as materialized (
          select date_trunc('day', now) at time zone ${timeZone}::text as day, date_trunc('week', now) at time zone ${timeZone}::text as week,
                 now::date as today
            from local)
        select v.id as "vendorId", (r.open + t.open)::integer as open, w.today, w."thisWeek", a.until_day::text as "absentUntil"
          from unnest(${sql.param([...vendorIds])}::uuid[]) as v (id) cross join starts s
          cross join lateral (
            select count(*) as open from vendors.work w
             where w.tenant_id = app.tenant() and w.vendor_id = v.id and w.outcome = 'OPEN' and not w.is_deleted) r
          cross join lateral (
            select count(*) as open from vendors.project_tasks t
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
