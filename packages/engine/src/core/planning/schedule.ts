/**
 * Planning: decides when the tasks of a project start and finish, which of them are critical, and which dates cannot be met, by the critical path method.
 * The other files of the module find cycles, preview changes and draw the plan as a Gantt chart.
 * This module reads no clock, and never decides who works on a task.
 */
import { backwardPass } from "./backward-pass.js";
import { compilePlan, type CompiledPlan, type CompiledTask } from "./compile.js";
import { criticalPathOf } from "./critical-path.js";
import { finishOf, positionOf, startOf, type Dates } from "./dates.js";
import { forwardPass } from "./forward-pass.js";
import { momentOf } from "./minutes.js";
import type { Plan, Schedule, ScheduledTask, ScheduleOptions } from "./plan.js";
import { percentOf, rowsOf, type Passes, type Row } from "./roll-up.js";
import { slackOf } from "./slack.js";
import { violationsOf } from "./violations.js";

/** Computes the schedule of a plan. @throws PlanError if it has none: see its codes */
export function schedulePlan(plan: Plan, { direction }: ScheduleOptions): Schedule {
  const compiled = compilePlan(plan, direction);
  const passes = direction === "FORWARD" ? scheduleForward(compiled) : scheduleBackward(compiled);
  const rows = rowsOf(compiled, passes);
  const isCritical = rows.map((row, node) => row.isCritical && !compiled.network.isSummary[node]);
  const starts = direction === "FORWARD" ? [compiled.anchor] : [];
  const textOf = momentTexts();
  return {
    direction,
    startAt: textOf(least([...starts, ...rows.map(({ start }) => start)], compiled.anchor)),
    finishAt: textOf(
      greatest(
        rows.map(({ finish }) => finish),
        compiled.anchor,
      ),
    ),
    tasks: compiled.tasks.flatMap((task, node) => {
      const row = rows[node];
      return row ? [scheduledTask(task, row, compiled.network.isSummary[node] === true, textOf)] : [];
    }),
    criticalPath: criticalPathOf(compiled, passes.early, isCritical).flatMap((node) => compiled.tasks[node]?.task.id ?? []),
    violations: violationsOf(compiled, direction, rows),
  };
}

/** As early as possible, but tasks with `ALAP` as late as the planned dates of their successors allow. */
function scheduleForward(plan: CompiledPlan): Passes {
  const early = forwardPass(plan, plan.anchor);
  const finish = greatest(
    leafDates(plan, (node) => finishOf(early, node)),
    plan.anchor,
  );
  const late = lateDates(plan, finish);
  const choose = (node: number, latest: number): number => {
    const earliest = positionOf(early, node);
    const task = plan.tasks[node];
    return task?.task.constraint.kind === "ALAP" && task.actualStart === null ? Math.max(earliest, latest) : earliest;
  };
  const hasLate = plan.tasks.some(({ task }) => task.constraint.kind === "ALAP");
  const planned = hasLate ? backwardPass(plan, { to: finish, finishCapOf, choose }) : early;
  return { early, late, planned, slack: slackOf(plan, early, late, finish) };
}

/**
 * As late as possible, but tasks with `ASAP` as early as the planned dates of their predecessors allow. If early dates are later than late dates, the
 * early ones count: no task starts before its predecessors allow, in either direction.
 */
function scheduleBackward(plan: CompiledPlan): Passes {
  const late = lateDates(plan, plan.anchor);
  const start = least(
    leafDates(plan, (node) => startOf(late, node)),
    plan.anchor,
  );
  const early = forwardPass(plan, start);
  const planned = forwardPass(plan, start, (node, earliest) => {
    const task = plan.tasks[node];
    const isFixed = task === undefined || task.actualStart !== null || task.task.constraint.kind === "ASAP";
    return isFixed ? earliest : Math.max(earliest, positionOf(late, node));
  });
  return { early, late, planned, slack: slackOf(plan, early, late, plan.anchor) };
}

const finishCapOf = ({ finishCap }: CompiledTask): number => finishCap;

function lateDates(plan: CompiledPlan, to: number): Dates {
  return backwardPass(plan, {
    to,
    finishCapOf,
    choose: (node, latest) => {
      const task = plan.tasks[node];
      if (!task || task.actualStart !== null || task.startCap === Infinity) return latest;
      return Math.min(latest, task.line.positionAt(task.startCap) + task.duration);
    },
  });
}

const leafDates = ({ network }: CompiledPlan, dateOf: (node: number) => number): number[] =>
  network.isSummary.flatMap((isSummary, node) => (isSummary ? [] : [dateOf(node)]));

const least = (values: readonly number[], none: number): number => values.reduce((a, b) => Math.min(a, b), values[0] ?? none);
const greatest = (values: readonly number[], none: number): number => values.reduce((a, b) => Math.max(a, b), values[0] ?? none);

function scheduledTask(
  { task, calendar, duration }: CompiledTask,
  row: Row,
  isSummary: boolean,
  textOf: (minute: number) => string,
): ScheduledTask {
  return {
    taskId: task.id,
    startAt: textOf(row.start),
    finishAt: textOf(row.finish),
    earlyStartAt: textOf(row.earlyStart),
    earlyFinishAt: textOf(row.earlyFinish),
    lateStartAt: textOf(row.lateStart),
    lateFinishAt: textOf(row.lateFinish),
    totalSlackMinutes: Number.isFinite(row.totalSlack) ? row.totalSlack : 0,
    freeSlackMinutes: Number.isFinite(row.freeSlack) ? row.freeSlack : 0,
    isCritical: row.isCritical,
    isSummary,
    isMilestone: !isSummary && duration === 0,
    durationMinutes: isSummary ? calendar.positionAt(row.finish) - calendar.positionAt(row.start) : duration,
    percentComplete: percentOf(row),
  };
}

/** Many tasks share a moment, and many moments a day. Formatting each date was a fifth of the time that a schedule of 5,000 tasks took. */
function momentTexts(): (minute: number) => string {
  const moments = new Map<number, string>();
  const days = new Map<number, string>();
  const dayOf = (day: number): string => {
    const text = days.get(day) ?? momentOf(day * DAY_MINUTES).slice(0, -"00:00:00.000Z".length);
    days.set(day, text);
    return text;
  };
  return (minute) => {
    const known = moments.get(minute);
    if (known !== undefined) return known;
    const day = Math.floor(minute / DAY_MINUTES);
    const left = minute - day * DAY_MINUTES;
    const text = `${dayOf(day)}${twoDigits(Math.floor(left / 60))}:${twoDigits(left % 60)}:00.000Z`;
    moments.set(minute, text);
    return text;
  };
}

const DAY_MINUTES = 1440;
const twoDigits = (value: number): string => (value < 10 ? `0${value}` : `${value}`);
