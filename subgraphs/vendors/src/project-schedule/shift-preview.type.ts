import { Allow, inherit } from "@weft/api/rules";
import { DateTimeScalar } from "@weft/api/scalars";
import { ArgsType, Field, ID, Int, ObjectType } from "type-graphql";
import type { Direction } from "./planned-project.js";
import { ScheduleDirection } from "./project-plan.type.js";
import { ProjectSchedule, ScheduleViolation } from "./project-schedule.type.js";

/** A change of a project task. Exactly one of `startAt`, `byMinutes`, and `durationMinutes` is set. */
@ArgsType()
export class ShiftPreviewArgs {
  @Field(() => ID, { description: "The project task." })
  taskId!: string;

  @Field(() => DateTimeScalar, { nullable: true, description: "It starts at this time instead." })
  startAt?: string | null;

  @Field(() => Int, { nullable: true, description: "It starts by so many working minutes later, or earlier if negative." })
  byMinutes?: number | null;

  @Field(() => Int, { nullable: true, description: "It takes so many working minutes." })
  durationMinutes?: number | null;

  @Field(() => ScheduleDirection, { nullable: true, description: "From where the dates are computed. By default as the plan says." })
  direction?: Direction | null;
}

@ObjectType({ description: "A project task whose dates would change." })
@Allow(inherit)
export class ShiftedTask {
  @Field(() => DateTimeScalar, { description: "Planned start." })
  startAt!: string;

  @Field(() => DateTimeScalar, { description: "Planned finish." })
  finishAt!: string;

  @Field(() => DateTimeScalar, { description: "Start after the change." })
  newStartAt!: string;

  @Field(() => DateTimeScalar, { description: "Finish after the change." })
  newFinishAt!: string;

  @Field(() => Int, { description: "By how many working minutes the start is later. Negative if it is earlier." })
  byMinutes!: number;

  /** UUID, for resolvers. */
  taskId!: string;
}

@ObjectType({ description: "What a change of a project task would do. Nothing is written." })
@Allow(inherit)
export class ShiftPreview {
  @Field(() => [ShiftedTask], { description: "Tasks whose dates would change, in the order of the plan." })
  shiftedTasks!: ShiftedTask[];

  @Field(() => DateTimeScalar, { description: "Finish of the project." })
  finishAt!: string;

  @Field(() => DateTimeScalar, { description: "Finish of the project after the change." })
  newFinishAt!: string;

  @Field(() => Int, { description: "By how many working minutes the project would finish later. Negative if earlier." })
  finishByMinutes!: number;

  @Field(() => [ScheduleViolation], { description: "Dates that would no longer be met, or by a larger margin." })
  newViolations!: ScheduleViolation[];

  @Field(() => ProjectSchedule, { description: "The schedule after the change." })
  schedule!: ProjectSchedule;
}
