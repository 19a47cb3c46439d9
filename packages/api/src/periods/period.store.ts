import { sql } from "drizzle-orm";
import { named, type Tx } from "@weft/platform/db";
import type { Period } from "./period.js";

/**
 * Returns the days, weeks or months of a period in a time zone: their first days, and their first moments as seconds since 1970. PostgreSQL knows the changes
 * of daylight saving time.
 */
export async function selectIntervals(
  tx: Tx,
  { from, to }: Period,
  { timeZone, unit }: { readonly timeZone: string; readonly unit: "day" | "week" | "month" },
): Promise<{ date: string; start: number }[]> {
  const rows = await tx.execute<{ date: string; start: number }>(
    named(
      "selectIntervals",
      sql`select to_char(d, 'YYYY-MM-DD') as date, extract(epoch from d at time zone ${timeZone}::text)::float8 as start
        from generate_series(date_trunc(${unit}::text, to_timestamp(${from}::bigint) at time zone ${timeZone}::text),
                             date_trunc(${unit}::text, to_timestamp(${to - 1}::bigint) at time zone ${timeZone}::text),
                             ('1 ' || ${unit}::text)::interval) as d order by d`,
    ),
  );
  return [...rows];
}
