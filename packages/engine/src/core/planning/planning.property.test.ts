import fc from "fast-check";
import { expect, test } from "vitest";
import { calendarNamed } from "../calendar/compile.js";
import { addWorkingMilliseconds, workingMillisecondsBetween } from "../calendar/working-time.js";
import { planCases, planOf } from "../fixtures/random-plans.js";
import { scheduled } from "../fixtures/plans.js";
import type { Plan, PlanTask } from "./plan.js";
import { schedulePlan } from "./schedule.js";

const MINUTE = 60_000;
const isSummary = ({ tasks }: Plan, { id }: PlanTask): boolean => tasks.some(({ parentId }) => parentId === id);

test("no task starts or finishes before its predecessors allow, in either direction", () => {
  let compared = 0;
  fc.assert(
    fc.property(planCases(), (one) => {
      const plan = planOf(one);
      const schedule = schedulePlan(plan, one);
      for (const { predecessorId, successorId, kind, lagMinutes } of plan.dependencies) {
        const [from, to] = [scheduled(schedule, predecessorId), scheduled(schedule, successorId)];
        const task = plan.tasks.find(({ id }) => id === successorId);
        // The rest is compared with the reference: what has happened, and summary tasks.
        if (!task || task.actualStartAt !== null || task.actualFinishAt !== null || from.isSummary || to.isSummary) continue;
        const bound = Date.parse(kind === "FS" || kind === "FF" ? from.finishAt : from.startAt);
        const allowed = addWorkingMilliseconds(plan.calendars.standard, bound, lagMinutes * MINUTE) ?? Infinity;
        const actual = Date.parse(kind === "FS" || kind === "SS" ? to.startAt : to.finishAt);
        compared++;
        expect(workingMillisecondsBetween(calendarNamed(plan.calendars, task.calendar), actual, allowed)).toBeLessThanOrEqual(0);
      }
    }),
    { numRuns: 300 },
  );
  expect(compared).toBeGreaterThan(200);
});

test("without dates and with one calendar, a path without slack leads from the start of the project to its finish", () => {
  fc.assert(
    fc.property(planCases("PLAIN"), (one) => {
      const plan = planOf(one);
      const schedule = schedulePlan(plan, one);
      const path = schedule.criticalPath.map((id) => scheduled(schedule, id));
      expect(path.map(({ totalSlackMinutes, isCritical }) => [totalSlackMinutes, isCritical])).toEqual(path.map(() => [0, true]));
      const [first, last] = [path[0], path.at(-1)];
      expect(last?.finishAt).toBe(schedule.finishAt);
      // Its first task is bound by the start of the project only: it starts there, or its finish is tied to nothing later.
      expect(workingMillisecondsBetween(plan.calendars.standard, Date.parse(schedule.startAt), Date.parse(first?.startAt ?? ""))).toBe(0);
      expect(
        schedule.tasks.filter(({ totalSlackMinutes, freeSlackMinutes }) => totalSlackMinutes < 0 || freeSlackMinutes > totalSlackMinutes),
      ).toEqual([]);
    }),
    { numRuns: 300 },
  );
});

test("with a later start of the project, nothing is earlier; with one calendar, the finish is later by the same working time", () => {
  const later = fc.integer({ min: 1, max: 3000 });
  fc.assert(
    fc.property(planCases(), planCases("PLAIN"), later, (any, plain, minutes) => {
      for (const one of [any, plain]) {
        if (one.direction === "BACKWARD") continue;
        const plan = planOf(one);
        const calendar = plan.calendars.standard;
        const startAt = new Date(addWorkingMilliseconds(calendar, Date.parse(plan.startAt ?? ""), minutes * MINUTE) ?? 0).toISOString();
        const [before, after] = [schedulePlan(plan, one), schedulePlan({ ...plan, startAt }, one)];
        for (const [index, task] of plan.tasks.entries()) {
          if (isSummary(plan, task)) continue;
          const [earlier, now] = [before.tasks[index], after.tasks[index]];
          expect((now?.earlyStartAt ?? "") >= (earlier?.earlyStartAt ?? "-")).toBe(true);
          expect((now?.earlyFinishAt ?? "") >= (earlier?.earlyFinishAt ?? "-")).toBe(true);
        }
        if (one === plain)
          expect(workingMillisecondsBetween(calendar, Date.parse(before.finishAt), Date.parse(after.finishAt))).toBe(minutes * MINUTE);
      }
    }),
    { numRuns: 200 },
  );
});
