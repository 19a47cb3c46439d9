import fc from "fast-check";
import { test } from "vitest";
import { expectAsReference, planCases } from "../fixtures/random-plans.js";

test("dates, slack, critical path and violations equal those that are found minute by minute", { tags: "slow" }, () => {
  fc.assert(
    fc.property(planCases(), (one) => void expectAsReference(one)),
    { numRuns: 60 },
  );
});
