/** Reads what clocks say: their status and remaining time at the tenant's time, and the intervals of their ledgers. */
import { sla } from "@weft/drizzle";
import { among, named, type Tx } from "@weft/platform/db";
import { asc, eq } from "drizzle-orm";
import {
  recount,
  standingOf,
  type SlaCause,
  type SlaClock,
  type SlaEntry,
  type SlaPhase,
  type SlaStanding,
  wholeSeconds,
} from "../../core/sla/ledger.js";
import { readNow } from "../model/now.js";
import { readCalendars } from "./calendars.js";
import { toClock, type ClockRow } from "./clocks.store.js";

const { slaClocks, slaIntervals } = sla;

export type StandingClock = { readonly row: ClockRow; readonly standing: SlaStanding };

/** Returns the rows with what they say now. */
export async function standings(tx: Tx, rows: readonly ClockRow[]): Promise<StandingClock[]> {
  if (rows.length === 0) return [];
  const calendarOf = await readCalendars(tx, [...new Set(rows.map(({ calendarKey }) => calendarKey))]);
  const now = await readNow(tx);
  return rows.map((row) => ({ row, standing: standingOf(toClock(row).clock, now, calendarOf) }));
}

/** An interval of a ledger. `to` is null for the current one; `seconds` is what it consumed. */
export type ExplainedInterval = SlaEntry & { readonly to: string | null; readonly seconds: number };

/** Returns the intervals of a clock, and whether counting them again from their causes gives the same. */
export async function explainClock(tx: Tx, row: ClockRow): Promise<{ intervals: ExplainedInterval[]; isRecounted: boolean }> {
  const query = tx.select().from(slaIntervals).where(eq(slaIntervals.clockId, row.id)).orderBy(asc(slaIntervals.position));
  const entries = (await named("selectSlaIntervals", query)).map(toEntry);
  const calendarOf = await readCalendars(tx, [...new Set(entries.map(({ terms }) => terms.calendar))]);
  const now = await readNow(tx);
  const { consumed } = standingOf(toClock(row).clock, now, calendarOf);
  const intervals = entries.map((entry, index): ExplainedInterval => {
    const next = entries[index + 1];
    return { ...entry, to: next?.at ?? null, seconds: (next?.consumed ?? consumed) - entry.consumed };
  });
  const again = recount(entries, calendarOf).entries;
  const isRecounted = again.every(
    ({ consumed: counted, phase }, index) => counted === entries[index]?.consumed && phase === entries[index]?.phase,
  );
  return { intervals, isRecounted };
}

const toEntry = (one: typeof slaIntervals.$inferSelect): SlaEntry => ({
  phase: one.phase as SlaPhase,
  cause: one.cause as SlaCause,
  at: wholeSeconds(one.fromAt),
  consumed: one.consumedSeconds,
  terms: { target: one.targetSeconds, warn: one.warnSeconds, calendar: one.calendarKey },
  by: one.actorId,
  reason: one.reason,
});

/** What a clock said immediately before and after one of its entries, and what it says now. */
export type ExplainedChange = {
  readonly clock: StandingClock;
  readonly before: SlaStanding & { readonly target: number };
  readonly after: SlaStanding & { readonly target: number };
};

/** Explains one entry of each of these clocks, by clock. Its position is greater than 1. A few statements, whatever the number of clocks. */
export async function explainChanges(
  tx: Tx,
  changes: readonly { readonly clockId: string; readonly position: number }[],
): Promise<Map<string, ExplainedChange>> {
  if (changes.length === 0) return new Map();
  const ids = changes.map(({ clockId }) => clockId);
  const clocks = await standings(tx, await named("selectChangedSlaClocks", tx.select().from(slaClocks).where(among(slaClocks.id, ids))));
  const query = tx.select().from(slaIntervals).where(among(slaIntervals.clockId, ids)).orderBy(asc(slaIntervals.position));
  const rows = Map.groupBy(await named("selectSlaIntervalsOf", query), ({ clockId }) => clockId);
  const calendarOf = await readCalendars(tx, [...new Set([...rows.values()].flat().map(({ calendarKey }) => calendarKey))]);
  const byId = new Map(clocks.map((clock) => [clock.row.id, clock]));
  return new Map(
    changes.flatMap(({ clockId, position }): [string, ExplainedChange][] => {
      const entries = (rows.get(clockId) ?? []).filter((row) => row.position <= position).map(toEntry);
      const at = entries.at(-1)?.at;
      const clock = byId.get(clockId);
      const [before, after] = [recount(entries.slice(0, -1), calendarOf).clock, recount(entries, calendarOf).clock];
      if (!clock || at === undefined || !before || !after) return [];
      const said = (one: SlaClock) => ({ ...standingOf(one, at, calendarOf), target: one.entry.terms.target });
      return [[clockId, { clock, before: said(before), after: said(after) }]];
    }),
  );
}
