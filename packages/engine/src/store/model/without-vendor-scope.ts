import { databaseFaultOf, exclusively, isInFailedTransaction, named, type Tx } from "@weft/platform/db";
import { sql } from "drizzle-orm";

/**
 * Vendor users see the instances that they were given, but not their hierarchy, nor which users of the tenant work on what. What follows
 * automatically from their action is not their own action: it is read and written with the tenant's visibility. Other statements of the transaction wait
 * meanwhile, because they would see it, too.
 */
export async function withoutVendorScope<T>(tx: Tx, run: () => Promise<T>): Promise<T> {
  const [row] = await tx.execute<{ vendor: string | null }>(named("readVendor", sql`select app.vendor() as vendor`));
  const vendor = row?.vendor ?? null;
  return vendor === null ? run() : exclusively(tx, () => lift(tx, vendor, run));
}

async function lift<T>(tx: Tx, vendor: string, run: () => Promise<T>): Promise<T> {
  const enter = (id: string) => tx.execute(named("setVendor", sql`select set_config('app.vendor_id', ${id}, true)`));
  await enter("");
  try {
    const result = await run();
    await enter(vendor);
    return result;
  } catch (error) {
    // Code that catches the error continues as the vendor user. After a database error, nothing continues.
    if (!databaseFaultOf(error)) await enter(vendor).catch(ignoreIfFailed);
    throw error;
  }
}

/** A database error that was mapped to one of our own. A rollback to the last savepoint also restores the setting. */
function ignoreIfFailed(error: unknown): void {
  if (!isInFailedTransaction(error)) throw error;
}
