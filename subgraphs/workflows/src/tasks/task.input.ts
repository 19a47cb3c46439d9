import { Allow, inherit } from "@weft/api/rules";
import { JsonScalar } from "@weft/api/scalars";
import { Field, ID, InputType, Int, ObjectType } from "type-graphql";
import { WorkflowInstance } from "../instances/instance.type.js";
import { Task } from "./task.type.js";

@InputType({ description: "The task to complete, and the transition to fire." })
export class CompleteTaskInput {
  @Field(() => ID, { description: "ID of the task (`tsk_…`)." })
  id!: string;

  @Field(() => String, { description: "Name of the transition that completes the task. For the task of a step: one of its outcomes." })
  transition!: string;

  @Field(() => String, { nullable: true, description: "Comment. Some transitions require one. At most 10,000 characters." })
  comment?: string | null;

  @Field(() => JsonScalar, { nullable: true, description: "Values for the transition's input schema." })
  input?: unknown;

  @Field(() => Int, {
    nullable: true,
    description: "Version of the instance that you last read. The call fails with `CONFLICT` if the current version differs.",
  })
  expectedVersion?: number | null;

  @Field(() => String, { nullable: true, description: "Idempotency key. Repeating the call with the same key returns the first result." })
  idempotencyKey?: string | null;
}

@ObjectType({ description: "The completed task, and its instance after the transition." })
@Allow(inherit)
export class CompleteTaskPayload {
  @Field(() => Task, { description: "The task." })
  task!: Task;

  @Field(() => WorkflowInstance, { description: "Current state of its instance." })
  instance!: WorkflowInstance;
}
