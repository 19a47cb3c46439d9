import { vendors as tables } from "@weft/drizzle";
import { BadUserInput, quote } from "@weft/shared/errors";
import { findLayers, toEffectiveConfig } from "@weft/platform/configuration";
import { named, type Tx } from "@weft/platform/db";
import { eq } from "drizzle-orm";
import { compileCalendars } from "../../core/calendar/compile.js";
import type { Calendars } from "../../core/model/calendar.js";
import { dayExceeded } from "./vendor-days.js";
import { findVendorWork, loadOf, readVendorDays, type VendorLoad } from "./vendor-load.js";
import { withoutVendorScope } from "./without-vendor-scope.js";

const { availability } = tables;

/**
 * What is assigned to a vendor. Requests and project tasks count as open assignments. For the limits of a day and a week, a request counts when it is assigned,
 * and a project task on the days for which it is planned. Other workflows count for no limit, but are not assigned during an absence.
 */
export type VendorWorkKind = "REQUEST" | "PROJECT_TASK" | "WORKFLOW";

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
    // A statement of its own, so that it sees what was committed before the lock was taken.
    const load = await readLoad(tx, vendorId, limits, kind);
    const why = load && (absenceOf(load) ?? withAdvice(limitReached(limits, load, kind)));
    return why ? `The vendor ${quote(vendorName)} ${why}` : null;
  });
  if (message !== null) throw new BadUserInput([{ path, message }]);
}

/**
 * Asserts that a vendor has capacity on the days for which a project task is planned, from today on. The transaction has assigned the task to it, after
 * `assertVendorCapacity`, so that it holds the lock of the limits, and the lock of the plan.
 * @throws BadUserInput at `path`
 */
export async function assertVendorDays(
  tx: Tx,
  { vendorId, taskId, projectId, path }: { vendorId: string; taskId: string; projectId: string; path: string },
): Promise<void> {
  const message = await withoutVendorScope(tx, async () => {
    const limits = await lockLimits(tx, vendorId);
    if (limits === null || (limits.perDay === null && limits.perWeek === null)) return null;
    const options = { tenantId: limits.tenantId, calendars: await calendarsOf(tx, limits.tenantId), changedProjectId: projectId };
    const { work, days } = await readVendorDays(tx, [vendorId], options);
    const [own] = work;
    const why = own === undefined ? null : dayExceeded(limits, { work: own, days, taskId });
    if (why === null) return null;
    return `The vendor ${why} Choose another vendor, move the task, or change the limit with setVendorAvailability.`;
  });
  if (message !== null) throw new BadUserInput([{ path, message }]);
}

/** Plans are read for requests only: the days of a project task are checked when it is written, and the plan of its project changes in this transaction. */
async function readLoad(
  tx: Tx,
  vendorId: string,
  { tenantId, perDay, perWeek }: VendorLimits & { tenantId: string },
  kind: VendorWorkKind,
): Promise<VendorLoad | null> {
  const calendars = await calendarsOf(tx, tenantId);
  const needsDays = kind === "REQUEST" && (perDay !== null || perWeek !== null);
  const { work, days } = needsDays
    ? await readVendorDays(tx, [vendorId], { tenantId, calendars })
    : { work: await findVendorWork(tx, [vendorId], calendars.standard.timeZone), days: new Map<string, readonly number[]>() };
  const [own] = work;
  return own === undefined ? null : loadOf(own, days);
}

async function calendarsOf(tx: Tx, tenantId: string): Promise<Calendars> {
  const [layers = []] = await findLayers(tx, [{ tenantId, teamId: null }]);
  return compileCalendars(toEffectiveConfig(layers));
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
    return `got ${load.today} ${plural(load.today)} today${withTasks(load.tasksToday)}, and its limit perDay is ${perDay}.`;
  if (isRequest && perWeek !== null && load.thisWeek >= perWeek)
    return `got ${load.thisWeek} ${plural(load.thisWeek)} this week${withTasks(load.tasksThisWeek)}, and its limit perWeek is ${perWeek}.`;
  return null;
}

const withTasks = (tasks: number): string =>
  tasks === 0 ? "" : ` (with ${tasks} ${tasks === 1 ? "project task" : "project tasks"} planned for it)`;

const plural = (count: number): string => (count === 1 ? "assignment" : "assignments");
