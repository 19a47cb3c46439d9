import type { ConstraintKind } from "@weft/engine";
import { Allow, DateTimeScalar, inherit } from "@weft/shared";
import { Field, ID, InputType, Int, ObjectType } from "type-graphql";
import { TaskConstraintKind } from "./project-task.type.js";

const expectedVersion = "Version that you last read. The call fails with `CONFLICT` if the current version differs.";
const idempotencyKey = "Idempotency key. Repeating the call with the same key returns the first result.";

@InputType({ description: "Input of `createProjectTask`." })
export class CreateProjectTaskInput {
  @Field(() => ID, { description: "Project of the task." })
  projectId!: string;

  @Field(() => ID, { nullable: true, description: "Task of the same project that contains it. Without one, it is at the top level." })
  parentId?: string | null;

  @Field(() => Int, {
    nullable: true,
    description: "Place among the tasks with the same parent (1 to 1,000,000). Tasks from there on move down. By default after the others.",
  })
  position?: number | null;

  @Field(() => String, { description: "Name (1 to 200 characters)." })
  name!: string;

  @Field(() => String, { nullable: true, description: "Description (at most 4000 characters)." })
  description?: string | null;

  @Field(() => Int, { description: "Duration in working minutes (0 to 1,000,000). 0 is a milestone." })
  durationMinutes!: number;

  @Field(() => TaskConstraintKind, { nullable: true, description: "How its dates are restricted (default `ASAP`)." })
  constraintKind?: ConstraintKind | null;

  @Field(() => DateTimeScalar, { nullable: true, description: "Time of the constraint. Not for `ASAP` and `ALAP`." })
  constraintAt?: string | null;

  @Field(() => DateTimeScalar, { nullable: true, description: "When the task should be finished." })
  deadlineAt?: string | null;

  @Field(() => String, { nullable: true, description: "Name of a calendar of the configuration. By default the calendar of the plan." })
  calendar?: string | null;

  @Field(() => Int, { nullable: true, description: "Estimated work in minutes (0 to 10,000,000)." })
  estimateMinutes?: number | null;

  @Field(() => ID, { nullable: true, description: "User or vendor that the task is assigned to." })
  assigneeId?: string | null;

  @Field(() => String, { nullable: true, description: idempotencyKey })
  idempotencyKey?: string | null;
}

@InputType({ description: "Input of `updateProjectTask`. Omitted fields keep their values." })
export class UpdateProjectTaskInput {
  @Field(() => ID, { description: "The project task." })
  id!: string;

  @Field(() => Int, { nullable: true, description: expectedVersion })
  expectedVersion?: number | null;

  @Field(() => String, { nullable: true, description: "New name." })
  name?: string | null;

  @Field(() => String, { nullable: true, description: "New description." })
  description?: string | null;

  @Field(() => Int, { nullable: true, description: "New duration in working minutes." })
  durationMinutes?: number | null;

  @Field(() => TaskConstraintKind, { nullable: true, description: "New constraint. `ASAP` and `ALAP` remove the time of the constraint." })
  constraintKind?: ConstraintKind | null;

  @Field(() => DateTimeScalar, { nullable: true, description: "New time of the constraint." })
  constraintAt?: string | null;

  @Field(() => DateTimeScalar, { nullable: true, description: "New deadline. Null removes it." })
  deadlineAt?: string | null;

  @Field(() => String, { nullable: true, description: "New calendar. Null: the calendar of the plan." })
  calendar?: string | null;

  @Field(() => Int, { nullable: true, description: "New estimate. Null removes it." })
  estimateMinutes?: number | null;

  @Field(() => Int, { nullable: true, description: "Corrected work so far, in minutes." })
  actualMinutes?: number | null;

  @Field(() => Int, { nullable: true, description: "Corrected percentage. Less than 100 removes the actual finish." })
  percentComplete?: number | null;

  @Field(() => DateTimeScalar, { nullable: true, description: "When work began. Null: it has not begun." })
  actualStartAt?: string | null;

  @Field(() => DateTimeScalar, { nullable: true, description: "When work ended. Sets the percentage to 100. Null: it has not ended." })
  actualFinishAt?: string | null;

  @Field(() => ID, { nullable: true, description: "User or vendor that the task is assigned to from now on. Null: nobody." })
  assigneeId?: string | null;
}

@InputType({ description: "Input of `moveProjectTask`." })
export class MoveProjectTaskInput {
  @Field(() => ID, { description: "The project task. Its subtasks move with it." })
  id!: string;

  @Field(() => Int, { nullable: true, description: expectedVersion })
  expectedVersion?: number | null;

  @Field(() => ID, { nullable: true, description: "Task of the same project that contains it from now on. Null: at the top level." })
  parentId?: string | null;

  @Field(() => Int, {
    nullable: true,
    description: "Place among the tasks with the same parent (1 to 1,000,000). Tasks from there on move down. By default after the others.",
  })
  position?: number | null;
}

@InputType({ description: "Input of `deleteProjectTask`." })
export class DeleteProjectTaskInput {
  @Field(() => ID, { description: "The project task." })
  id!: string;

  @Field(() => Int, { nullable: true, description: expectedVersion })
  expectedVersion?: number | null;

  @Field(() => Boolean, {
    defaultValue: false,
    description: "Whether its subtasks are deleted, too. Otherwise, a task with subtasks is kept.",
  })
  withSubtasks!: boolean;
}

@ObjectType({ description: "Payload of `deleteProjectTask`." })
@Allow(inherit)
export class DeleteProjectTaskPayload {
  @Field(() => [ID], {
    description: "IDs of the deleted tasks, the given one first. Pass that one to `restoreProjectTask` to restore all of them.",
  })
  projectTaskIds!: string[];
}
