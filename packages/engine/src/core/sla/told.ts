/** Decides which warnings and breaches of clocks are announced, and when. What was reached follows from the ledger: announcing writes no entry. */
import { momentsOf, wholeSeconds, type CalendarOf, type SlaClock, type SlaEntry, type SlaMoments, type SlaPhase } from "./ledger.js";

/** What has been announced: the warnings up to this number of consumed seconds, and the breach. */
export type Told = { readonly told: number; readonly isBreachTold: boolean };

export type Reached = "WARNING" | "BREACH";

/** What has been announced once the newest entry is written: everything that was reached before it. */
export function toldAfter({ entry, breachedAt }: SlaClock): Told {
  const reached = entry.terms.warn.filter((one) => one <= entry.consumed);
  return { told: reached.at(-1) ?? 0, isBreachTold: breachedAt !== null };
}

/** When the next warning, or the breach, is to be announced. */
export function nextAnnouncement(moments: SlaMoments, { told, isBreachTold }: Told): string | null {
  const warning = moments.warnings.find(({ consumed }) => consumed > told);
  const times = [...(warning ? [warning.at] : []), ...(isBreachTold || moments.dueAt === null ? [] : [moments.dueAt])];
  return times.toSorted()[0] ?? null;
}

export type Announced = {
  readonly told: Told;
  /** Null: it was announced before. Of a warning and the breach, the breach. */
  readonly reached: Reached | null;
  readonly breachedAt: string | null;
  readonly nextAt: string | null;
};

/** Announces what a clock has reached that has consumed so much. */
export function announce(clock: SlaClock, before: Told, consumed: number, calendarOf: CalendarOf): Announced {
  const moments = momentsOf(clock, calendarOf);
  const isBreached = consumed >= clock.entry.terms.target;
  const told = {
    told: clock.entry.terms.warn.findLast((one) => one <= consumed) ?? 0,
    isBreachTold: before.isBreachTold || isBreached,
  };
  return {
    told,
    reached: told.isBreachTold && !before.isBreachTold ? "BREACH" : told.told > before.told ? "WARNING" : null,
    breachedAt: isBreached ? (moments?.dueAt ?? clock.breachedAt) : clock.breachedAt,
    nextAt: moments && nextAnnouncement(moments, told),
  };
}

/** A clock before a change: when its target was due. */
export type BeforeChange = Told & { readonly phase: SlaPhase | null; readonly dueAt: string | null };

/**
 * Returns what a clock had reached when its first new entry was written, and nothing has announced. `isEarlier`: the earlier target was reached, and a
 * later one must not hide that.
 */
export function reachedBefore(
  before: BeforeChange,
  after: Told,
  first: SlaEntry | undefined,
): { readonly reached: Reached; readonly isEarlier: boolean } | null {
  if (after.isBreachTold && !before.isBreachTold) return { reached: "BREACH", isEarlier: false };
  const { phase, dueAt, isBreachTold } = before;
  if (!isBreachTold && phase === "RUN" && dueAt !== null && first !== undefined && wholeSeconds(dueAt) <= first.at)
    return { reached: "BREACH", isEarlier: true };
  return after.told > before.told ? { reached: "WARNING", isEarlier: false } : null;
}
