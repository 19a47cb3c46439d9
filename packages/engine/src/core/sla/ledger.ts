/**
 * SLA: the clock of a service-level agreement as a ledger of entries. Each entry begins an interval, which ends where the next entry begins. Status,
 * due time, and remaining time derive from the entries.
 * An entry contains the working time consumed before it, so that a later change of calendar, target or policy never changes what was consumed.
 * This module never reads a clock, and never decides who can pause.
 */
import type { Period } from "../model/calendar.js";

/** The working time of a calendar, in whole seconds. Working time of 24 hours on 7 days is elapsed time. */
export type SlaCalendar = {
  /** The earliest time at which `seconds` of working time have passed since `from`; null: the calendar has too little working time. */
  add(from: string, seconds: number): string | null;
  /** The working time from `from` to `to`. */
  between(from: string, to: string): number;
  /** The working time of a period that begins at `from`. Calendar time counts in elapsed time. */
  secondsOf(period: Period, from: string): number;
};

/** Returns the calendar of a key that an entry contains. */
export type CalendarOf = (key: string) => SlaCalendar;

/** Why an entry was written. */
export const SLA_CAUSES = [
  "START",
  "RESET",
  /** Paused or resumed by the conditions of the definition. */
  "PAUSE",
  "RESUME",
  "PAUSE_BY_HAND",
  "RESUME_BY_HAND",
  "WAITING_FOR_INFORMATION",
  "SUSPENSION",
  /** Another target applies, because the data has changed. */
  "PRIORITY_CHANGE",
  "POLICY_CHANGE",
  "CALENDAR_CHANGE",
  "MIGRATION",
  "ROLLBACK",
  "STOP",
  "CANCELLATION",
] as const;
export type SlaCause = (typeof SLA_CAUSES)[number];

/** What a clock counts towards, and with which calendar. */
export type SlaTerms = {
  /** In working seconds. */
  readonly target: number;
  /** Consumed working seconds at which to warn, in ascending order, each less than the target. */
  readonly warn: readonly number[];
  /** Key of the calendar. */
  readonly calendar: string;
};

/** RUN: time is consumed. PAUSE: it is not. MET, MISSED: the clock has stopped, before its target or not. CANCELLED: it no longer counts. */
export type SlaPhase = "RUN" | "PAUSE" | "MET" | "MISSED" | "CANCELLED";

export type SlaEntry = {
  readonly phase: SlaPhase;
  readonly cause: SlaCause;
  /** ISO 8601, whole seconds. */
  readonly at: string;
  /** Working seconds consumed before this entry. */
  readonly consumed: number;
  readonly terms: SlaTerms;
  /** User who caused it; null: the system. */
  readonly by: string | null;
  readonly reason: string | null;
};

/** A change to a clock. Omitted terms stay. */
export type SlaChange = {
  readonly to: "RUN" | "PAUSE" | "STOP" | "CANCEL";
  readonly cause: SlaCause;
  readonly at: string;
  readonly terms?: SlaTerms | undefined;
  readonly by: string | null;
  readonly reason?: string | null | undefined;
};

/** A clock at its newest entry. */
export type SlaClock = {
  readonly startedAt: string;
  /** The newest entry. */
  readonly entry: SlaEntry;
  /** When the target was reached, by the terms of that time; null: it was not, or later terms have a larger target. */
  readonly breachedAt: string | null;
};

export type SlaStatus = "ON_TRACK" | "WARNING" | "BREACHED" | "PAUSED" | "MET" | "MISSED" | "CANCELLED";

/** What a clock says at a time. */
export type SlaStanding = {
  readonly status: SlaStatus;
  readonly consumed: number;
  /** Working seconds until the target; negative after it. */
  readonly remaining: number;
  /** When the target is reached, or was; null while the clock is paused before it, and after it has stopped before it. */
  readonly dueAt: string | null;
};

/** Times of a ledger are whole seconds: intervals share their boundaries, so no fraction is lost, however often a clock is paused. */
export const wholeSeconds = (at: string): string => new Date(Math.floor(new Date(at).getTime() / 1000) * 1000).toISOString();

/** Starts a clock. */
export function startClock(change: SlaChange & { readonly terms: SlaTerms }): SlaClock {
  const at = wholeSeconds(change.at);
  return { startedAt: at, ...opened(change, { at, consumed: 0, terms: change.terms, breachedAt: null }) };
}

/**
 * Writes a change to a clock: returns it with its newest entry. A change never lies before the newest entry. A clock that has ended changes only by a
 * rollback, or by a migration back to a version with its SLA, which continue it.
 */
export function changeClock(clock: SlaClock, change: SlaChange, calendarOf: CalendarOf): SlaClock {
  const { entry } = clock;
  if (isOver(entry.phase) && change.cause !== "ROLLBACK" && !(change.cause === "MIGRATION" && isMigratedAway(clock))) return clock;
  const asked = wholeSeconds(change.at);
  const at = asked < entry.at ? entry.at : asked;
  const consumed = consumedAt(clock, at, calendarOf);
  const breachedAt = breachAt(clock, at, calendarOf);
  return { startedAt: clock.startedAt, ...opened(change, { at, consumed, terms: change.terms ?? entry.terms, breachedAt }) };
}

type Opening = { at: string; consumed: number; terms: SlaTerms; breachedAt: string | null };

function opened(change: SlaChange, { at, consumed, terms, breachedAt }: Opening): Pick<SlaClock, "entry" | "breachedAt"> {
  const breached = consumed >= terms.target ? (breachedAt ?? at) : null;
  const phase = change.to === "STOP" ? (breached === null ? "MET" : "MISSED") : change.to === "CANCEL" ? "CANCELLED" : change.to;
  return {
    entry: { phase, cause: change.cause, at, consumed, terms, by: change.by, reason: change.reason ?? null },
    breachedAt: breached,
  };
}

const isOver = (phase: SlaPhase): boolean => phase !== "RUN" && phase !== "PAUSE";

/** Whether a migration canceled the clock. */
export const isMigratedAway = ({ entry }: SlaClock): boolean => entry.phase === "CANCELLED" && entry.cause === "MIGRATION";

/** Whether the clock has stopped or was canceled. */
export const hasEnded = ({ entry }: SlaClock): boolean => isOver(entry.phase);

function consumedAt({ entry }: SlaClock, now: string, calendarOf: CalendarOf): number {
  if (entry.phase !== "RUN" || now <= entry.at) return entry.consumed;
  return entry.consumed + calendarOf(entry.terms.calendar).between(entry.at, now);
}

/** When the clock has reached its target, up to `now`; null: it has not. */
function breachAt({ entry, breachedAt }: SlaClock, now: string, calendarOf: CalendarOf): string | null {
  if (breachedAt !== null || entry.phase !== "RUN") return breachedAt;
  const due = calendarOf(entry.terms.calendar).add(entry.at, entry.terms.target - entry.consumed);
  return due !== null && due <= now ? due : null;
}

/** The times at which a running clock reaches its target and its warnings, if it is not paused before. */
export type SlaMoments = {
  readonly dueAt: string | null;
  readonly warnings: readonly { readonly consumed: number; readonly at: string }[];
};

/** Returns the times that follow the newest entry; null for a clock that does not run. Times that have been reached before it are omitted. */
export function momentsOf({ entry, breachedAt }: SlaClock, calendarOf: CalendarOf): SlaMoments | null {
  if (entry.phase !== "RUN") return null;
  const { terms, at, consumed } = entry;
  const calendar = calendarOf(terms.calendar);
  return {
    dueAt: breachedAt ?? calendar.add(at, terms.target - consumed),
    warnings: terms.warn.flatMap((one) => {
      const moment = one > consumed ? calendar.add(at, one - consumed) : null;
      return moment === null ? [] : [{ consumed: one, at: moment }];
    }),
  };
}

/** Returns what the clock says at a time that does not lie before its newest entry. */
export function standingOf(clock: SlaClock, now: string, calendarOf: CalendarOf): SlaStanding {
  const { entry } = clock;
  const at = wholeSeconds(now);
  const consumed = consumedAt(clock, at, calendarOf);
  const remaining = entry.terms.target - consumed;
  const dueAt = clock.breachedAt ?? momentsOf(clock, calendarOf)?.dueAt ?? null;
  return { status: statusOf(entry, consumed), consumed, remaining, dueAt };
}

function statusOf({ phase, terms }: SlaEntry, consumed: number): SlaStatus {
  if (phase === "PAUSE") return "PAUSED";
  if (phase !== "RUN") return phase;
  if (consumed >= terms.target) return "BREACHED";
  return terms.warn.some((one) => consumed >= one) ? "WARNING" : "ON_TRACK";
}

/** The change that results in the phase. */
export const changeTo = (phase: SlaPhase): SlaChange["to"] =>
  phase === "MET" || phase === "MISSED" ? "STOP" : phase === "CANCELLED" ? "CANCEL" : phase;

/** Counts a clock again from the changes that its entries record. Returns its entries as they must be. */
export function recount(entries: readonly SlaEntry[], calendarOf: CalendarOf): { entries: SlaEntry[]; clock: SlaClock | null } {
  let clock: SlaClock | null = null;
  const counted: SlaEntry[] = [];
  for (const { phase, cause, at, terms, by, reason } of entries) {
    const change: SlaChange & { terms: SlaTerms } = { to: changeTo(phase), cause, at, terms, by, reason };
    clock = clock === null ? startClock(change) : changeClock(clock, change, calendarOf);
    counted.push(clock.entry);
  }
  return { entries: counted, clock };
}
