import fc from "fast-check";
import { expect, test } from "vitest";
import { timelines } from "../fixtures/random-sla.js";
import { bothOf } from "../fixtures/sla-difference.js";

test("ten thousand histories equal a calculator that visits every second", { timeout: 120_000 }, () => {
  const seen = new Map<string, number>();
  fc.assert(
    fc.property(timelines, (timeline) => {
      const { ledger, slow, entries, again } = bothOf(timeline);
      expect(ledger).toEqual(slow);
      expect(again).toEqual(entries);
      for (const one of [ledger.status, ...entries.map(({ cause }) => cause)]) seen.set(one, (seen.get(one) ?? 0) + 1);
    }),
    { numRuns: 10_000 },
  );
  for (const one of ["ON_TRACK", "WARNING", "BREACHED", "PAUSED", "MET", "MISSED", "CANCELLED", "MIGRATION", "CALENDAR_CHANGE"])
    expect([one, (seen.get(one) ?? 0) > 50]).toEqual([one, true]);
});
