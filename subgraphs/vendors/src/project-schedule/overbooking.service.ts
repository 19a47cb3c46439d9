import { readCalendars, readOverbookings, type Schedule, type VendorOverbooking, workDaysOf } from "@weft/engine";
import type { Context } from "@weft/api/context";
import type { PlannedProject } from "./planned-project.js";

/** Returns for which days and weeks the vendors of a schedule's tasks have too many assignments, if the project's tasks are planned as in the schedule. */
export async function overbookingsOf(ctx: Context, { tasks, plan }: PlannedProject, schedule: Schedule): Promise<VendorOverbooking[]> {
  const open = [...tasks.values()].filter(({ assigneeVendorId, percentComplete }) => assigneeVendorId !== null && percentComplete < 100);
  const vendorIds = [...new Set(open.flatMap(({ assigneeVendorId }) => assigneeVendorId ?? []))];
  if (vendorIds.length === 0) return [];
  const wanted = new Set(open.map(({ id }) => id));
  const { tenantId } = ctx.viewer;
  return ctx.read(async (tx) => {
    const calendars = await readCalendars(tx, { tenantId, teamId: null });
    const planned = workDaysOf(plan, schedule, (id) => wanted.has(id), calendars.standard.timeZone);
    return readOverbookings(tx, vendorIds, { tenantId, calendars, planned });
  });
}
