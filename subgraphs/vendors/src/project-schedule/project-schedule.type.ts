import { Allow, inherit } from "@weft/api/rules";
import { DateTimeScalar } from "@weft/api/scalars";
import type { Schedule, ScheduledTask as Dates, ScheduleViolation as Violation } from "@weft/engine";
import { Field, Int, ObjectType, registerEnumType } from "type-graphql";
import type { Direction, PlannedProject } from "./planned-project.js";
import { ScheduleDirection } from "./project-plan.type.js";

export const ScheduleViolationKind = {
  START_NO_EARLIER_THAN: "START_NO_EARLIER_THAN",
  START_NO_LATER_THAN: "START_NO_LATER_THAN",
  FINISH_NO_EARLIER_THAN: "FINISH_NO_EARLIER_THAN",
  FINISH_NO_LATER_THAN: "FINISH_NO_LATER_THAN",
  MUST_START_ON: "MUST_START_ON",
  MUST_FINISH_ON: "MUST_FINISH_ON",
  DEADLINE: "DEADLINE",
  PROJECT_FINISH: "PROJECT_FINISH",
} as const satisfies { readonly [Kind in Violation["kind"]]: Kind };

registerEnumType(ScheduleViolationKind, {
  name: "ScheduleViolationKind",
  description: "What a schedule does not meet.",
  valuesConfig: {
    START_NO_EARLIER_THAN: { description: "A constraint of the task." },
    START_NO_LATER_THAN: { description: "A constraint of the task." },
    FINISH_NO_EARLIER_THAN: { description: "A constraint of the task." },
    FINISH_NO_LATER_THAN: { description: "A constraint of the task." },
    MUST_START_ON: { description: "A constraint of the task." },
    MUST_FINISH_ON: { description: "A constraint of the task." },
    DEADLINE: { description: "The deadline of the task." },
    PROJECT_FINISH: { description: "The finish of the plan, scheduled backward." },
  },
});

@ObjectType({ description: "Dates of a project task in a schedule." })
@Allow(inherit)
export class ScheduledTask {
  @Field(() => DateTimeScalar, { description: "Planned start." })
  startAt!: string;

  @Field(() => DateTimeScalar, { description: "Planned finish." })
  finishAt!: string;

  @Field(() => DateTimeScalar, { description: "Earliest start that dependencies and constraints allow." })
  earlyStartAt!: string;

  @Field(() => DateTimeScalar, { description: "Earliest finish." })
  earlyFinishAt!: string;

  @Field(() => DateTimeScalar, { description: "Latest start that does not delay the project." })
  lateStartAt!: string;

  @Field(() => DateTimeScalar, { description: "Latest finish that does not delay the project." })
  lateFinishAt!: string;

  @Field(() => Int, {
    description: "Working minutes by which it can be late without delaying the project. Negative if a date cannot be met.",
  })
  totalSlackMinutes!: number;

  @Field(() => Int, { description: "Working minutes by which it can be late without delaying another task." })
  freeSlackMinutes!: number;

  @Field(() => Boolean, { description: "Whether a delay of the task delays the project." })
  isCritical!: boolean;

  @Field(() => Boolean, { description: "Whether it has subtasks." })
  isSummary!: boolean;

  @Field(() => Int, { description: "Working minutes from start to finish." })
  durationMinutes!: number;

  @Field(() => Int, { description: "How much is done, 0 to 100. For a summary task, that of its subtasks, weighted by duration." })
  percentComplete!: number;

  @Field(() => Int, { description: "Number of tasks around it." })
  depth!: number;

  @Field(() => String, { description: "Its place in the plan: the numbers of the tasks around it and its own, for example `1.2.3`." })
  wbsCode!: string;

  /** UUIDs, for resolvers. */
  taskId!: string;
}

@ObjectType({ description: "A date that a schedule does not meet." })
@Allow(inherit)
export class ScheduleViolation {
  @Field(() => ScheduleViolationKind, { description: "What is not met." })
  kind!: Violation["kind"];

  @Field(() => DateTimeScalar, { description: "The date that is not met." })
  at!: string;

  @Field(() => Int, { description: "By how many working minutes." })
  byMinutes!: number;

  /** UUID, for resolvers. */
  taskId!: string;
}

@ObjectType({ description: "Schedule of a project, computed from its plan by the critical path method." })
@Allow(inherit)
export class ProjectSchedule {
  @Field(() => Int, { description: "Version of the plan from which it was computed." })
  planVersion!: number;

  @Field(() => ScheduleDirection, { description: "From where the dates were computed." })
  direction!: Direction;

  @Field(() => DateTimeScalar, { description: "Start of the project." })
  startAt!: string;

  @Field(() => DateTimeScalar, { description: "Finish of the project: the latest of a task." })
  finishAt!: string;

  @Field(() => [ScheduledTask], { description: "All tasks in the order of the plan, with summary tasks. At most 5,000." })
  tasks!: ScheduledTask[];

  @Field(() => [ScheduledTask], { description: "Tasks that determine the finish of the project, each the dates of the next one." })
  criticalPath!: ScheduledTask[];

  @Field(() => [ScheduleViolation], { description: "Dates that are not met." })
  violations!: ScheduleViolation[];

  /** For resolvers. */
  planned!: PlannedProject;
  schedule!: Schedule;
}

export function toScheduledTask({ outline }: PlannedProject, dates: Dates): ScheduledTask {
  const { depth = 0, wbsCode = "" } = outline.get(dates.taskId) ?? {};
  return Object.assign(new ScheduledTask(), dates, { depth, wbsCode });
}

export const toViolation = (violation: Violation): ScheduleViolation => Object.assign(new ScheduleViolation(), violation);

/** Converts a schedule to its API type. */
export function toSchedule(planned: PlannedProject, schedule: Schedule): ProjectSchedule {
  const tasks = schedule.tasks.map((dates) => toScheduledTask(planned, dates));
  const byId = new Map(tasks.map((task) => [task.taskId, task]));
  const { direction, startAt, finishAt } = schedule;
  return Object.assign(new ProjectSchedule(), {
    planVersion: planned.head.version ?? 0,
    direction,
    startAt,
    finishAt,
    tasks,
    criticalPath: schedule.criticalPath.flatMap((id) => byId.get(id) ?? []),
    violations: schedule.violations.map(toViolation),
    planned,
    schedule,
  });
}
