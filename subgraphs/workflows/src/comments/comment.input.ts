import { Allow, inherit } from "@weft/shared";
import { Field, ID, InputType, Int, ObjectType } from "type-graphql";
import { Task } from "../tasks/task.type.js";

@InputType({ description: "The comment to add, and its task." })
export class CommentOnTaskInput {
  @Field(() => ID, { description: "ID of the task (`tsk_…`)." })
  id!: string;

  @Field(() => String, { description: "Plain text, at most 10,000 characters." })
  text!: string;

  @Field(() => String, { nullable: true, description: "Idempotency key. Repeating the call with the same key returns the first result." })
  idempotencyKey?: string | null;
}

@InputType({ description: "The question, the task, and the user to ask." })
export class AskForInformationInput {
  @Field(() => ID, { description: "ID of the task (`tsk_…`)." })
  id!: string;

  @Field(() => ID, {
    description: "ID of the user to ask (`usr_…`): an active user of your own organization, who can see the task until they have answered.",
  })
  askedId!: string;

  @Field(() => String, { description: "The question. Plain text, at most 10,000 characters." })
  text!: string;

  @Field(() => Int, {
    nullable: true,
    description: "Version of the task that you last read. The call fails with `CONFLICT` if the current version differs.",
  })
  expectedVersion?: number | null;

  @Field(() => String, { nullable: true, description: "Idempotency key. Repeating the call with the same key returns the first result." })
  idempotencyKey?: string | null;
}

@InputType({ description: "The answer to the open question of a task." })
export class AnswerQuestionInput {
  @Field(() => ID, { description: "ID of the task (`tsk_…`)." })
  id!: string;

  @Field(() => String, { description: "The answer. Plain text, at most 10,000 characters." })
  text!: string;

  @Field(() => Int, {
    nullable: true,
    description: "Version of the task that you last read. The call fails with `CONFLICT` if the current version differs.",
  })
  expectedVersion?: number | null;

  @Field(() => String, { nullable: true, description: "Idempotency key. Repeating the call with the same key returns the first result." })
  idempotencyKey?: string | null;
}

@InputType({ description: "The task whose question is withdrawn." })
export class WithdrawQuestionInput {
  @Field(() => ID, { description: "ID of the task (`tsk_…`)." })
  id!: string;

  @Field(() => Int, {
    nullable: true,
    description: "Version of the task that you last read. The call fails with `CONFLICT` if the current version differs.",
  })
  expectedVersion?: number | null;

  @Field(() => String, { nullable: true, description: "Idempotency key. Repeating the call with the same key returns the first result." })
  idempotencyKey?: string | null;
}

@ObjectType({ description: "The task with the comment." })
@Allow(inherit)
export class CommentOnTaskPayload {
  @Field(() => Task, { description: "The task." })
  task!: Task;
}

@ObjectType({ description: "The task, waiting for an answer." })
@Allow(inherit)
export class AskForInformationPayload {
  @Field(() => Task, { description: "The task." })
  task!: Task;
}

@ObjectType({ description: "The task whose question was answered." })
@Allow(inherit)
export class AnswerQuestionPayload {
  @Field(() => Task, { nullable: true, description: "Current state of the task. Null if you could see it only because of the question." })
  task!: Task | null;
}

@ObjectType({ description: "The task, no longer waiting for an answer." })
@Allow(inherit)
export class WithdrawQuestionPayload {
  @Field(() => Task, { description: "The task." })
  task!: Task;
}
