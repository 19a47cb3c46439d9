import { column, columns, shapeOf, ShowColumns, updateInputOf } from "@weft/api/columns";
import { payloadOf } from "@weft/api/inputs";
import { Allow, inherit } from "@weft/api/rules";
import { Field, Int, ObjectType, registerEnumType } from "type-graphql";
import { directionOf, type PlannedProject } from "./planned-project.js";

export const ScheduleDirection = { FORWARD: "FORWARD", BACKWARD: "BACKWARD" } as const;

registerEnumType(ScheduleDirection, {
  name: "ScheduleDirection",
  description: "From where the dates of a plan are computed.",
  valuesConfig: {
    FORWARD: { description: "From the start: tasks are as early as possible." },
    BACKWARD: { description: "From the finish: tasks are as late as possible." },
  },
});

const isKey = { shown: false, created: false, isKey: true } as const;

export const planColumns = columns({
  projectId: column.id("The project.", { ...isKey, requiredInUpdate: true }),
  expectedVersion: column.int(
    "Version of the plan that you last read. The call fails with `CONFLICT` if the current version differs.",
    isKey,
  ),
  ...column.shownOnly({
    version: column.int(
      "Version number, incremented on every change of the settings, of a task, and of a dependency. 0: nothing was planned yet.",
    ),
  }),
  direction: column.of(() => ScheduleDirection, "From where the dates are computed.", {
    updated: "New direction. `BACKWARD` requires a finish.",
  }),
  startAt: column.time("Start of the plan. By default the start of the project's first day, or its creation time if it has none.", {
    nullable: true,
    shownNullable: false,
    updated: "New start. Null: the start of the project's first day, or its creation time if it has none.",
  }),
  finishAt: column.time("Finish of the plan, from which it is scheduled backward.", {
    nullable: true,
    updated: "New finish. Null removes it.",
  }),
  calendar: column.text("Name of the calendar. Null: the calendar of the organization.", {
    nullable: true,
    updated: "New calendar of the configuration. Null: the calendar of the organization.",
  }),
});

@ShowColumns(planColumns)
@ObjectType({ description: "Settings by which the tasks of a project are scheduled." })
@Allow(inherit)
export class ProjectPlan extends shapeOf(planColumns) {}

export const UpdateProjectPlanInput = updateInputOf("UpdateProjectPlanInput", planColumns);
export type UpdateProjectPlanInput = InstanceType<typeof UpdateProjectPlanInput>;

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

/** Converts the settings of a plan to their API type. */
export function toPlan(planned: PlannedProject): ProjectPlan {
  const { version, finishAt, calendar } = planned.head;
  const direction = directionOf(planned);
  return Object.assign(new ProjectPlan(), { version: version ?? 0, direction, startAt: planned.plan.startAt, finishAt, calendar });
}

export const ProjectPlanPayload = payloadOf(ProjectPlan, "plan");
export type ProjectPlanPayload = InstanceType<typeof ProjectPlanPayload>;
