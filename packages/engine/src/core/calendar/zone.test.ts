import { Temporal } from "temporal-polyfill";
import fc from "fast-check";
import { expect, test } from "vitest";
import { addDuration } from "./durations.js";
import { fromLocal, toLocal } from "./zone.js";

const zones = fc.constantFrom(
  "Europe/Berlin",
  "America/New_York",
  "Australia/Lord_Howe",
  "America/St_Johns",
  "Pacific/Apia",
  "Africa/Casablanca",
  "UTC",
);
const start = Date.parse("2005-01-01T00:00:00Z");
/** Every quarter of an hour of 25 years; half of them in the hours around a change of the clocks. */
const moments = fc.oneof(
  fc.integer({ min: 0, max: 25 * 365 * 96 }).map((quarter) => start + quarter * 900_000),
  fc
    .tuple(
      fc.constantFrom(
        "2026-03-29T01:00Z",
        "2026-10-25T01:00Z",
        "2026-04-04T15:00Z",
        "2026-10-03T15:30Z",
        "2026-11-01T06:00Z",
        "2011-11-06T02:31Z",
        "2011-12-30T10:00Z",
      ),
      fc.integer({ min: -200, max: 200 }),
    )
    .map(([change, quarter]) => Date.parse(change) + quarter * 900_000),
);

test("local times and moments are those of Temporal, in both directions", () => {
  fc.assert(
    fc.property(zones, moments, (zone, moment) => {
      const zoned = Temporal.Instant.fromEpochMilliseconds(moment).toZonedDateTimeISO(zone);
      expect(toLocal(zone, moment)).toBe(Date.parse(`${zoned.toPlainDateTime().toString()}Z`));
      const plain = Temporal.PlainDateTime.from(new Date(moment).toISOString().slice(0, -1));
      expect(fromLocal(zone, moment)).toBe(plain.toZonedDateTime(zone, { disambiguation: "compatible" }).epochMilliseconds);
    }),
    { numRuns: 500 },
  );
});

test("days and months are added as Temporal adds them", () => {
  const durations = fc.record({
    months: fc.integer({ min: 0, max: 3 }),
    days: fc.integer({ min: 0, max: 500 }),
    seconds: fc.nat({ max: 90_000 }),
  });
  fc.assert(
    fc.property(
      zones,
      moments,
      durations,
      fc.constantFrom(1 as const, -1 as const),
      (zone, moment, { months, days, seconds }, direction) => {
        const by = { months: direction * months, days: direction * days, seconds: direction * seconds };
        const expected = Temporal.Instant.fromEpochMilliseconds(moment).toZonedDateTimeISO(zone).add(by).epochMilliseconds;
        const added = addDuration(new Date(moment).toISOString(), { months, days, seconds }, zone, direction);
        expect(Date.parse(added)).toBe(expected);
      },
    ),
    { numRuns: 500 },
  );
});
