import { Allow, inherit } from "@weft/shared";
import { Field, ID, InputType, Int, ObjectType } from "type-graphql";
import type { TaskDependencyKind as Kind } from "@weft/engine";
import { TaskDependency, TaskDependencyKind } from "./dependency.type.js";
import { ProjectTask } from "./project-task.type.js";

const expectedVersion = "Version that you last read. The call fails with `CONFLICT` if the current version differs.";
const lagMinutes = "Working minutes between the two dates (-1,000,000 to 1,000,000). Negative: they overlap.";

@InputType({ description: "Input of `addTaskDependency`." })
export class AddTaskDependencyInput {
  @Field(() => ID, { description: "Task that the other one depends on." })
  predecessorId!: string;

  @Field(() => ID, { description: "Task of the same project that depends on it." })
  successorId!: string;

  @Field(() => TaskDependencyKind, { defaultValue: TaskDependencyKind.FINISH_TO_START, description: "Which dates depend on each other." })
  kind!: Kind;

  @Field(() => Int, { defaultValue: 0, description: lagMinutes })
  lagMinutes!: number;

  @Field(() => String, { nullable: true, description: "Idempotency key. Repeating the call with the same key returns the first result." })
  idempotencyKey?: string | null;
}

@InputType({ description: "Input of `updateTaskDependency`. Omitted fields keep their values." })
export class UpdateTaskDependencyInput {
  @Field(() => ID, { description: "The dependency." })
  id!: string;

  @Field(() => Int, { nullable: true, description: expectedVersion })
  expectedVersion?: number | null;

  @Field(() => TaskDependencyKind, { nullable: true, description: "New kind." })
  kind?: Kind | null;

  @Field(() => Int, { nullable: true, description: lagMinutes })
  lagMinutes?: number | null;
}

@InputType({ description: "Input of `removeTaskDependency`." })
export class RemoveTaskDependencyInput {
  @Field(() => ID, { description: "The dependency." })
  id!: string;

  @Field(() => Int, { nullable: true, description: expectedVersion })
  expectedVersion?: number | null;
}

@ObjectType({ description: "Payload of `addTaskDependency`." })
@Allow(inherit)
export class AddTaskDependencyPayload {
  @Field(() => TaskDependency, { description: "The new dependency." })
  dependency!: TaskDependency;
}

@ObjectType({ description: "Payload of `updateTaskDependency`." })
@Allow(inherit)
export class UpdateTaskDependencyPayload {
  @Field(() => TaskDependency, { description: "The changed dependency." })
  dependency!: TaskDependency;
}

@ObjectType({ description: "Payload of `removeTaskDependency`." })
@Allow(inherit)
export class RemoveTaskDependencyPayload {
  @Field(() => ProjectTask, { description: "Task that no longer depends on the other one." })
  successor!: ProjectTask;
}
