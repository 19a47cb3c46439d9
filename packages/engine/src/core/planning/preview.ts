import { between, linesOf } from "./lines.js";
import { minuteOf, momentOf } from "./minutes.js";
import {
  PlanError,
  type Plan,
  type PlanChange,
  type PlanTask,
  type Schedule,
  type ScheduledTask,
  type ScheduleOptions,
  type ScheduleViolation,
  type ShiftedTask,
  type ShiftPreview,
} from "./plan.js";
import { schedulePlan } from "./schedule.js";
import type { WorkingLine } from "./working-line.js";

/** `before`: the schedule of the plan without the change, if the caller has it. */
type PreviewOptions = ScheduleOptions & { readonly before?: Schedule };

/**
 * Returns what a change of one task would do to the plan. As in other planning tools, a new start becomes the constraint of the task, in place of the one
 * it has: `START_NO_EARLIER_THAN` scheduled forward, `FINISH_NO_LATER_THAN` scheduled backward. So a task goes to its new start unless its dependencies
 * don't allow it, and one that has begun stays.
 * @throws PlanError if there is no such task, or no schedule
 */
export function previewShift(plan: Plan, change: PlanChange, { before: known, ...options }: PreviewOptions): ShiftPreview {
  const before = known ?? schedulePlan(plan, options);
  const index = plan.tasks.findIndex(({ id }) => id === change.taskId);
  const [task, scheduled] = [plan.tasks[index], before.tasks[index]];
  if (!task || !scheduled) throw new PlanError("UNKNOWN_TASK", `The plan has no task "${change.taskId}".`, [change.taskId]);
  const line = linesOf(plan, before.startAt)(task);
  const tasks = plan.tasks.with(index, changed(task, scheduled, change, options, line));
  return comparePlans(plan, { ...plan, tasks }, { ...options, before });
}

/** Returns what another version of a plan would do to its dates. Tasks that only one of them has are not shifted. @throws PlanError if one has no schedule */
export function comparePlans(plan: Plan, changedPlan: Plan, { before: known, ...options }: PreviewOptions): ShiftPreview {
  const before = known ?? schedulePlan(plan, options);
  const schedule = schedulePlan(changedPlan, options);
  const lines = linesOf(plan, before.startAt);
  const projectLine = lines({ calendar: null });
  const after = new Map(schedule.tasks.map((task) => [task.taskId, task]));
  return {
    schedule,
    shiftedTasks: plan.tasks.flatMap((one, place) => {
      const [from, to] = [before.tasks[place], after.get(one.id)];
      return from && to ? shifted(from, to, lines(one)) : [];
    }),
    finish: { from: before.finishAt, to: schedule.finishAt, byMinutes: between(projectLine, before.finishAt, schedule.finishAt) },
    newViolations: newOrLarger(before.violations, schedule.violations),
  };
}

function changed(
  task: PlanTask,
  scheduled: ScheduledTask,
  change: PlanChange,
  { direction }: ScheduleOptions,
  line: WorkingLine,
): PlanTask {
  if (change.kind === "DURATION") return { ...task, durationMinutes: change.durationMinutes };
  const start =
    change.kind === "START" ? minuteOf(change.startAt) : line.startAt(line.positionAt(minuteOf(scheduled.startAt)) + change.byMinutes);
  if (direction === "FORWARD") return { ...task, constraint: { kind: "START_NO_EARLIER_THAN", at: momentOf(start) } };
  const finish = scheduled.isMilestone ? start : line.finishAt(line.positionAt(start) + scheduled.durationMinutes);
  return { ...task, constraint: { kind: "FINISH_NO_LATER_THAN", at: momentOf(finish) } };
}

function shifted({ taskId, ...from }: ScheduledTask, to: ScheduledTask, line: WorkingLine): ShiftedTask[] {
  if (from.startAt === to.startAt && from.finishAt === to.finishAt) return [];
  return [
    {
      taskId,
      from: { startAt: from.startAt, finishAt: from.finishAt },
      to: { startAt: to.startAt, finishAt: to.finishAt },
      byMinutes: between(line, from.startAt, to.startAt),
    },
  ];
}

function newOrLarger(before: readonly ScheduleViolation[], after: readonly ScheduleViolation[]): ScheduleViolation[] {
  const keyOf = ({ taskId, kind }: ScheduleViolation): string => `${kind} ${taskId}`;
  const known = new Map(before.map((violation) => [keyOf(violation), violation.byMinutes]));
  return after.filter((violation) => violation.byMinutes > (known.get(keyOf(violation)) ?? 0));
}
