/** Decides which warnings and breaches of clocks are announced, and when. What was reached follows from the ledger: announcing writes no entry. */
import { momentsOf, wholeSeconds, type CalendarOf, type SlaClock, type SlaEntry, type SlaMoments, type SlaPhase } from "./ledger.js";

/** What has been announced: the warnings up to this number of consumed seconds, and the breach. */
export type Announced = { readonly warnedSeconds: number; readonly isBreachAnnounced: boolean };

export type Reached = "WARNING" | "BREACH";

/** What has been announced once the newest entry is written: everything that was reached before it. */
export function announcedAfter({ entry, breachedAt }: SlaClock): Announced {
  const reached = entry.terms.warn.filter((one) => one <= entry.consumed);
  return { warnedSeconds: reached.at(-1) ?? 0, isBreachAnnounced: breachedAt !== null };
}

/** When the next warning, or the breach, is to be announced. */
export function nextAnnouncement(moments: SlaMoments, { warnedSeconds, isBreachAnnounced }: Announced): string | null {
  const warning = moments.warnings.find(({ consumed }) => consumed > warnedSeconds);
  const times = [...(warning ? [warning.at] : []), ...(isBreachAnnounced || moments.dueAt === null ? [] : [moments.dueAt])];
  return times.toSorted()[0] ?? null;
}

export type Announcement = {
  readonly announced: Announced;
  /** Null: it was announced before. Of a warning and the breach, the breach. */
  readonly reached: Reached | null;
  readonly breachedAt: string | null;
  readonly nextAt: string | null;
};

/** Announces what a clock has reached that has consumed so much. */
export function announce(clock: SlaClock, before: Announced, consumed: number, calendarOf: CalendarOf): Announcement {
  const moments = momentsOf(clock, calendarOf);
  const isBreached = consumed >= clock.entry.terms.target;
  const announced = {
    warnedSeconds: clock.entry.terms.warn.findLast((one) => one <= consumed) ?? 0,
    isBreachAnnounced: before.isBreachAnnounced || isBreached,
  };
  return {
    announced,
    reached:
      announced.isBreachAnnounced && !before.isBreachAnnounced
        ? "BREACH"
        : announced.warnedSeconds > before.warnedSeconds
          ? "WARNING"
          : null,
    breachedAt: isBreached ? (moments?.dueAt ?? clock.breachedAt) : clock.breachedAt,
    nextAt: moments && nextAnnouncement(moments, announced),
  };
}

/** A clock before a change: when its target was due. */
export type BeforeChange = Announced & { readonly phase: SlaPhase | null; readonly dueAt: string | null };

/**
 * Returns what a clock had reached when its first new entry was written, and nothing has announced. `isEarlier`: the earlier target was reached, and a
 * later one must not hide that.
 */
export function reachedBefore(
  before: BeforeChange,
  after: Announced,
  first: SlaEntry | undefined,
): { readonly reached: Reached; readonly isEarlier: boolean } | null {
  if (after.isBreachAnnounced && !before.isBreachAnnounced) return { reached: "BREACH", isEarlier: false };
  const { phase, dueAt, isBreachAnnounced } = before;
  if (!isBreachAnnounced && phase === "RUN" && dueAt !== null && first !== undefined && wholeSeconds(dueAt) <= first.at)
    return { reached: "BREACH", isEarlier: true };
  return after.warnedSeconds > before.warnedSeconds ? { reached: "WARNING", isEarlier: false } : null;
}
