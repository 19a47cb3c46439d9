import { named, type Tx } from "@weft/platform/db";
import { sql } from "drizzle-orm";

/** Returns today by the tenant's clock in the time zone, as YYYY-MM-DD. */
export async function findToday(tx: Tx, timeZone: string): Promise<string> {
  const [row] = await tx.execute<{ today: string }>(
    named("findToday", sql`select (app.weft_now() at time zone ${timeZone})::date::text as today`),
  );
  if (!row) throw new Error("The database returned no day.");
  return row.today;
}
