import { startTestWeft, type TestWeft } from "@weft/testkit";
import { compareWithRecount } from "@weft/testkit/statistics/random-work";
import { afterAll, beforeAll, expect, test } from "vitest";

let weft: TestWeft;
beforeAll(async () => void (weft = await startTestWeft({ alone: "It fills the database." })));
afterAll(() => weft.stop());

test.for([
  { seed: 1, timeZone: "Europe/Zurich" },
  { seed: 2, timeZone: "Asia/Kathmandu" },
  { seed: 3, timeZone: "America/St_Johns" },
  // Its days are those of UTC in winter.
  { seed: 4, timeZone: "Europe/London" },
])(
  "equals a recount of all rows after many random operations, in $timeZone (seed $seed)",
  { timeout: 60_000 },
  async ({ seed, timeZone }) => {
    expect(await compareWithRecount(weft, { seed, timeZone, steps: 120 })).toBeGreaterThan(10);
  },
);
