import type { BaselineSnapshot, ScopeBudget } from "@weft/drizzle";
import type { Plan, Schedule } from "@weft/engine";
import { type Estimates, workOf } from "../project-schedule/work-of.js";

export interface Planning {
  readonly plan: Plan;
  readonly schedule: Schedule;
  readonly estimates: Estimates;
}

/** Returns what a baseline keeps of a schedule. */
export function snapshotOf({ plan, schedule, estimates }: Planning, name: string, budget: ScopeBudget | null): BaselineSnapshot {
  const work = workOf(plan, estimates);
  return {
    name,
    startAt: schedule.startAt,
    finishAt: schedule.finishAt,
    workMinutes: work.total,
    budgetAmount: budget?.amount ?? null,
    currency: budget?.currency ?? null,
    tasks: plan.tasks.flatMap((task, place) => {
      const dates = schedule.tasks[place];
      if (!dates) return [];
      const { startAt, finishAt } = dates;
      return [{ taskId: task.id, name: task.name, startAt, finishAt, workMinutes: work.byTask.get(task.id) ?? 0 }];
    }),
  };
}
