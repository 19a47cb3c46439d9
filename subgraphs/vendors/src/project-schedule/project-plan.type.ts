import { Allow, DateTimeScalar, inherit, payloadOf } from "@weft/shared";
import { Field, ID, InputType, Int, ObjectType, registerEnumType } from "type-graphql";
import { type Direction, directionOf, type PlannedProject } from "./planned-project.js";

export const ScheduleDirection = { FORWARD: "FORWARD", BACKWARD: "BACKWARD" } as const;

registerEnumType(ScheduleDirection, {
  name: "ScheduleDirection",
  description: "From where the dates of a plan are computed.",
  valuesConfig: {
    FORWARD: { description: "From the start: tasks are as early as possible." },
    BACKWARD: { description: "From the finish: tasks are as late as possible." },
  },
});

@ObjectType({ description: "Settings by which the tasks of a project are scheduled." })
@Allow(inherit)
export class ProjectPlan {
  @Field(() => Int, {
    description: "Version number, incremented on every change of the settings, of a task, and of a dependency. 0: nothing was planned yet.",
  })
  version!: number;

  @Field(() => ScheduleDirection, { description: "From where the dates are computed." })
  direction!: Direction;

  @Field(() => DateTimeScalar, {
    description: "Start of the plan. By default the start of the project's first day, or its creation time if it has none.",
  })
  startAt!: string;

  @Field(() => DateTimeScalar, { nullable: true, description: "Finish of the plan, from which it is scheduled backward." })
  finishAt!: string | null;

  @Field(() => String, { nullable: true, description: "Name of the calendar. Null: the calendar of the organization." })
  calendar!: string | null;
}

@ObjectType({ description: "How far a project is, computed from its tasks without subtasks." })
@Allow(inherit)
export class ProjectProgress {
  @Field(() => Int, { description: "Percentage of the work that is done, weighted by duration. 0 if there are no tasks." })
  percentComplete!: number;

  @Field(() => Int, { description: "Number of tasks." })
  taskCount!: number;

  @Field(() => Int, { description: "Number of tasks that have begun and are not complete." })
  startedCount!: number;

  @Field(() => Int, { description: "Number of complete tasks." })
  doneCount!: number;
}

@InputType({ description: "Input of `updateProjectPlan`. Omitted fields keep their values." })
export class UpdateProjectPlanInput {
  @Field(() => ID, { description: "The project." })
  projectId!: string;

  @Field(() => Int, {
    nullable: true,
    description: "Version of the plan that you last read. The call fails with `CONFLICT` if the current version differs.",
  })
  expectedVersion?: number | null;

  @Field(() => ScheduleDirection, { nullable: true, description: "New direction. `BACKWARD` requires a finish." })
  direction?: Direction | null;

  @Field(() => DateTimeScalar, {
    nullable: true,
    description: "New start. Null: the start of the project's first day, or its creation time if it has none.",
  })
  startAt?: string | null;

  @Field(() => DateTimeScalar, { nullable: true, description: "New finish. Null removes it." })
  finishAt?: string | null;

  @Field(() => String, { nullable: true, description: "New calendar of the configuration. Null: the calendar of the organization." })
  calendar?: string | null;
}

/** Converts the settings of a plan to their API type. */
export function toPlan(planned: PlannedProject): ProjectPlan {
  const { version, finishAt, calendar } = planned.head;
  const direction = directionOf(planned);
  return Object.assign(new ProjectPlan(), { version: version ?? 0, direction, startAt: planned.plan.startAt, finishAt, calendar });
}

export const ProjectPlanPayload = payloadOf(ProjectPlan, "plan");
export type ProjectPlanPayload = InstanceType<typeof ProjectPlanPayload>;
