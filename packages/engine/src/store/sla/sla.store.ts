/** Reads and writes clocks and chains of many instances, each in one statement. */
import { escalations as escalationTables, sla } from "@weft/drizzle";
import { named, type Tx } from "@weft/platform/db";
import { getTableColumns, sql, type Table } from "drizzle-orm";
import type { SlaGuard, SlaWrites } from "../outcome/sla-writes.js";
import { inUtc } from "../model/in-utc.js";

const { slaClocks, slaRecomputations } = sla;
const { escalationRuns } = escalationTables;

type ClockRow = typeof slaClocks.$inferSelect;
type RunRow = typeof escalationRuns.$inferSelect;

/** Writes clocks, chains, or both. */
export async function writeSla(tx: Tx, name: string, rows: SlaWrites): Promise<void> {
  await tx.execute(named(name, sql`select engine.write_clocks(${JSON.stringify(rows)}::text::jsonb, null)`));
}

/** The clocks and chains of an instance, oldest first. Ended chains only if they belong to a clock. */
export type SlaRead = { readonly clocks: readonly ClockRow[]; readonly runs: readonly RunRow[]; readonly guard: SlaGuard };

export const noSla: SlaRead = { clocks: [], runs: [], guard: { clocks: null, runs: null } };

type Json = Readonly<Record<string, unknown>>;
/** An element of what `engine.read_clocks` returns. */
export type FoundSla = {
  readonly id: string;
  readonly clocks: readonly Json[];
  readonly runs: readonly Json[];
  readonly clockGuard: string | null;
  readonly runGuard: string | null;
};

/** Returns what was found, by instance ID. */
export const slaOf = (found: readonly FoundSla[]): ReadonlyMap<string, SlaRead> =>
  new Map(
    found.map(({ id, clocks, runs, clockGuard, runGuard }) => [
      id,
      {
        clocks: clocks.map((row) => rowFromJson(slaClocks, row) as ClockRow),
        runs: runs.map((row) => rowFromJson(escalationRuns, row) as RunRow),
        guard: { clocks: clockGuard, runs: runGuard },
      },
    ]),
  );

/** Returns a row that the database has written as JSON as the driver returns it. */
function rowFromJson(table: Table, row: Json): Record<string, unknown> {
  const columns = Object.entries(getTableColumns(table)).map(([property, { name, dataType, columnType }]): [string, unknown] => {
    const value = row[name];
    return [property, columnType === "PgTimestampString" && dataType === "string" && typeof value === "string" ? inUtc(value) : value];
  });
  return Object.fromEntries(columns);
}

/** Number of recomputations of the tenant's clocks so far. A batch that read it before the terms detects by it that terms have changed. */
export async function countRecomputations(tx: Tx): Promise<number> {
  const [row] = await named("countRecomputations", tx.select({ count: sql<number>`count(*)::int` }).from(slaRecomputations));
  return row?.count ?? 0;
}
