import { vendors as tables } from "@weft/drizzle";
import { among, named, type Tx } from "@weft/platform/db";
import { asc, eq } from "drizzle-orm";

const { vendorRates } = tables;

export type RateRow = typeof vendorRates.$inferSelect;

/** Returns the rates of vendors that were already checked to be visible, in the order in which they were set. */
export const findRates = (tx: Tx, vendorIds: readonly string[]): Promise<RateRow[]> =>
  named(
    "findRates",
    tx
      .select()
      .from(vendorRates)
      .where(among(vendorRates.vendorId, vendorIds))
      .orderBy(asc(vendorRates.vendorId), asc(vendorRates.position)),
  );

/** Replaces the rates of a vendor that the caller has locked. */
export async function replaceRates(tx: Tx, vendorId: string, rows: readonly RateRow[]): Promise<void> {
  await named("deleteRates", tx.delete(vendorRates).where(eq(vendorRates.vendorId, vendorId)));
  if (rows.length > 0) await named("insertRates", tx.insert(vendorRates).values([...rows]));
}
