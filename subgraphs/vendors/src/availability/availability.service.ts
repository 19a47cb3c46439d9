import { readCalendars, readVendorLoads, type VendorLoad } from "@weft/engine";
import { writeAudit } from "@weft/platform/audit";
import type { Tx } from "@weft/platform/db";
import { appendEvents } from "@weft/platform/events";
import type { Context } from "@weft/api/context";
import { assertCalendar } from "../project-tasks/plan.service.js";
import { incrementVendor, openVendor, type VendorRow } from "../vendors/vendor.service.js";
import { assertAvailability } from "./availability-problems.js";
import {
  type AbsenceRow,
  type AvailabilityRow,
  findAbsences,
  findAvailability,
  replaceAbsences,
  writeAvailability,
} from "./availability.store.js";
import { availabilityColumns, type SetVendorAvailabilityInput } from "./availability.type.js";

/** When a vendor works, and how much work it takes. */
export interface Availability extends Omit<AvailabilityRow, "tenantId"> {
  readonly absences: readonly Pick<AbsenceRow, "fromDay" | "untilDay" | "reason">[];
}

/**
 * Changes when a vendor works, and how much work it takes, as a change of the vendor. What it has already stays with it.
 * @throws NotFound, BadUserInput, Conflict
 */
export async function setVendorAvailability(ctx: Context, input: SetVendorAvailabilityInput): Promise<VendorRow> {
  assertAvailability(input);
  const changed = availabilityColumns.changes(input);
  return ctx.inTenant(async (tx) => {
    // Its lock waits for assignments to the vendor, and lets later ones wait.
    const before = await openVendor(ctx, tx, input, "vendor.update");
    await assertCalendar(tx, ctx, changed.calendar);
    const { tenantId, id: vendorId } = before;
    const was = await readAvailability(tx, vendorId);
    const { absences: given, ...changes } = changed;
    await writeAvailability(tx, { tenantId, vendorId }, changes);
    if (given !== undefined)
      await replaceAbsences(
        tx,
        vendorId,
        given.map((one) => ({ tenantId, vendorId, ...absenceOf(one) })),
      );
    const after = await incrementVendor(tx, vendorId);
    const images = { before: { ...before, availability: was }, after: { ...after, availability: await readAvailability(tx, vendorId) } };
    await writeAudit(tx, ctx.meta, [{ action: "vendor.set_availability", entityType: "vendor", entityId: vendorId, ...images }]);
    await appendEvents(tx, ctx.meta, [
      { type: "vendor.updated", subjectId: vendorId, subjectVersion: after.version, payload: { changed: Object.keys(changed) } },
    ]);
    return after;
  });
}

const absenceOf = ({ fromDay, untilDay, reason }: Omit<AbsenceRow, "tenantId" | "vendorId" | "reason"> & { reason?: string | null }) => ({
  fromDay,
  untilDay,
  reason: reason?.trim() ?? null,
});

async function readAvailability(tx: Tx, vendorId: string): Promise<Availability | null> {
  return (await findAvailabilityOf(tx, [vendorId])).get(vendorId) ?? null;
}

/** Returns the availability of vendors that were already checked to be visible, with two statements. */
export async function findAvailabilityOf(tx: Tx, vendorIds: readonly string[]): Promise<Map<string, Availability>> {
  const limits = new Map((await findAvailability(tx, vendorIds)).map((row) => [row.vendorId, row]));
  const absences = Map.groupBy(await findAbsences(tx, vendorIds), (row) => row.vendorId);
  return new Map(
    vendorIds.map((vendorId) => {
      const { calendar = null, maxOpen = null, perDay = null, perWeek = null } = limits.get(vendorId) ?? {};
      return [vendorId, { vendorId, calendar, maxOpen, perDay, perWeek, absences: (absences.get(vendorId) ?? []).map(absenceOf) }];
    }),
  );
}

/** Returns the present assignments of a vendor. Of all vendors in a list, with the same few statements. */
export async function loadOf(ctx: Context, vendorId: string): Promise<VendorLoad | null> {
  const { tenantId } = ctx.viewer;
  const loader = ctx.loader<string, VendorLoad>("vendors.load", async (tx, ids) => {
    const calendars = await readCalendars(tx, { tenantId, teamId: null });
    return new Map((await readVendorLoads(tx, ids, { tenantId, calendars })).map((row) => [row.vendorId, row]));
  });
  return loader.load(vendorId);
}
