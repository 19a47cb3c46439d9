/** The time scale of a Gantt chart: where moments are, and which dates are written above the chart. */
import { DAY_MS, fromLocal, toLocal } from "../calendar/zone.js";
import type { TimeSpan } from "./plan.js";

/** `timeZone`: IANA name, in which days begin. `locale`: BCP 47, of dates; English if it is omitted. `width`: of the picture, in pixels. */
export type GanttOptions = { readonly timeZone: string; readonly width: number; readonly locale?: string | undefined };

export type Scale = {
  /** Returns the horizontal position of a moment, in pixels with one decimal place. */
  readonly xOf: (moment: string) => number;
  readonly lines: readonly { readonly x: number; readonly label: string }[];
};

const MIN_LINE_DISTANCE = 64;

type Step = { readonly unit: "day" | "month"; readonly amount: number; readonly days: number };

/** Days, weeks, months, quarters and years: the first one that leaves enough room for the labels. `days`: the least that a step can have. */
const STEPS: readonly Step[] = [
  { unit: "day", amount: 1, days: 1 },
  { unit: "day", amount: 7, days: 7 },
  { unit: "month", amount: 1, days: 28 },
  { unit: "month", amount: 3, days: 90 },
  { unit: "month", amount: 12, days: 365 },
  { unit: "month", amount: 60, days: 1826 },
];
/** Leaves enough room for a century, which is the longest plan. */
const LONGEST_STEP: Step = { unit: "month", amount: 480, days: 14_610 };

/** @param left where the chart begins, `width` pixels wide */
export function scaleOf({ startAt, finishAt }: TimeSpan, left: number, { timeZone, width, locale = "en" }: GanttOptions): Scale {
  const start = Date.parse(startAt);
  // A chart shows a day at least, also if all its tasks are milestones at one moment.
  const length = Math.max(Date.parse(finishAt) - start, DAY_MS);
  const at = (ms: number): number => Math.round((left + ((ms - start) / length) * width) * 10) / 10;
  const step = STEPS.find(({ days }) => ((days * DAY_MS) / length) * width >= MIN_LINE_DISTANCE) ?? LONGEST_STEP;
  const format = new Intl.DateTimeFormat(locale, { timeZone: "UTC", ...labelParts(step) });
  const lines: { x: number; label: string }[] = [];
  for (let local = firstLine(step, toLocal(timeZone, start)); ; local = lineAfter(step, local)) {
    const moment = fromLocal(timeZone, local);
    if (moment > start + length) break;
    if (moment >= start) lines.push({ x: at(moment), label: format.format(local) });
  }
  return { xOf: (moment) => at(Date.parse(moment)), lines };
}

/** Returns a local date at or before a moment, from which the steps are counted: a day, a Monday, or the first of a month. */
function firstLine({ unit, amount }: Step, local: number): number {
  const day = Math.floor(local / DAY_MS);
  // 1970-01-05 was a Monday.
  if (unit === "day") return (day - ((((day - 4) % amount) + amount) % amount)) * DAY_MS;
  const date = new Date(local);
  const months = date.getUTCFullYear() * 12 + date.getUTCMonth();
  return firstOfMonth(months - (months % amount));
}

const lineAfter = ({ unit, amount }: Step, local: number): number => {
  const date = new Date(local);
  return unit === "day" ? local + amount * DAY_MS : firstOfMonth(date.getUTCFullYear() * 12 + date.getUTCMonth() + amount);
};

const firstOfMonth = (months: number): number => new Date(0).setUTCFullYear(Math.floor(months / 12), months % 12, 1);

function labelParts({ unit, amount }: Step): Intl.DateTimeFormatOptions {
  if (unit === "day") return { day: "numeric", month: "short" };
  return amount < 12 ? { month: "short", year: "numeric" } : { year: "numeric" };
}
