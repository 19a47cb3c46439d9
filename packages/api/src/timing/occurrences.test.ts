import fc from "fast-check";
import { expect, test } from "vitest";
import { cronProblems } from "./cron.js";
import { GRACE_MS, isRun } from "./missed.js";
import { nextOccurrence, nextOccurrences, type Plan, type Timing } from "./occurrences.js";
import { hasDays, secondsOf, spanOf } from "./span.js";

const planned = (timing: Timing, more: Partial<Plan> = {}): Plan => ({
  id: "a",
  timing,
  startsAt: null,
  endsAt: null,
  jitterSeconds: 0,
  ...more,
});
const cron = (expression: string, timeZone: string, more?: Partial<Plan>): Plan => planned({ kind: "cron", expression, timeZone }, more);
const times = (plan: Plan, after: string, count: number): string[] =>
  nextOccurrences(plan, Date.parse(after), count).map(({ plannedAt }) => new Date(plannedAt).toISOString().replace(":00.000Z", "Z"));

test("a run at 02:30 takes place at 03:00 on the night without that time, and once on the night that has it twice", () => {
  const berlin = cron("30 2 * * *", "Europe/Berlin");
  expect(times(berlin, "2026-03-28T00:00:00Z", 3)).toEqual(["2026-03-28T01:30Z", "2026-03-29T01:00Z", "2026-03-30T00:30Z"]);
  expect(times(berlin, "2026-10-24T00:00:00Z", 3)).toEqual(["2026-10-24T00:30Z", "2026-10-25T00:30Z", "2026-10-26T01:30Z"]);
  const newYork = cron("30 2 * * *", "America/New_York");
  expect(times(newYork, "2026-03-07T12:00:00Z", 2)).toEqual(["2026-03-08T07:00Z", "2026-03-09T06:30Z"]);
  expect(times(cron("30 1 * * *", "America/New_York"), "2026-10-31T12:00:00Z", 2)).toEqual(["2026-11-01T05:30Z", "2026-11-02T06:30Z"]);
});

test("runs every quarter of an hour neither pause nor repeat when the clocks change", () => {
  for (const from of ["2026-03-28T23:00:00Z", "2026-10-24T22:00:00Z"])
    for (const plan of [
      cron("*/15 * * * *", "Europe/Berlin"),
      planned({ kind: "every", seconds: 900, anchor: Date.parse("2026-01-01T00:00:00Z") }),
    ]) {
      const found = nextOccurrences(plan, Date.parse(from), 24);
      expect(found.map(({ plannedAt }) => plannedAt)).toEqual(Array.from({ length: 24 }, (_, at) => Date.parse(from) + (at + 1) * 900_000));
    }
});

test("leap days, last days, nearest weekdays and the second Friday are found", () => {
  expect(times(cron("0 0 29 2 *", "UTC"), "2026-01-01T00:00:00Z", 2)).toEqual(["2028-02-29T00:00Z", "2032-02-29T00:00Z"]);
  expect(times(cron("0 9 L * *", "UTC"), "2028-01-31T12:00:00Z", 2)).toEqual(["2028-02-29T09:00Z", "2028-03-31T09:00Z"]);
  expect(times(cron("0 9 15W * *", "UTC"), "2026-02-01T00:00:00Z", 1)).toEqual(["2026-02-16T09:00Z"]);
  expect(times(cron("0 9 * * FRI#2", "UTC"), "2026-01-01T00:00:00Z", 1)).toEqual(["2026-01-09T09:00Z"]);
  expect(times(cron("0 0 30 2 *", "UTC"), "2026-01-01T00:00:00Z", 1)).toEqual([]);
});

/** Local hour, minute and weekday of an instant, from the platform's own calendar. */
function localOf(zone: string): (at: number) => { text: string; hour: number; minute: number; day: string } {
  const format = new Intl.DateTimeFormat("en-GB", {
    timeZone: zone,
    hourCycle: "h23",
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    weekday: "short",
  });
  return (at) => {
    const parts = Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, value]));
    const { year, month, day, hour, minute, weekday = "" } = parts;
    return { text: `${year}-${month}-${day} ${hour}:${minute}`, hour: Number(hour), minute: Number(minute), day: weekday };
  };
}

const MINUTE = 60_000;

test("fixed times equal those of a calendar that is read minute by minute, around each change of the clocks", () => {
  const changes: readonly [zone: string, around: string][] = [
    ["Europe/Berlin", "2026-03-29T01:00:00Z"],
    ["Europe/Berlin", "2026-10-25T01:00:00Z"],
    ["America/New_York", "2026-03-08T07:00:00Z"],
    ["America/New_York", "2026-11-01T06:00:00Z"],
    ["Australia/Lord_Howe", "2026-10-03T15:30:00Z"],
    ["Australia/Lord_Howe", "2026-04-04T15:00:00Z"],
    ["America/Sao_Paulo", "2018-11-04T03:00:00Z"],
    ["Asia/Kolkata", "2026-05-01T00:00:00Z"],
  ];
  const time = fc.record({
    hour: fc.integer({ min: 0, max: 23 }),
    minute: fc.integer({ min: 0, max: 59 }),
    days: fc.constantFrom("*", "SUN", "MON-FRI"),
  });
  const tables = changes.map(([zone, around]) => {
    const local = localOf(zone);
    const from = Date.parse(around) - 30 * 60 * MINUTE;
    return { zone, from, minutes: Array.from({ length: 60 * 60 }, (_, at) => ({ at: from + at * MINUTE, ...local(from + at * MINUTE) })) };
  });
  fc.assert(
    fc.property(fc.constantFrom(...tables), time, ({ zone, from, minutes }, { hour, minute, days }) => {
      const isWanted = (day: string): boolean => days === "*" || (days === "SUN" ? day === "Sun" : day !== "Sun" && day !== "Sat");
      // A time that comes twice counts when it comes first. A time in a gap counts right after it.
      const seen = new Set<string>();
      const expected: number[] = [];
      for (const [at, here] of minutes.entries()) {
        const before = minutes[at - 1];
        const jumped = before === undefined ? 1 : here.hour * 60 + here.minute - (before.hour * 60 + before.minute);
        const wanted = hour * 60 + minute;
        const isExact = here.hour === hour && here.minute === minute;
        const isInGap = jumped > 1 && wanted > here.hour * 60 + here.minute - jumped && wanted < here.hour * 60 + here.minute;
        // At midnight the gap begins on the day before: its first time is 00:00.
        const isGapOfMidnight = before !== undefined && before.hour === 23 && here.hour < 12 && wanted < here.hour * 60 + here.minute;
        if (!(isExact || isInGap || isGapOfMidnight) || !isWanted(here.day) || seen.has(here.text)) continue;
        seen.add(here.text);
        expected.push(here.at);
      }
      const plan = cron(`${minute} ${hour} * * ${days}`, zone);
      const end = minutes.at(-1)?.at ?? 0;
      const found = nextOccurrences(plan, from - 1, 10)
        .map(({ plannedAt }) => plannedAt)
        .filter((at) => at <= end);
      expect(found).toEqual(expected);
    }),
    { numRuns: 150 },
  );
});

test("jitter is the same each time, at most the given span, and keeps the order of runs", () => {
  fc.assert(
    fc.property(fc.uuid(), fc.integer({ min: 1, max: 7_200 }), fc.integer({ min: 0, max: 1e9 }), (id, jitterSeconds, offset) => {
      const plan = planned({ kind: "every", seconds: 600, anchor: 0 }, { id, jitterSeconds });
      const found = nextOccurrences(plan, offset * 1_000, 5);
      expect(nextOccurrences(plan, offset * 1_000, 5)).toEqual(found);
      for (const [at, { plannedAt, startsAt }] of found.entries()) {
        expect(startsAt - plannedAt).toBeGreaterThanOrEqual(0);
        expect(startsAt - plannedAt).toBeLessThanOrEqual(jitterSeconds * 1_000);
        expect(startsAt).toBeLessThan(found[at + 1]?.plannedAt ?? Infinity);
      }
    }),
  );
  const delays = new Set(
    nextOccurrences(planned({ kind: "every", seconds: 600, anchor: 0 }, { jitterSeconds: 300 }), 0, 20).map(
      (one) => one.startsAt - one.plannedAt,
    ),
  );
  expect(delays.size).toBeGreaterThan(15);
});

test("a start is included, an end is not, and intervals count from their anchor", () => {
  const [startsAt, endsAt] = [Date.parse("2026-03-01T09:00:00Z"), Date.parse("2026-03-03T09:00:00Z")];
  const plan = cron("0 9 * * *", "UTC", { startsAt, endsAt });
  expect(times(plan, "2026-01-01T00:00:00Z", 9)).toEqual(["2026-03-01T09:00Z", "2026-03-02T09:00Z"]);
  const every = planned({ kind: "every", seconds: 3_600, anchor: Date.parse("2026-03-01T00:20:00Z") });
  expect(times(every, "2026-02-28T00:00:00Z", 2)).toEqual(["2026-03-01T00:20Z", "2026-03-01T01:20Z"]);
  expect(times(every, "2026-03-01T01:20:00Z", 1)).toEqual(["2026-03-01T02:20Z"]);
  const once = planned({ kind: "once", at: startsAt });
  expect([times(once, "2026-02-28T00:00:00Z", 3), nextOccurrence(once, startsAt)]).toEqual([["2026-03-01T09:00Z"], null]);
});

test("an invalid expression is refused with the field and the position", () => {
  const refused = (text: string): string[] => cronProblems(text, "input.cron").map(({ message }) => message);
  expect(refused("30 2 * * MON-FRI")).toEqual([]);
  expect(refused("0 30 2 1,15 JAN-MAR/2 *")).toEqual([]);
  expect(refused("30 25 * FOO *")).toEqual([
    expect.stringContaining('"25" is not valid for the hour (field 2, character 4)'),
    expect.stringContaining('"FOO" is not valid for the month (field 4, character 9)'),
  ]);
  expect(refused("* * *")).toEqual([expect.stringContaining("not 3")]);
  expect(refused("? * * * *")).toEqual([expect.stringContaining("use * instead of ?")]);
  expect(refused("*/0 * * * *")).toHaveLength(1);
  expect(refused("9".repeat(200))).toEqual([expect.stringContaining("120 characters")]);
});

test("each policy decides as documented which late runs start", () => {
  const at = (minutes: number) => ({ plannedAt: minutes * MINUTE, startsAt: minutes * MINUTE });
  const decide = (policy: "SKIP" | "RUN_ONCE" | "RUN_ALL", now: number, catchUpSeconds = 86_400) =>
    Array.from({ length: 5 }, (_, n) => isRun(at(n * 60), at((n + 1) * 60), now * MINUTE, { missedRuns: policy, catchUpSeconds }));
  expect(decide("SKIP", 250)).toEqual([false, false, false, false, false]);
  expect(decide("RUN_ONCE", 250)).toEqual([false, false, false, false, true]);
  expect(decide("RUN_ALL", 250)).toEqual([true, true, true, true, true]);
  expect(decide("RUN_ALL", 250, 3 * 3_600)).toEqual([false, false, true, true, true]);
  // A run that is hardly late is not missed.
  expect(isRun(at(0), at(60), GRACE_MS, { missedRuns: "SKIP", catchUpSeconds: 0 })).toBe(true);
});

test("spans are read and written", () => {
  expect(["PT15M", "P1DT2H", "PT90S", "PT0S"].map(secondsOf)).toEqual([900, 93_600, 90, 0]);
  expect(["P", "PT", "15M", "P1M", "PT1.5H", "PT-1H", ""].map(secondsOf)).toEqual([null, null, null, null, null, null, null]);
  expect([900, 93_600, 90, 0].map(spanOf)).toEqual(["PT15M", "PT26H", "PT1M30S", "PT0S"]);
  expect([hasDays("P1DT2H"), hasDays("PT26H")]).toEqual([true, false]);
});
