import fc from "fast-check";
import { expect, test } from "vitest";
import type { Calendar, WorkCalendar } from "../model/calendar.js";
import { compileCalendar, WEEKDAYS } from "./compile.js";
import { localTime } from "../routing/local-time.js";
import { addWorkingTime, workingSecondsBetween } from "./periods.js";
import { addWorkingMilliseconds, workingMillisecondsBetween } from "./working-time.js";

const MINUTE = 60_000;
const DAYS = 16;

/** Sixteen days around a change of the clocks, minute by minute, as Intl shows them: nothing here is shared with the code that is tested. */
type Clock = { readonly zone: string; readonly start: number; readonly dates: readonly string[]; readonly times: readonly string[] };
const clocks = [
  ["Europe/Berlin", "2026-03-22"],
  ["Europe/Berlin", "2026-10-18"],
  ["America/New_York", "2026-11-01"],
  // Half an hour.
  ["Australia/Lord_Howe", "2026-04-01"],
  ["Australia/Lord_Howe", "2026-09-28"],
  // At one minute past midnight, so that a day ends twice. And a leap day.
  ["America/St_Johns", "2009-10-25"],
  ["Asia/Kathmandu", "2028-02-22"],
].map(([zone = "", first = ""]): Clock => {
  const start = Date.parse(`${first}T00:00:00Z`);
  const format = new Intl.DateTimeFormat("sv-SE", { timeZone: zone, dateStyle: "short", timeStyle: "short" });
  const shown = Array.from({ length: DAYS * 1440 }, (_, minute) => format.format(start + minute * MINUTE));
  return { zone, start, dates: shown.map((text) => text.slice(0, 10)), times: shown.map((text) => text.slice(11, 16)) };
});

function clockAt(place: number): Clock {
  const clock = clocks[place];
  if (!clock) throw new Error(`there is no clock ${place}`);
  return clock;
}

const times = fc.integer({ min: 0, max: 48 }).map((half) => `${String(half >> 1).padStart(2, "0")}:${half % 2 ? "30" : "00"}`);
const hours = fc.uniqueArray(times, { maxLength: 4 }).map((all) => {
  const sorted = all.toSorted();
  return Array.from({ length: sorted.length >> 1 }, (_, index) => ({ from: sorted[2 * index] ?? "", to: sorted[2 * index + 1] ?? "" }));
});
/** Hours that touch midnight, and the hours in which clocks change, are frequent. */
const nights = fc.constantFrom(
  [{ from: "00:00", to: "24:00" }],
  [{ from: "22:00", to: "24:00" }],
  [{ from: "00:00", to: "06:00" }],
  [
    { from: "02:00", to: "02:30" },
    { from: "02:30", to: "03:00" },
  ],
);
const week = fc.record(Object.fromEntries(WEEKDAYS.map((day) => [day, fc.oneof(hours, nights, fc.constant([]))])));

const cases = fc
  .record({
    // By its number, so that a counterexample is short.
    place: fc.nat({ max: clocks.length - 1 }),
    week,
    holidays: fc.uniqueArray(fc.integer({ min: 0, max: DAYS }), { maxLength: 3 }),
    from: fc.integer({ min: 0, max: DAYS * 1440 - 1 }),
    to: fc.integer({ min: 0, max: DAYS * 1440 - 1 }),
    amount: fc.oneof(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 1, max: 6000 })),
    days: fc.integer({ min: 1, max: 8 }),
  })
  .map(({ place, holidays, week: workingHours, ...rest }) => {
    const clock = clockAt(place);
    const dates = holidays.map((day) => ({ date: new Date(clock.start + day * 1440 * MINUTE).toISOString().slice(0, 10) }));
    return { ...rest, place, source: { timeZone: clock.zone, workingHours, holidays: dates } };
  });

function compiled(source: WorkCalendar): Calendar {
  const result = compileCalendar(source);
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return result.value;
}

const spansOn = ({ workingHours, holidays }: WorkCalendar, date: string) =>
  holidays.some((one) => one.date === date) ? [] : (workingHours[WEEKDAYS[(new Date(date).getUTCDay() + 6) % 7] ?? ""] ?? []);

/** Which minutes are working time, one after the other. */
function workingMinutes({ dates, times: shown }: Clock, source: WorkCalendar): readonly boolean[] {
  const known = new Map<string, ReturnType<typeof spansOn>>();
  return dates.map((date, minute) => {
    if (!known.has(date)) known.set(date, spansOn(source, date));
    const time = shown[minute] ?? "";
    return known.get(date)?.some(({ from, to }) => from <= time && time < to) ?? false;
  });
}

test("working time between two moments equals that of a count minute by minute, in both directions, and so does the local time", () => {
  fc.assert(
    fc.property(cases, ({ place, source, from, to }) => {
      const clock = clockAt(place);
      const calendar = compiled(source);
      const working = workingMinutes(clock, source);
      const counted = working.slice(Math.min(from, to), Math.max(from, to)).filter(Boolean).length;
      const at = (minute: number) => new Date(clock.start + minute * MINUTE).toISOString();
      expect(workingSecondsBetween(calendar, at(from), at(to))).toBe((to < from ? -counted : counted) * 60 + 0);
      expect(localTime(at(from), calendar)).toMatchObject({ date: clock.dates[from], time: clock.times[from], isWorking: working[from] });
    }),
    { numRuns: 250 },
  );
});

test("adding working minutes equals walking minute by minute, forward and back", () => {
  let compared = 0;
  fc.assert(
    fc.property(cases, ({ place, source, from, amount }) => {
      const clock = clockAt(place);
      const calendar = compiled(source);
      const working = workingMinutes(clock, source);
      const walk = (step: 1 | -1): number | null => {
        let left = amount;
        let minute = from;
        while (left > 0) {
          const passed = working[step > 0 ? minute : minute - 1];
          if (passed === undefined) return null;
          if (passed) left--;
          minute += step;
        }
        return clock.start + minute * MINUTE;
      };
      const start = clock.start + from * MINUTE;
      for (const step of [1, -1] as const) {
        const expected = walk(step);
        if (expected === null) continue;
        compared++;
        expect(addWorkingMilliseconds(calendar, start, step * amount * MINUTE)).toBe(expected);
      }
    }),
    { numRuns: 250 },
  );
  expect(compared).toBeGreaterThan(100);
});

test("adding working days equals walking from date to date", { tags: "slow" }, () => {
  let compared = 0;
  fc.assert(
    fc.property(cases, ({ place, source, from, days }) => {
      const clock = clockAt(place);
      const { dates, times: shown } = clock;
      const working = workingMinutes(clock, source);
      const start = working.indexOf(true, from);
      if (start < 0) return;
      const today = dates[start] ?? "";
      const later = [...new Set(dates)].filter((date) => date > today && spansOn(source, date).length > 0);
      const date = later[days - 1];
      if (date === undefined || date === dates.at(-1)) return;
      const spans = spansOn(source, date);
      const time = shown[start] ?? "";
      const span = spans.find(({ to }) => time <= to);
      const wanted = span ? (time < span.from ? span.from : time) : (spans.at(-1)?.to ?? "");
      compared++;
      expect(addWorkingTime(compiled(source), new Date(clock.start + from * MINUTE).toISOString(), { unit: "days", amount: days })).toBe(
        new Date(clock.start + minuteOf(clock, date, wanted) * MINUTE).toISOString(),
      );
    }),
    { numRuns: 250 },
  );
  expect(compared).toBeGreaterThan(30);
});

/** The minute at which the clocks show a time first. If they skip it: as many minutes after the last one before it as the times are apart. */
function minuteOf({ dates, times: shown }: Clock, date: string, time: string): number {
  const wanted = `${date} ${time}`;
  let last = -1;
  let lastText = "";
  for (let minute = 0; minute < dates.length; minute++) {
    const text = `${dates[minute] ?? ""} ${shown[minute] ?? ""}`;
    if (text === wanted) return minute;
    if (text < wanted && (last < 0 || text >= lastText)) [last, lastText] = [minute, text];
    else if (text > wanted) break;
  }
  const sinceMidnight = (text: string): number => Number(text.slice(0, 2)) * 60 + Number(text.slice(3, 5));
  const apart = sinceMidnight(time) - sinceMidnight(lastText.slice(11)) + (lastText.startsWith(date) ? 0 : 1440);
  return last + apart;
}

test("adding an amount and counting it again gives the amount, to the millisecond, over years", () => {
  const moments = fc.integer({ min: Date.parse("2020-01-01"), max: Date.parse("2040-01-01") });
  const amounts = fc.integer({ min: 1, max: 1500 * 3_600_000 });
  let compared = 0;
  fc.assert(
    fc.property(cases, moments, amounts, ({ source }, moment, amount) => {
      const calendar = compiled(source);
      const [later, earlier] = [addWorkingMilliseconds(calendar, moment, amount), addWorkingMilliseconds(calendar, moment, -amount)];
      if (later !== null) compared++;
      if (later !== null) expect(workingMillisecondsBetween(calendar, moment, later)).toBe(amount);
      if (earlier !== null) expect(workingMillisecondsBetween(calendar, earlier, moment)).toBe(amount);
    }),
    { numRuns: 250 },
  );
  expect(compared).toBeGreaterThan(100);
});
