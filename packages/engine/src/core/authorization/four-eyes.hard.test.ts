import fc from "fast-check";
import { expect, test } from "vitest";
import { brokenFourEyes, live, lives } from "../fixtures/four-eyes.js";

test(
  "nobody decides on their own request in 10,000 random sequences of delegations, substitutes and approvals",
  { timeout: 120_000 },
  () => {
    let decisions = 0;
    fc.assert(
      fc.property(lives, (life) => {
        const deeds = live(life);
        expect(brokenFourEyes(life.owner, deeds)).toEqual([]);
        decisions += deeds.filter(({ transition }) => transition === "approve" || transition === "release").length;
      }),
      { numRuns: 10_000 },
    );
    expect(decisions).toBeGreaterThan(1000);
  },
);
