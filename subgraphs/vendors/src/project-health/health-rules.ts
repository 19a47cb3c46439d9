/** Decides how healthy a project is. Pure. */
import { quote } from "@weft/shared/errors";
import type { EffectiveConfig } from "@weft/platform/configuration";
import { daysBetween } from "../due-days/days.js";

export type HealthThresholds = EffectiveConfig["projects"]["health"];
export type HealthColor = "GREEN" | "AMBER" | "RED";
export type HealthRule = "LATE_TASKS" | "OVERDUE_MILESTONES" | "BUDGET" | "RISKS";

/** Why a project is not green. */
export interface Reason {
  readonly rule: HealthRule;
  readonly color: Exclude<HealthColor, "GREEN">;
  /** Tasks, milestones, or risks. 1 for the budget. */
  readonly count: number;
  readonly message: string;
}

export interface HealthFacts {
  /** Tasks of the critical path that should be finished and are not. */
  readonly lateTasks: readonly { readonly name: string; readonly days: number }[];
  /** Milestones that are not reached. */
  readonly milestones: readonly { readonly name: string; readonly dueOn: string }[];
  /** Titles and scores of open risks. */
  readonly risks: readonly { readonly title: string; readonly score: number }[];
  /** Minor units. Null: no budget. */
  readonly budget: number | null;
  readonly actual: number;
  /** 0 to 100 */
  readonly progress: number;
  readonly today: string;
}

/** Returns why a project is not green, in the order of the rules. */
export function reasonsOf(facts: HealthFacts, thresholds: HealthThresholds): Reason[] {
  const overdue = facts.milestones.map(({ name, dueOn }) => ({ name, days: daysBetween(dueOn, facts.today) }));
  const risks = facts.risks.map(({ title, score }) => ({ name: title, days: score }));
  return [
    ...worstOf(facts.lateTasks, thresholds.LATE_DAYS, (count, { name, days }, color) => ({
      rule: "LATE_TASKS",
      color,
      count,
      message: `${counted(count, "task")} of the critical path ${count === 1 ? "is" : "are"} late: ${quote(name)} by ${counted(days, "day")}.`,
    })),
    ...worstOf(overdue, thresholds.OVERDUE_DAYS, (count, { name, days }, color) => ({
      rule: "OVERDUE_MILESTONES",
      color,
      count,
      message: `${counted(count, "milestone")} ${count === 1 ? "is" : "are"} overdue: ${quote(name)} by ${counted(days, "day")}.`,
    })),
    ...budgetReasons(facts, thresholds.BUDGET_POINTS),
    ...worstOf(risks, thresholds.RISK_SCORE, (count, { name, days: score }, color) => ({
      rule: "RISKS",
      color,
      count,
      message: `${counted(count, "open risk")} ${count === 1 ? "is" : "are"} high: ${quote(name)} with the score ${score}.`,
    })),
  ];
}

/** Returns the worst color. */
export const colorOf = (reasons: readonly Reason[]): HealthColor =>
  reasons.some(({ color }) => color === "RED") ? "RED" : reasons.length > 0 ? "AMBER" : "GREEN";

interface Measured {
  readonly name: string;
  readonly days: number;
}

type Threshold = HealthThresholds["LATE_DAYS"];

/** Returns one reason for what reaches a threshold, about the worst of it. */
function worstOf(
  all: readonly Measured[],
  threshold: Threshold,
  reason: (count: number, worst: Measured, color: Reason["color"]) => Reason,
): Reason[] {
  const reached = all
    .filter(({ days }) => days >= Math.min(threshold.AMBER, threshold.RED))
    .toSorted((one, other) => other.days - one.days);
  const [worst] = reached;
  return worst === undefined ? [] : [reason(reached.length, worst, worst.days >= threshold.RED ? "RED" : "AMBER")];
}

function budgetReasons({ budget, actual, progress }: HealthFacts, threshold: Threshold): Reason[] {
  if (budget === null || actual === 0) return [];
  const about = { rule: "BUDGET", count: 1 } as const;
  if (actual > budget) return [{ ...about, color: "RED", message: "More than the budget is spent." }];
  const spent = Math.floor((actual / budget) * 100);
  const points = spent - progress;
  if (points < Math.min(threshold.AMBER, threshold.RED)) return [];
  const color = points >= threshold.RED ? "RED" : "AMBER";
  return [{ ...about, color, message: `${spent} percent of the budget is spent, and ${progress} percent of the work is done.` }];
}

const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? "" : "s"}`;
