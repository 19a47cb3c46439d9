/** A plan in numbers: its network, and for each task its line, its bounds and what has happened. Moments are minutes since the epoch. */
import { alwaysCalendar, calendarNamed } from "../calendar/compile.js";
import type { Calendar } from "../model/calendar.js";
import { cycleOf } from "./find-cycle.js";
import { minuteOf } from "./minutes.js";
import { isComplete, networkOf, type Network } from "./network.js";
import { PlanError, type Plan, type PlanTask, type ScheduleDirection } from "./plan.js";
import { WorkingLine } from "./working-line.js";

/** A milestone takes no working time, so it can be at any moment. */
const EVERY_MINUTE = alwaysCalendar("UTC");

export type CompiledTask = {
  readonly task: PlanTask;
  /** Calendar by which slack and violations count. */
  readonly calendar: WorkingLine;
  /** The line on which it is placed: its calendar's, but every minute for a milestone. */
  readonly line: WorkingLine;
  readonly duration: number;
  /** What has happened. A task with a finish is not moved at all. */
  readonly actualStart: number | null;
  readonly actualFinish: number | null;
  /** Bounds of the constraint. For a summary task they apply to its children. */
  readonly startFloor: number;
  readonly finishFloor: number;
  readonly startCap: number;
  readonly finishCap: number;
};

export type CompiledPlan = {
  readonly network: Network;
  readonly tasks: readonly CompiledTask[];
  readonly project: WorkingLine;
  /** The given start, or the given finish if it is scheduled backward. */
  readonly anchor: number;
};

/** @throws PlanError if the plan has no schedule */
export function compilePlan(plan: Plan, direction: ScheduleDirection): CompiledPlan {
  const anchorAt = direction === "FORWARD" ? plan.startAt : plan.finishAt;
  if (anchorAt === null) {
    const missing = direction === "FORWARD" ? "start" : "finish";
    throw new PlanError("NO_ANCHOR", `The plan has no ${missing}. Set the ${missing} of the project, or schedule in the other direction.`);
  }
  const network = networkOf(plan.tasks, plan.dependencies);
  if (!isComplete(network)) {
    const cycle = cycleOf(plan.tasks, network);
    throw new PlanError("CYCLE", `Tasks depend on each other in a circle: ${cycle.join(", ")}. Delete one of the dependencies.`, cycle);
  }
  const anchor = minuteOf(anchorAt);
  const lines = new Map<Calendar, WorkingLine>();
  const lineOf = (calendar: Calendar): WorkingLine => {
    const line = lines.get(calendar) ?? new WorkingLine(calendar, anchor);
    lines.set(calendar, line);
    return line;
  };
  const compiled = plan.tasks.map((task, index): CompiledTask => {
    const calendar = lineOf(calendarNamed(plan.calendars, task.calendar));
    const isSummary = network.isSummary[index] === true;
    const duration = isSummary ? 0 : task.durationMinutes;
    const line = duration === 0 && !isSummary ? lineOf(EVERY_MINUTE) : calendar;
    const actual = isSummary ? { actualStart: null, actualFinish: null } : actualOf(task, line);
    return { task, calendar, line, duration, ...actual, ...boundsOf(task, isSummary) };
  });
  return { network, tasks: compiled, project: lineOf(plan.calendars.standard), anchor };
}

function actualOf(task: PlanTask, line: WorkingLine): Pick<CompiledTask, "actualStart" | "actualFinish"> {
  const { durationMinutes: duration, actualStartAt, actualFinishAt, percentComplete } = task;
  const start = actualStartAt === null ? null : minuteOf(actualStartAt);
  if (actualFinishAt !== null) {
    const finish = minuteOf(actualFinishAt);
    return { actualStart: Math.min(start ?? startBefore(line, finish, duration), finish), actualFinish: finish };
  }
  if (start === null) return { actualStart: null, actualFinish: null };
  // A milestone that has begun has been reached.
  if (duration === 0) return { actualStart: start, actualFinish: start };
  const ended = percentComplete >= 100 ? line.finishAt(line.positionAt(start) + duration) : null;
  return { actualStart: start, actualFinish: ended };
}

const startBefore = (line: WorkingLine, finish: number, duration: number): number => line.startAt(line.positionAt(finish) - duration);

type Bounds = Pick<CompiledTask, "startFloor" | "finishFloor" | "startCap" | "finishCap">;
const FREE: Bounds = { startFloor: -Infinity, finishFloor: -Infinity, startCap: Infinity, finishCap: Infinity };

function boundsOf({ constraint: { kind, at }, deadlineAt }: PlanTask, isSummary: boolean): Bounds {
  const own = at === null ? FREE : constraintBounds(kind, minuteOf(at), isSummary);
  return deadlineAt === null ? own : { ...own, finishCap: Math.min(own.finishCap, minuteOf(deadlineAt)) };
}

/** A summary task starts with its first child and finishes with its last, so its latest start and its earliest finish do not bind each of them. */
function constraintBounds(kind: PlanTask["constraint"]["kind"], at: number, isSummary: boolean): Bounds {
  switch (kind) {
    case "ASAP":
    case "ALAP":
      return FREE;
    case "START_NO_EARLIER_THAN":
      return { ...FREE, startFloor: at };
    case "FINISH_NO_LATER_THAN":
      return { ...FREE, finishCap: at };
    case "START_NO_LATER_THAN":
      return isSummary ? FREE : { ...FREE, startCap: at };
    case "FINISH_NO_EARLIER_THAN":
      return isSummary ? FREE : { ...FREE, finishFloor: at };
    case "MUST_START_ON":
      return isSummary ? { ...FREE, startFloor: at } : { ...FREE, startFloor: at, startCap: at };
    case "MUST_FINISH_ON":
      return isSummary ? { ...FREE, finishCap: at } : { ...FREE, finishFloor: at, finishCap: at };
  }
}
