import { vendors as tables } from "@weft/drizzle";
import { among, named, type Tx } from "@weft/platform/db";
import { eq } from "drizzle-orm";

const { absences, availability } = tables;

export type AvailabilityRow = typeof availability.$inferSelect;
export type AbsenceRow = typeof absences.$inferSelect;
export type AvailabilityChanges = Partial<Pick<AvailabilityRow, "calendar" | "maxOpen" | "perDay" | "perWeek">>;

/** Returns the limits of vendors that were already checked to be visible. Vendors without limits have none. */
export const findAvailability = (tx: Tx, vendorIds: readonly string[]): Promise<AvailabilityRow[]> =>
  named("findAvailability", tx.select().from(availability).where(among(availability.vendorId, vendorIds)));

/** Returns the absences of vendors that were already checked to be visible, earliest first. */
export const findAbsences = (tx: Tx, vendorIds: readonly string[]): Promise<AbsenceRow[]> =>
  named("findAbsences", tx.select().from(absences).where(among(absences.vendorId, vendorIds)).orderBy(absences.fromDay));

/** Changes the limits of a vendor. Always leaves a row, which assignments lock before they look for absences. */
export async function writeAvailability(
  tx: Tx,
  key: Pick<AvailabilityRow, "tenantId" | "vendorId">,
  changes: AvailabilityChanges,
): Promise<void> {
  const insert = tx.insert(availability).values({ ...key, ...changes });
  const target = [availability.tenantId, availability.vendorId];
  const isChanged = Object.keys(changes).length > 0;
  await named(
    "writeAvailability",
    isChanged ? insert.onConflictDoUpdate({ target, set: changes }) : insert.onConflictDoNothing({ target }),
  );
}

export async function replaceAbsences(tx: Tx, vendorId: string, rows: readonly AbsenceRow[]): Promise<void> {
  await named("deleteAbsences", tx.delete(absences).where(eq(absences.vendorId, vendorId)));
  if (rows.length > 0) await named("insertAbsences", tx.insert(absences).values([...rows]));
}
