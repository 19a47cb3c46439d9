/** Times in conditions: periods that are added and subtracted, and the order of times that are written differently. */
import { calendarNamed } from "../calendar/compile.js";
import { readMoment } from "../calendar/durations.js";
import { addPeriod, parsePeriod } from "../calendar/periods.js";
import type { Period } from "../model/calendar.js";
import type { Operand, TimeCall } from "../model/condition.js";
import { calendarsOf, type Context } from "./context.js";
import { isAffordable } from "./work.js";

/** The worst case of an addition, in units of work. Adding years of working days takes the longest. */
const costOf = (period: Period): number => (period.kind === "calendar" ? 100 : period.unit === "days" ? 300 + period.amount : 200);
/** Of two times that are read from text. */
const COMPARISON_COST = 40;

const calendarOf = (context: Context) => {
  const calendars = calendarsOf(context);
  return calendarNamed(calendars, calendars.chosen ?? null);
};

/** Returns a time plus or minus a period, in ISO 8601. Undefined if there is no such time. */
export function shifted(call: TimeCall, [time, text]: readonly unknown[], context: Context): string | undefined {
  const period = typeof text === "string" ? parsePeriod(text) : null;
  if (typeof time !== "string" || !period || !isAffordable(context, [], costOf(period))) return undefined;
  const calendar = calendarOf(context);
  const from = readMoment(time, calendar.timeZone);
  const to = from === null ? null : addPeriod(calendar, from, period, call === "later" ? 1 : -1);
  return to !== null && /^(?!0000)\d{4}-/.test(to) ? to : undefined;
}

/** Returns which of two times is earlier, as a negative, zero or positive number. Null if one of the texts is not a time. */
export function orderOfTimes(left: string, right: string, context: Context): number | null {
  if (!looksLikeTime(left) || !looksLikeTime(right) || !isAffordable(context, [], COMPARISON_COST)) return null;
  const { timeZone } = calendarOf(context);
  const [a, b] = [readMoment(left, timeZone), readMoment(right, timeZone)];
  return a === null || b === null ? null : Date.parse(a) - Date.parse(b);
}

const looksLikeTime = (text: string): boolean => text.length >= 10 && text.length <= 40 && /^\d{4}-\d{2}-\d{2}/.test(text);

/** Whether the result depends on a time zone or on working hours: a period other than hours, or an order of values of which one can be a date. */
export function countsTime(part: unknown): boolean {
  if (typeof part !== "object" || part === null) return false;
  if (part instanceof Map) return [...part.values()].some(countsTime);
  if ("call" in part && (part.call === "later" || part.call === "earlier")) return true;
  if ("op" in part && ORDERS.has(part.op) && "left" in part && "right" in part && [part.left, part.right].every(canBeTime)) return true;
  return Object.values(part).some(countsTime);
}

const ORDERS: ReadonlySet<unknown> = new Set(["lt", "lte", "gt", "gte"]);
const canBeTime = (operand: unknown): boolean => {
  const { value } = operand as Partial<Extract<Operand, { value: unknown }>>;
  return value === undefined || (typeof value === "string" && looksLikeTime(value));
};
