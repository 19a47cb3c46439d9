import { databaseFaultOf, named, type Tx } from "@weft/shared";
import { sql } from "drizzle-orm";

/**
 * A vendor's people see the instances that they were given, not the family of these, nor who of the tenant works on what. What follows from their move by itself is no deed
 * of theirs: it is read and written as the tenant's own.
 */
export async function asStaff<T>(tx: Tx, run: () => Promise<T>): Promise<T> {
  const [row] = await tx.execute<{ vendor: string | null }>(named("readVendor", sql`select app.vendor() as vendor`));
  const vendor = row?.vendor ?? null;
  const enter = (id: string) => tx.execute(named("setVendor", sql`select set_config('app.vendor_id', ${id}, true)`));
  if (vendor === null) return run();
  await enter("");
  try {
    const result = await run();
    await enter(vendor);
    return result;
  } catch (error) {
    // Whoever catches it goes on as the vendor's user; after an error of the database nobody does.
    if (!databaseFaultOf(error)) await enter(vendor);
    throw error;
  }
}
