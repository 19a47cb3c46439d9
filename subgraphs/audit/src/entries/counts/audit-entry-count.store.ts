import { audit } from "@weft/drizzle";
import type { Period } from "@weft/api/periods";
import { named, planForValues, type Tx } from "@weft/platform/db";
import type { Viewer } from "@weft/shared/viewer";
import { sql, type SQL } from "drizzle-orm";
import { visible } from "../visible-entries.js";
import type { AuditEntryCount, AuditInterval } from "./audit-entry-count.type.js";

const { auditEntries } = audit;

export interface WantedCounts {
  readonly period: Period;
  readonly timeZone: string;
  readonly interval: AuditInterval;
  readonly where: SQL | undefined;
}

type CountRow = { start: string; entries: string; occurrences: string; refused: string; failed: string };

/** Counts the entries of a period by hours or days of a time zone, also those without entries. The entries are read from the index by time. */
export async function countByInterval(
  tx: Tx,
  viewer: Viewer,
  { period: { from, to }, timeZone, interval, where }: WantedCounts,
): Promise<AuditEntryCount[]> {
  await planForValues(tx);
  const unit = interval === "HOUR" ? "hour" : "day";
  const [start, end] = [sql`to_timestamp(${from}::bigint)`, sql`to_timestamp(${to}::bigint)`];
  const bucketOf = (time: SQL): SQL => sql`date_trunc(${unit}::text, ${time}, ${timeZone}::text)`;
  const last = sql`${end} - interval '1 millisecond'`;
  const hours = sql`generate_series(${bucketOf(start)}, ${last}, interval '1 hour')`;
  // In local time: a day of a change to or from daylight saving time has 23 or 25 hours.
  const days = sql`(select local at time zone ${timeZone}::text
    from generate_series(date_trunc('day', ${start} at time zone ${timeZone}::text), (${last}) at time zone ${timeZone}::text, interval '1 day') as local)`;
  const rows = await tx.execute<CountRow>(
    named(
      "countAuditEntriesByInterval",
      sql`with counted as (
        select ${bucketOf(sql`${auditEntries.at}`)} as bucket, count(*) as entries, sum(n) as occurrences,
               coalesce(sum(n) filter (where outcome = 'REFUSED'), 0) as refused, coalesce(sum(n) filter (where outcome = 'FAILED'), 0) as failed
          from ${auditEntries} cross join lateral (select coalesce((details->>'count')::bigint, 1) as n) as occurred
         where ${visible(viewer)} and ${auditEntries.at} >= ${start} and ${auditEntries.at} < ${end} ${where ? sql`and ${where}` : sql``}
         group by 1
      )
      select to_char(greatest(each, ${start}) at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as start,
             coalesce(c.entries, 0)::text as entries, coalesce(c.occurrences, 0)::text as occurrences, coalesce(c.refused, 0)::text as refused,
             coalesce(c.failed, 0)::text as failed
        from ${interval === "HOUR" ? hours : days} as interval_starts(each)
        left join counted c on c.bucket = each order by each`,
    ),
  );
  return rows.map(({ start: begins, entries, occurrences, refused, failed }) => ({
    start: begins,
    entries: Number(entries),
    occurrences: Number(occurrences),
    refused: Number(refused),
    failed: Number(failed),
  }));
}
