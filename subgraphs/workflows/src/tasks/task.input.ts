import { Allow, JsonScalar, inherit } from "@weft/shared";
import { Field, ID, InputType, Int, ObjectType } from "type-graphql";
import { WorkflowInstance } from "../instances/instance.type.js";
import { Task } from "./task.type.js";

@InputType({ description: "Which task to take." })
export class ClaimTaskInput {
  @Field(() => ID, { description: "The task's id, `tsk_…`." })
  id!: string;

  @Field(() => String, { nullable: true, description: "The same key again answers with the first call's result." })
  idempotencyKey?: string | null;
}

@InputType({ description: "Which task to give back." })
export class ReleaseTaskInput {
  @Field(() => ID, { description: "The task's id, `tsk_…`." })
  id!: string;

  @Field(() => Int, { nullable: true, description: "The task's version that you have read; another one is a CONFLICT." })
  expectedVersion?: number | null;

  @Field(() => String, { nullable: true, description: "The same key again answers with the first call's result." })
  idempotencyKey?: string | null;
}

@InputType({ description: "Which task is done, and by which transition." })
export class CompleteTaskInput {
  @Field(() => ID, { description: "The task's id, `tsk_…`." })
  id!: string;

  @Field(() => String, { description: "The transition of the instance that completing the task fires." })
  transition!: string;

  @Field(() => String, { nullable: true, description: "Why; some transitions require it. At most 10,000 characters." })
  comment?: string | null;

  @Field(() => JsonScalar, { nullable: true, description: "What the transition's input schema asks for." })
  input?: unknown;

  @Field(() => Int, { nullable: true, description: "The instance's version that you have read; another one is a CONFLICT." })
  expectedVersion?: number | null;

  @Field(() => String, { nullable: true, description: "The same key again answers with the first call's result." })
  idempotencyKey?: string | null;
}

@ObjectType({ description: "The claimed task." })
@Allow(inherit)
export class ClaimTaskPayload {
  @Field(() => Task, { description: "The task as it is now." })
  task!: Task;
}

@ObjectType({ description: "The task that waits again." })
@Allow(inherit)
export class ReleaseTaskPayload {
  @Field(() => Task, { description: "The task as it is now." })
  task!: Task;
}

@ObjectType({ description: "The completed task and its instance after the move." })
@Allow(inherit)
export class CompleteTaskPayload {
  @Field(() => Task, { description: "The task as it is now." })
  task!: Task;

  @Field(() => WorkflowInstance, { description: "Its instance as it is now." })
  instance!: WorkflowInstance;
}
