import { Temporal } from "temporal-polyfill";
import type { ReportDraft } from "../run/draft.js";

/** An entry of the audit log, as reports read it. */
export interface ReportedEntry {
  readonly id: string;
  readonly action: string;
  readonly summary: string;
  readonly entityType: string;
  readonly entityId: string;
  readonly at: string;
  readonly sessionId: string | null;
  readonly apiKeyId: string | null;
  readonly actor: { readonly id: string } | null;
  readonly onBehalfOf: { readonly id: string } | null;
}

const fields = "id action summary entityType entityId at sessionId apiKeyId actor { id: nodeKey } onBehalfOf { id: nodeKey }";

export interface EntriesQuestion {
  /** Name of the operation. */
  readonly name: string;
  readonly filter: Readonly<Record<string, unknown>>;
  /** Whether it is asked with several filters. */
  readonly isRepeated?: true;
}

/** Values that a filter takes at most. */
const maxValues = 100;

/** Returns lists of values that fit into a filter. */
export function inChunks(values: readonly string[]): readonly (readonly string[])[] {
  const chunks: (readonly string[])[] = [];
  for (let start = 0; start < values.length; start += maxValues) chunks.push(values.slice(start, start + maxValues));
  return chunks;
}

/** Returns entries of the audit log, newest first. */
export const entriesOf = ({ reader }: ReportDraft, { name, filter, isRepeated }: EntriesQuestion): AsyncGenerator<ReportedEntry> =>
  reader.list<ReportedEntry>(
    {
      subgraph: "audit",
      name,
      query: `query ${name}($filter: AuditEntryFilter, $first: Int, $after: String) {
        auditEntries(filter: $filter, first: $first, after: $after) {
          edges { node { ${fields} } }
          pageInfo { endCursor hasNextPage }
        }
      }`,
      variables: { filter },
      ...(isRepeated && { forEach: ["filter"] }),
    },
    "auditEntries",
  );

/** Returns the number of entries of the audit log. Its path in the result is `auditEntries.totalCount`. */
export async function countEntriesOf({ reader }: ReportDraft, { name, filter }: EntriesQuestion): Promise<number> {
  const { auditEntries } = await reader.ask<{ auditEntries: { totalCount: number } }>({
    subgraph: "audit",
    name,
    query: `query ${name}($filter: AuditEntryFilter) { auditEntries(filter: $filter, first: 1) { totalCount } }`,
    variables: { filter },
  });
  return auditEntries.totalCount;
}

/** Returns a function that gives the day of a time in a time zone, as 2026-03-01. */
export function daysIn(timeZone: string): (time: string) => string {
  const format = new Intl.DateTimeFormat("en-CA", { timeZone, year: "numeric", month: "2-digit", day: "2-digit" });
  return (time) => format.format(new Date(time));
}

/** Returns the number of times on each day of a period, also on those without any. */
export function barsPerDay(
  { from, to, timeZone }: { readonly from: string; readonly to: string; readonly timeZone: string },
  times: readonly string[],
): { readonly label: string; readonly value: number }[] {
  const dayOf = daysIn(timeZone);
  const counts = new Map<string, number>();
  const last = Temporal.PlainDate.from(dayOf(new Date(Date.parse(to) - 1).toISOString()));
  for (let day = Temporal.PlainDate.from(dayOf(from)); Temporal.PlainDate.compare(day, last) <= 0; day = day.add({ days: 1 }))
    counts.set(day.toString(), 0);
  for (const time of times) counts.set(dayOf(time), (counts.get(dayOf(time)) ?? 0) + 1);
  return [...counts].map(([label, value]) => ({ label, value }));
}
