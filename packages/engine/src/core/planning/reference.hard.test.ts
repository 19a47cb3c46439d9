import fc from "fast-check";
import { expect, test } from "vitest";
import { expectAsReference, planCases, planOf } from "../fixtures/random-plans.js";
import { CONSTRAINT_KINDS, DEPENDENCY_KINDS } from "./plan.js";

test("dates, slack, critical path and violations of a thousand plans equal those that are found minute by minute", () => {
  const seen = new Map<string, number>();
  const count = (what: string): void => void seen.set(what, (seen.get(what) ?? 0) + 1);
  fc.assert(
    fc.property(planCases(), (one) => {
      const { tasks, criticalPath, violations, direction } = expectAsReference(one);
      count(direction);
      for (const { kind } of violations) count(`violation of ${kind}`);
      for (const { kind } of planOf(one).dependencies) count(kind);
      if (criticalPath.length > 2) count("long path");
      if (tasks.some(({ isSummary }) => isSummary)) count("summary task");
      if (tasks.some(({ totalSlackMinutes }) => totalSlackMinutes < 0)) count("negative slack");
      if (tasks.some(({ freeSlackMinutes, totalSlackMinutes }) => freeSlackMinutes > 0 && freeSlackMinutes < totalSlackMinutes))
        count("free slack");
      if (tasks.some(({ startAt, earlyStartAt, lateStartAt }) => earlyStartAt < startAt && startAt < lateStartAt))
        count("between early and late");
    }),
    { numRuns: 1000 },
  );
  // Every kind of plan was there, not only easy ones. Floors are never violated without a summary task.
  const late = CONSTRAINT_KINDS.filter((kind) => /NO_LATER|MUST/.test(kind));
  const violated = [...late, "FINISH_NO_EARLIER_THAN", "DEADLINE", "PROJECT_FINISH"].map((kind) => `violation of ${kind}`);
  const others = ["FORWARD", "BACKWARD", "long path", "summary task", "negative slack", "free slack", "between early and late"];
  for (const what of [...violated, ...DEPENDENCY_KINDS, ...others]) expect([what, (seen.get(what) ?? 0) > 5]).toEqual([what, true]);
});
