import { calendarNamed } from "../calendar/compile.js";
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
import { WorkingLine } from "./working-line.js";

/**
 * Returns what a change of one task would do to the plan. As in other planning tools, a new start becomes the constraint of the task, in place of the one
 * it has: `START_NO_EARLIER_THAN` scheduled forward, `FINISH_NO_LATER_THAN` scheduled backward. So a task goes to its new start unless its dependencies
 * don't allow it, and one that has begun stays.
 * @throws PlanError if there is no such task, or no schedule
 */
export function previewShift(plan: Plan, change: PlanChange, options: ScheduleOptions): ShiftPreview {
  const before = schedulePlan(plan, options);
  const index = plan.tasks.findIndex(({ id }) => id === change.taskId);
  const [task, scheduled] = [plan.tasks[index], before.tasks[index]];
  if (!task || !scheduled) throw new PlanError("UNKNOWN_TASK", `The plan has no task "${change.taskId}".`, [change.taskId]);
  const lines = linesOf(plan, before);
  const tasks = plan.tasks.with(index, changed(task, scheduled, change, options, lines(task)));
  const schedule = schedulePlan({ ...plan, tasks }, options);
  const projectLine = lines({ calendar: null });
  return {
    schedule,
    shiftedTasks: plan.tasks.flatMap((one, place) => {
      const [from, to] = [before.tasks[place], schedule.tasks[place]];
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

const between = (line: WorkingLine, from: string, to: string): number => line.positionAt(minuteOf(to)) - line.positionAt(minuteOf(from));

function linesOf({ calendars }: Plan, { startAt }: Schedule): (task: Pick<PlanTask, "calendar">) => WorkingLine {
  const lines = new Map<string | null, WorkingLine>();
  return ({ calendar }) => {
    const line = lines.get(calendar) ?? new WorkingLine(calendarNamed(calendars, calendar), minuteOf(startAt));
    lines.set(calendar, line);
    return line;
  };
}
