import {
  type Calendars,
  type Plan,
  type PlanContents,
  PlanError,
  type PlanHead,
  type PlanTaskRow,
  type Schedule,
  type ScheduledTask,
  type ScheduleDirection,
  schedulePlan,
  toCorePlan,
} from "@weft/engine";
import { BadUserInput } from "@weft/shared/errors";
import { type OutlineEntry, outlineOf, treeOf } from "../project-tasks/task-tree.js";

export type Direction = ScheduleDirection;

/** The plan of a project at one version. Immutable, apart from the schedules, each computed when it is first needed. */
export interface PlannedProject {
  readonly head: PlanHead;
  readonly plan: Plan;
  readonly tasks: ReadonlyMap<string, PlanTaskRow>;
  /** All tasks in the order of the tree. */
  readonly outline: ReadonlyMap<string, OutlineEntry & { readonly place: number }>;
  readonly schedules: Map<Direction, Schedule | PlanError>;
}

export function plannedProject(
  head: PlanHead,
  { tasks: rows, dependencies }: Pick<PlanContents, "tasks" | "dependencies"> = { tasks: [], dependencies: [] },
  calendars: Calendars,
): PlannedProject {
  const tasks = new Map(rows.map((row) => [row.id, row]));
  const outline = outlineOf(treeOf(rows));
  return {
    head,
    tasks,
    outline: new Map(outline.map((entry, place) => [entry.id, { ...entry, place }])),
    schedules: new Map(),
    plan: toCorePlan(head, { tasks: outline.flatMap(({ id }) => tasks.get(id) ?? []), dependencies }, calendars),
  };
}

export const directionOf = ({ head }: PlannedProject): Direction => (head.direction === "BACKWARD" ? "BACKWARD" : "FORWARD");

/** Returns the schedule of a plan. Null if it has none. */
export function findSchedule(planned: PlannedProject, direction: Direction = directionOf(planned)): Schedule | null {
  const schedule = scheduleOrError(planned, direction);
  return schedule instanceof PlanError ? null : schedule;
}

/** Returns the dates of a task. Null if the plan has no schedule, or not the task. */
export function findDates(planned: PlannedProject, taskId: string): ScheduledTask | null {
  const place = planned.outline.get(taskId)?.place;
  return place === undefined ? null : (findSchedule(planned)?.tasks[place] ?? null);
}

/** @throws BadUserInput if the plan has no schedule */
export function getSchedule(planned: PlannedProject, direction: Direction = directionOf(planned)): Schedule {
  const schedule = scheduleOrError(planned, direction);
  if (schedule instanceof PlanError) throw refusedPlan(schedule);
  return schedule;
}

/** Converts the error of a plan without a schedule. A plan that lacks a start or a finish gets one with `updateProjectPlan`. */
export const refusedPlan = ({ code, message }: PlanError): BadUserInput =>
  new BadUserInput([
    code === "NO_ANCHOR"
      ? { path: "direction", message: "The plan has no finish to schedule backward from. Set finishAt with updateProjectPlan." }
      : { path: "projectId", message },
  ]);

function scheduleOrError({ plan, schedules }: PlannedProject, direction: Direction): Schedule | PlanError {
  const known = schedules.get(direction) ?? computed(plan, direction);
  schedules.set(direction, known);
  return known;
}

function computed(plan: Plan, direction: Direction): Schedule | PlanError {
  try {
    return schedulePlan(plan, { direction });
  } catch (error) {
    if (error instanceof PlanError) return error;
    throw error;
  }
}
