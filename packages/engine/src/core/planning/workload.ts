import { dayOfDate } from "../calendar/compile.js";
import { DAY_MS, fromLocal } from "../calendar/zone.js";
import type { Calendar } from "../model/calendar.js";
import { linesOf } from "./lines.js";
import { minuteOf, minuteOfMs } from "./minutes.js";
import type { Plan, Schedule, ScheduledTask } from "./plan.js";
import { WorkingLine } from "./working-line.js";

/** Days from the first to the last, both included. */
export type Bucket = { readonly startsOn: string; readonly endsOn: string };

/** Returns the days, or the weeks from Monday to Sunday, between two days. The first and the last week can be shorter. */
export function bucketsBetween(from: string, until: string, per: "DAY" | "WEEK"): Bucket[] {
  const [first, last] = [dayNumber(from), dayNumber(until)];
  const buckets: Bucket[] = [];
  for (let day = first; day <= last;) {
    // 1970-01-01 was a Thursday.
    const end = per === "DAY" ? day : Math.min(last, day + 6 - ((((day + 3) % 7) + 7) % 7));
    buckets.push({ startsOn: dateOf(day), endsOn: dateOf(end) });
    day = end + 1;
  }
  return buckets;
}

/** Returns the working minutes of a calendar in each bucket. */
export function capacityOf(calendar: Calendar, buckets: readonly Bucket[]): number[] {
  const edges = edgesOf(calendar, buckets);
  const [first] = edges;
  if (first === undefined || calendar.weekdays.every((spans) => spans.length === 0)) return buckets.map(() => 0);
  const line = new WorkingLine(calendar, first);
  return buckets.map((_, index) => line.positionAt(edges[index + 1] ?? first) - line.positionAt(edges[index] ?? first));
}

export type SpreadOptions = {
  readonly buckets: readonly Bucket[];
  /** Its time zone says when days begin. */
  readonly days: Calendar;
  /** Minutes of work of a task. */
  readonly workOf: (taskId: string) => number;
};

/**
 * Spreads the work of each task evenly over its working time from start to finish, and returns the minutes of each bucket by task. They are whole numbers, and
 * add up to the work. Work of a task without working time is done at its start. Summary tasks have no work of their own.
 */
export function spreadWork(
  plan: Plan,
  schedule: Schedule,
  { buckets, days, workOf }: SpreadOptions,
): ReadonlyMap<string, readonly number[]> {
  const edges = edgesOf(days, buckets);
  const lines = linesOf(plan, schedule.startAt);
  const spread = plan.tasks.flatMap((task, place): [string, number[]][] => {
    const dates = schedule.tasks[place];
    const work = workOf(task.id);
    return dates === undefined || dates.isSummary || work === 0 ? [] : [[task.id, spreadOne(lines(task), dates, { edges, work })]];
  });
  return new Map(spread);
}

function spreadOne(
  line: WorkingLine,
  dates: ScheduledTask,
  { edges, work }: { readonly edges: readonly number[]; readonly work: number },
): number[] {
  const [start, finish] = [minuteOf(dates.startAt), minuteOf(dates.finishAt)];
  const first = line.positionAt(start);
  const minutes = line.positionAt(finish) - first;
  // Work done before a moment. Rounding it, and not each difference, keeps the sum.
  const doneBy = (moment: number): number => {
    if (moment <= start) return 0;
    if (moment >= finish || minutes === 0) return work;
    return Math.round((work * (line.positionAt(moment) - first)) / minutes);
  };
  return edges.slice(1).map((edge, index) => doneBy(edge) - doneBy(edges[index] ?? edge));
}

/** Returns the minutes at which the buckets begin, and the end of the last. */
function edgesOf({ timeZone }: Calendar, buckets: readonly Bucket[]): number[] {
  const last = buckets.at(-1);
  const days = [...buckets.map(({ startsOn }) => dayNumber(startsOn)), ...(last ? [dayNumber(last.endsOn) + 1] : [])];
  return days.map((day) => minuteOfMs(fromLocal(timeZone, day * DAY_MS)));
}

function dayNumber(date: string): number {
  const day = dayOfDate(date);
  if (day === null) throw new RangeError(`"${date}" is not a valid date. Use YYYY-MM-DD.`);
  return day;
}

const dateOf = (day: number): string => new Date(day * DAY_MS).toISOString().slice(0, 10);
