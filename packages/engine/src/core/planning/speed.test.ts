import { computedMs } from "@weft/testkit/cost/computed-ms";
import { fastestOf } from "@weft/testkit/cost/fastest-of";
import { expect, test } from "vitest";
import { aPlan, aTask, officeCalendars } from "../fixtures/plans.js";
import type { PlanDependency } from "./plan.js";
import { schedulePlan } from "./schedule.js";

const LIMIT_MS = 500;

test("5,000 tasks with 7,500 dependencies are scheduled in half a second of processor time, over holidays and years", async () => {
  const tasks = Array.from({ length: 5000 }, (_, index) =>
    aTask(`t${index}`, index % 20 === 0 ? 0 : 60 + ((index * 7919) % 2400), {
      parentId: index % 20 === 0 ? null : `t${index - (index % 20)}`,
    }),
  );
  const dependencies = Array.from({ length: 7500 }, (_, index): PlanDependency => {
    const from = (index * 7907) % 4950;
    const kind = (["FS", "SS", "FF", "SF"] as const)[index % 4] ?? "FS";
    // Within the tree, only children depend on each other.
    const [predecessor, successor] = [from + (from % 20 === 0 ? 1 : 0), from + 2 + ((index * 31) % 48)];
    return {
      predecessorId: `t${predecessor}`,
      successorId: `t${successor + (successor % 20 === 0 ? 1 : 0)}`,
      kind,
      lagMinutes: ((index * 13) % 960) - 240,
    };
  });
  const holidays = Array.from(
    { length: 60 },
    (_, index) => `${2026 + Math.floor(index / 12)}-${String((index % 12) + 1).padStart(2, "0")}-15`,
  );
  const plan = aPlan(tasks, [], { dependencies, calendars: officeCalendars("Europe/Zurich", ...holidays) });
  const [ms = Infinity] = await fastestOf(async () => {
    const began = computedMs();
    const { finishAt, criticalPath } = schedulePlan(plan, { direction: "FORWARD" });
    const took = computedMs() - began;
    expect(finishAt > "2027").toBe(true);
    expect(criticalPath.length).toBeGreaterThan(50);
    return [took];
  }, LIMIT_MS);
  expect(ms).toBeLessThan(LIMIT_MS);
});
