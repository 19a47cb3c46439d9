import fc from "fast-check";
import { expect, test } from "vitest";
import { countMinutes, histories, keepLedger } from "../fixtures/random-sla-calendars.js";

test("ten thousand histories with calendars of the configuration equal a count minute by minute", { timeout: 120_000 }, () => {
  const seen = new Map<string, number>();
  fc.assert(
    fc.property(histories, (history) => {
      const { said, entries, again } = keepLedger(history);
      expect(said).toEqual(countMinutes(history));
      expect(again).toEqual(entries);
      for (const one of [said.status, ...entries.map(({ cause }) => cause)]) seen.set(one, (seen.get(one) ?? 0) + 1);
    }),
    { numRuns: 10_000 },
  );
  const covered = ["ON_TRACK", "WARNING", "BREACHED", "PAUSED", "MET", "MISSED", "CANCELLED"];
  for (const one of [...covered, "SUSPENSION", "PRIORITY_CHANGE", "POLICY_CHANGE", "CALENDAR_CHANGE", "MIGRATION"])
    expect([one, (seen.get(one) ?? 0) > 50]).toEqual([one, true]);
});
