import { varianceOf } from "@weft/engine";
import { findSchedule, type PlannedProject } from "../project-schedule/planned-project.js";
import { estimatesOf, workOf } from "../project-schedule/work-of.js";
import type { BaselineRow, BaselineTaskRow } from "./baseline.store.js";
import { BaselineTask } from "./baseline.type.js";

export interface BaselineVariance {
  /** Null if the plan has no schedule. */
  readonly startByMinutes: number | null;
  readonly finishByMinutes: number | null;
  readonly workByMinutes: number;
  /** The tasks of the baseline, then those that were added later. */
  readonly tasks: readonly BaselineTask[];
}

/** Compares the current plan of a project with a baseline. */
export function compareWithBaseline(planned: PlannedProject, baseline: BaselineRow, rows: readonly BaselineTaskRow[]): BaselineVariance {
  const schedule = findSchedule(planned);
  const work = workOf(planned.plan, estimatesOf(planned.tasks.values()));
  const dates = new Map(schedule?.tasks.map((task) => [task.taskId, task]));
  const earlier = new Map(rows.map(({ taskId, startAt, finishAt }) => [taskId, { startAt, finishAt }]));
  const variance =
    schedule && varianceOf(planned.plan, schedule, { startAt: baseline.startAt, finishAt: baseline.finishAt, tasks: earlier });
  const added = planned.plan.tasks.filter(({ id }) => !earlier.has(id)).map(({ id, name }) => ({ taskId: id, name }));
  return {
    startByMinutes: variance?.total.startByMinutes ?? null,
    finishByMinutes: variance?.total.finishByMinutes ?? null,
    workByMinutes: work.total - baseline.workMinutes,
    tasks: [...rows, ...added.map((row) => ({ ...row, startAt: null, finishAt: null, workMinutes: null }))].map((row) => {
      const { taskId, name, startAt, finishAt, workMinutes } = row;
      return Object.assign(new BaselineTask(), {
        taskId,
        name,
        startAt,
        finishAt,
        workMinutes,
        plannedStartAt: dates.get(taskId)?.startAt ?? null,
        plannedFinishAt: dates.get(taskId)?.finishAt ?? null,
        startVarianceMinutes: variance?.tasks.get(taskId)?.startByMinutes ?? null,
        finishVarianceMinutes: variance?.tasks.get(taskId)?.finishByMinutes ?? null,
        workVarianceMinutes: (work.byTask.get(taskId) ?? 0) - (workMinutes ?? 0),
      });
    }),
  };
}
