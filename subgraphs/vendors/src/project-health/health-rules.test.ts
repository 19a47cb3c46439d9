import { describe, expect, test } from "vitest";
import { colorOf, type HealthFacts, type HealthThresholds, reasonsOf } from "./health-rules.js";

const thresholds: HealthThresholds = {
  LATE_DAYS: { AMBER: 1, RED: 7 },
  OVERDUE_DAYS: { AMBER: 1, RED: 14 },
  BUDGET_POINTS: { AMBER: 10, RED: 25 },
  RISK_SCORE: { AMBER: 12, RED: 20 },
};

const healthy: HealthFacts = {
  lateTasks: [],
  milestones: [{ name: "Opening", dueOn: "2026-06-01" }],
  risks: [{ title: "Rain", score: 11 }],
  budget: 1000,
  actual: 500,
  progress: 41,
  today: "2026-06-01",
};

const evaluate = (facts: Partial<HealthFacts>) => reasonsOf({ ...healthy, ...facts }, thresholds);

describe("a project", () => {
  test("is green below all thresholds", () => {
    expect(evaluate({})).toEqual([]);
    expect(colorOf(evaluate({}))).toBe("GREEN");
  });

  test("is amber or red by its latest task of the critical path", () => {
    const late = (days: number) => ({
      lateTasks: [
        { name: "Dig", days: 1 },
        { name: "Build", days },
      ],
    });
    expect(evaluate(late(6))).toEqual([
      { rule: "LATE_TASKS", color: "AMBER", count: 2, message: '2 tasks of the critical path are late: "Build" by 6 days.' },
    ]);
    expect(colorOf(evaluate(late(7)))).toBe("RED");
  });

  test("is amber from the day after the due day of a milestone", () => {
    expect(evaluate({ today: "2026-06-02" })).toEqual([
      { rule: "OVERDUE_MILESTONES", color: "AMBER", count: 1, message: '1 milestone is overdue: "Opening" by 1 day.' },
    ]);
    expect(colorOf(evaluate({ today: "2026-06-15" }))).toBe("RED");
  });

  test("is amber if its budget is used faster than work is done, and red if more than the budget is spent", () => {
    expect(evaluate({ progress: 40 })).toMatchObject([
      { rule: "BUDGET", color: "AMBER", message: "50 percent of the budget is spent, and 40 percent of the work is done." },
    ]);
    expect(evaluate({ progress: 25 })).toMatchObject([{ rule: "BUDGET", color: "RED" }]);
    expect(evaluate({ progress: 100, actual: 1001 })).toMatchObject([{ rule: "BUDGET", color: "RED" }]);
    expect(evaluate({ budget: null, progress: 0 })).toEqual([]);
  });

  test("is amber or red by its highest open risk", () => {
    expect(evaluate({ risks: [{ title: "Rain", score: 12 }] })).toEqual([
      { rule: "RISKS", color: "AMBER", count: 1, message: '1 open risk is high: "Rain" with the score 12.' },
    ]);
    expect(
      evaluate({
        risks: [
          { title: "Rain", score: 12 },
          { title: "Fire", score: 20 },
        ],
      }),
    ).toMatchObject([{ color: "RED", count: 2 }]);
  });
});
