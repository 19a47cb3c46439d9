import fc from "fast-check";
import { expect, test } from "vitest";
import { countMinutes, histories, keepLedger, type History } from "../fixtures/random-sla-calendars.js";

const at = (window: string, time: string): number => (Date.parse(time) - Date.parse(`${window}T00:00:00Z`)) / 1000;

test("with calendars of the configuration, the ledger equals a count minute by minute, and counting again gives the same entries", () => {
  fc.assert(
    fc.property(histories, (history) => {
      const { said, entries, again } = keepLedger(history);
      expect(said).toEqual(countMinutes(history));
      expect(again).toEqual(entries);
    }),
    { numRuns: 300 },
  );
});

/** A clock that starts at one time and is read at another, with a pause if there is one. */
function history(window: string, calendar: number, [start, end]: readonly [string, string], pause?: readonly [string, string]): History {
  return {
    window,
    start: at(window, start),
    terms: { target: 8 * 3600, warn: [], calendar: String(calendar) },
    events: pause
      ? [
          { second: at(window, pause[0]), to: "PAUSE", cause: "PAUSE" },
          { second: at(window, pause[1]), to: "RUN", cause: "RESUME" },
        ]
      : [],
    end: at(window, end),
  };
}

test.each([
  // Friday 16:00 to Monday 10:00 in Berlin: the clocks go forward on Sunday, so the same local time is an hour earlier in UTC.
  ["two hours over the weekend on which Berlin's clocks go forward", 1, "2028-03-24T15:00:00Z", "2028-03-27T08:00:00Z", undefined, 2],
  ["five hours in the night that has an hour less in Berlin", 3, "2028-03-25T20:00:00Z", "2028-03-26T20:00:00Z", undefined, 5],
  ["seven hours in the night that has an hour more in Berlin", 3, "2028-10-28T20:00:00Z", "2028-10-29T20:00:00Z", undefined, 7],
  ["a day of 23 hours in New York", 5, "2028-03-12T05:00:00Z", "2028-03-13T04:00:00Z", undefined, 23],
  ["a day of 25 hours in New York", 5, "2028-11-05T04:00:00Z", "2028-11-06T05:00:00Z", undefined, 25],
  ["nothing on a leap day that is a holiday", 1, "2028-02-29T00:00:00Z", "2028-03-01T08:00:00Z", undefined, 0],
  ["24 hours on a leap day that is none", 0, "2028-02-29T00:00:00Z", "2028-03-01T00:00:00Z", undefined, 24],
  [
    "an hour before and an hour after a pause across the weekend",
    1,
    "2028-03-10T14:00:00Z",
    "2028-03-13T10:00:00Z",
    ["2028-03-10T15:00:00Z", "2028-03-13T09:00:00Z"],
    2,
  ],
] as const)("a clock counts %s", (_name, calendar, start, end, pause, hours) => {
  const window = start < "2028-03-06" ? "2028-02-18" : start < "2028-10" ? "2028-03-06" : "2028-10-16";
  const one = history(window, calendar, [start, end], pause);
  expect(keepLedger(one).said.consumed).toBe(hours * 3600);
  expect(countMinutes(one).consumed).toBe(hours * 3600);
});
