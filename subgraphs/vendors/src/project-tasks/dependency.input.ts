import { Field, ID, InputType, Int } from "type-graphql";
import type { TaskDependencyKind as Kind } from "@weft/engine";
import { TaskDependencyKind } from "./dependency.type.js";

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
