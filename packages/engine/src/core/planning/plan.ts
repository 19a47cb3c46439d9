/** The types of project plans: what is planned, and the schedule that is computed from it. Moments are ISO 8601 with zone. */
import type { Calendars } from "../model/calendar.js";

/** The kinds of constraints of a task, by the names that planning tools use. */
export const CONSTRAINT_KINDS = [
  "ASAP",
  "ALAP",
  "START_NO_EARLIER_THAN",
  "START_NO_LATER_THAN",
  "FINISH_NO_EARLIER_THAN",
  "FINISH_NO_LATER_THAN",
  "MUST_START_ON",
  "MUST_FINISH_ON",
] as const;
export type ConstraintKind = (typeof CONSTRAINT_KINDS)[number];

/**
 * What ties a successor to its predecessor: `FS` its start to the finish of the predecessor, `SS` its start to the start, `FF` its finish to the finish,
 * `SF` its finish to the start.
 */
export const DEPENDENCY_KINDS = ["FS", "SS", "FF", "SF"] as const;
export type DependencyKind = (typeof DEPENDENCY_KINDS)[number];

/**
 * `FORWARD` from the start of the project: tasks are planned as early as possible, except those with `ALAP`. `BACKWARD` from its finish: as late as
 * possible, except those with `ASAP`. So new tasks of a plan that is scheduled backward should have `ALAP`.
 */
export type ScheduleDirection = "FORWARD" | "BACKWARD";
export type ScheduleOptions = { readonly direction: ScheduleDirection };

export type TimeSpan = { readonly startAt: string; readonly finishAt: string };

/** `at` is null for `ASAP` and `ALAP`, which need no moment. */
export type PlanConstraint = { readonly kind: ConstraintKind; readonly at: string | null };

/** A task. One that is the parent of another is a summary task: its dates, duration and percentage are those of its children. */
export type PlanTask = {
  readonly id: string;
  readonly name: string;
  /** The summary task that contains it; null at the top level. */
  readonly parentId: string | null;
  /** Working minutes of its calendar, a whole number. 0 is a milestone. Ignored for summary tasks. */
  readonly durationMinutes: number;
  /**
   * For a summary task, `START_NO_EARLIER_THAN` and `MUST_START_ON` are the earliest start of all its children, `FINISH_NO_LATER_THAN` and
   * `MUST_FINISH_ON` their latest finish. The other kinds are only compared with its dates.
   */
  readonly constraint: PlanConstraint;
  /** When the task should be finished. Later dates are a violation; the deadline limits the late finish. Null if there is none. */
  readonly deadlineAt: string | null;
  /** Name of its own calendar, one of `Plan.calendars.named`. Null, and a name that is not there: the project's. */
  readonly calendar: string | null;
  /** When work began. The start is then fixed, and dependencies can delay the finish only. Ignored for summary tasks. */
  readonly actualStartAt: string | null;
  /** When work ended. The task then is where it was, whatever its dependencies and constraints. Ignored for summary tasks. */
  readonly actualFinishAt: string | null;
  /** 0 to 100. Moves no date, with one exception: a task at 100 that has begun has ended when its duration had passed. */
  readonly percentComplete: number;
  /** Dates of the approved plan, with which the current ones are compared in the Gantt chart. Null if there are none. */
  readonly baseline: TimeSpan | null;
};

export type PlanDependency = {
  readonly predecessorId: string;
  readonly successorId: string;
  readonly kind: DependencyKind;
  /** Working minutes of the project's calendar between the two; negative for an overlap. A whole number. */
  readonly lagMinutes: number;
};

/** A plan. Everything is counted in whole minutes: seconds of its moments are dropped. The order of tasks is that of the Gantt chart. */
export type Plan = {
  /** Name of the project, the title of the Gantt chart. */
  readonly name: string;
  readonly tasks: readonly PlanTask[];
  /** A dependency on a summary task applies to all its children, and so does a dependency of a summary task. */
  readonly dependencies: readonly PlanDependency[];
  /** `standard` is the calendar of the project. */
  readonly calendars: Calendars;
  /** Needed to schedule forward: no task that has not begun starts earlier. */
  readonly startAt: string | null;
  /** Needed to schedule backward: no task finishes later, if that is possible. */
  readonly finishAt: string | null;
};

export type ScheduledTask = TimeSpan & {
  readonly taskId: string;
  /** The earliest dates that dependencies, constraints and the start of the project allow. */
  readonly earlyStartAt: string;
  readonly earlyFinishAt: string;
  /** The latest dates that delay neither the finish of the project nor a deadline or constraint. */
  readonly lateStartAt: string;
  readonly lateFinishAt: string;
  /** Working minutes of its calendar from early to late dates. Negative if a date cannot be met. For a summary task, the least of its children. */
  readonly totalSlackMinutes: number;
  /** Working minutes by which the task can be later than its early dates without delaying the early dates of a successor. */
  readonly freeSlackMinutes: number;
  /** Whether it has no total slack and is not finished. A summary task: whether one of its children is critical. */
  readonly isCritical: boolean;
  readonly isSummary: boolean;
  readonly isMilestone: boolean;
  /** Working minutes from start to finish for a summary task, by its calendar. */
  readonly durationMinutes: number;
  /** For a summary task, that of its children by duration. A whole number. */
  readonly percentComplete: number;
};

/** `DEADLINE`: of the task. `PROJECT_FINISH`: the finish from which a plan was scheduled backward. */
export type ViolationKind = Exclude<ConstraintKind, "ASAP" | "ALAP"> | "DEADLINE" | "PROJECT_FINISH";

/** A date that the schedule does not meet. Dependencies and what has happened take precedence over dates. */
export type ScheduleViolation = {
  readonly taskId: string;
  readonly kind: ViolationKind;
  /** The date that is not met. */
  readonly at: string;
  /** By how many working minutes of the task's calendar. Positive. */
  readonly byMinutes: number;
};

export type Schedule = {
  readonly direction: ScheduleDirection;
  /** The given start or the earliest of a task, whichever is earlier; scheduled backward, the earliest of a task. */
  readonly startAt: string;
  /** The latest finish of a task. */
  readonly finishAt: string;
  /** In the order of the plan, with summary tasks. */
  readonly tasks: readonly ScheduledTask[];
  /** IDs of critical tasks, each of which determines the dates of the next one, up to the last to finish. */
  readonly criticalPath: readonly string[];
  /** In the order of the plan. */
  readonly violations: readonly ScheduleViolation[];
};

/**
 * What a preview changes about one task. `START`: it starts no earlier than a moment (scheduled backward: it finishes no later than it then would).
 * `SHIFT`: the same, by working minutes of its calendar from its current start. `DURATION`: its duration, which a summary task does not have.
 */
export type PlanChange =
  | { readonly kind: "START"; readonly taskId: string; readonly startAt: string }
  | { readonly kind: "SHIFT"; readonly taskId: string; readonly byMinutes: number }
  | { readonly kind: "DURATION"; readonly taskId: string; readonly durationMinutes: number };

export type ShiftedTask = {
  readonly taskId: string;
  readonly from: TimeSpan;
  readonly to: TimeSpan;
  /** Working minutes of its calendar from the earlier start to the new one; negative if it is earlier now. */
  readonly byMinutes: number;
};

export type ShiftPreview = {
  /** The schedule with the change. */
  readonly schedule: Schedule;
  /** Tasks whose start or finish changes, in the order of the plan. */
  readonly shiftedTasks: readonly ShiftedTask[];
  /** The finish of the project, and by how many working minutes of its calendar it is later. */
  readonly finish: { readonly from: string; readonly to: string; readonly byMinutes: number };
  /** Violations that the change causes or increases. */
  readonly newViolations: readonly ScheduleViolation[];
};

export type PlanErrorCode = "CYCLE" | "UNKNOWN_TASK" | "NO_ANCHOR" | "NO_WORKING_TIME" | "TOO_LONG";

/** A plan that has no schedule. `taskIds`: the tasks of the cycle in order, or those that are meant. */
export class PlanError extends Error {
  override readonly name = "PlanError";

  constructor(
    readonly code: PlanErrorCode,
    message: string,
    readonly taskIds: readonly string[] = [],
  ) {
    super(message);
  }
}
