import { BadUserInput } from "@weft/shared/errors";
import { assertPlanned, isoOf, nextOccurrence, nextOccurrences, readTiming } from "@weft/api/timing";
import { daysIn } from "../kinds/entries.js";
import type { ReportScheduleRow } from "./schedule.type.js";

type Timing = Pick<ReportScheduleRow, "cron" | "timeZone">;

/** Planned times that are checked for their days. */
const checked = 50;
/** Planned times that a report makes up for. There is one a day at most, and the period of a report has no more days. */
const maxMissed = 400;

const withoutLimits = { id: "", everySeconds: null, runAt: null, startsAt: null, endsAt: null, jitterSeconds: 0, plannedSince: isoOf(0) };

const planOf = ({ cron, timeZone }: Timing, after: number) => assertPlanned({ ...withoutLimits, cron, timeZone }, after);

/** Returns the first planned time of a new schedule. @throws BadUserInput, also if two times are on the same day */
export function firstTimeOf(timing: Timing, after: number): string {
  readTiming(timing, null);
  const times = nextOccurrences(planOf(timing, after), after, checked).map(({ plannedAt }) => isoOf(plannedAt));
  const days = times.map(daysIn(timing.timeZone));
  if (new Set(days).size < days.length)
    throw new BadUserInput([{ path: "input.cron", message: "A schedule creates at most one report a day. Choose one time of the day." }]);
  return times[0] ?? isoOf(after);
}

/** Returns the first planned time after a time. Null if there is none. */
export function nextTimeOf(timing: Timing, after: string): number | null {
  const time = Date.parse(after);
  return nextOccurrence(planOf(timing, time), time)?.plannedAt ?? null;
}

/** Returns the last planned time until now, from the one that is due. */
export function lastTimeOf(timing: Timing, due: string, now: string): number {
  const first = Date.parse(due);
  const later = nextOccurrences(planOf(timing, first), first, maxMissed).filter(({ plannedAt }) => plannedAt <= Date.parse(now));
  return later.at(-1)?.plannedAt ?? first;
}
