import { sql } from "drizzle-orm";
import type { Tx } from "../db/database.js";
import { named } from "../db/named.js";
import type { Period } from "./period.js";

/** Returns the days of a period in a time zone, and their first moments as seconds since 1970. PostgreSQL knows the changes of daylight saving time. */
export async function selectDays(tx: Tx, { from, to }: Period, timeZone: string): Promise<{ date: string; start: number }[]> {
  const rows = await tx.execute<{ date: string; start: number }>(
    named(
      "selectDays",
      sql`select to_char(d, 'YYYY-MM-DD') as date, extract(epoch from d at time zone ${timeZone}::text)::float8 as start
        from generate_series(date_trunc('day', to_timestamp(${from}::bigint) at time zone ${timeZone}::text),
                             date_trunc('day', to_timestamp(${to - 1}::bigint) at time zone ${timeZone}::text), interval '1 day') as d order by d`,
    ),
  );
  return [...rows];
}
