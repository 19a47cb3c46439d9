import { named, type Tx } from "@weft/platform/db";
import { sql } from "drizzle-orm";
import { weftNow } from "./snapshot.js";

/** Returns the tenant's time, in UTC, as ISO 8601: for reads that use a single time. */
export async function readNow(tx: Tx): Promise<string> {
  const [row] = await tx.execute<{ now: string }>(named("readNow", sql`select ${weftNow} as now`));
  if (!row) throw new Error("a statement without FROM returned no row");
  return row.now;
}
