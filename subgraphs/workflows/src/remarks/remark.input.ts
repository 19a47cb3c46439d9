import { Allow, inherit } from "@weft/shared";
import { Field, ID, InputType, Int, ObjectType } from "type-graphql";
import { Task } from "../tasks/task.type.js";

@InputType({ description: "What is said about which task." })
export class CommentOnTaskInput {
  @Field(() => ID, { description: "The task's id, `tsk_…`." })
  id!: string;

  @Field(() => String, { description: "Plain text of at most 10,000 characters." })
  text!: string;

  @Field(() => String, { nullable: true, description: "The same key again answers with the first call's result." })
  idempotencyKey?: string | null;
}

@InputType({ description: "Who is asked what about which task." })
export class AskForInformationInput {
  @Field(() => ID, { description: "The task's id, `tsk_…`." })
  id!: string;

  @Field(() => ID, {
    description: "Who is asked, `usr_…`: an active user of your own organisation, who sees the task until he has answered.",
  })
  askedId!: string;

  @Field(() => String, { description: "The question: plain text of at most 10,000 characters." })
  text!: string;

  @Field(() => Int, { nullable: true, description: "The task's version that you have read; another one is a CONFLICT." })
  expectedVersion?: number | null;

  @Field(() => String, { nullable: true, description: "The same key again answers with the first call's result." })
  idempotencyKey?: string | null;
}

@InputType({ description: "The answer to the question that a task waits for." })
export class AnswerQuestionInput {
  @Field(() => ID, { description: "The task's id, `tsk_…`." })
  id!: string;

  @Field(() => String, { description: "The answer: plain text of at most 10,000 characters." })
  text!: string;

  @Field(() => Int, { nullable: true, description: "The task's version that you have read; another one is a CONFLICT." })
  expectedVersion?: number | null;

  @Field(() => String, { nullable: true, description: "The same key again answers with the first call's result." })
  idempotencyKey?: string | null;
}

@InputType({ description: "The task whose question is taken back." })
export class WithdrawQuestionInput {
  @Field(() => ID, { description: "The task's id, `tsk_…`." })
  id!: string;

  @Field(() => Int, { nullable: true, description: "The task's version that you have read; another one is a CONFLICT." })
  expectedVersion?: number | null;

  @Field(() => String, { nullable: true, description: "The same key again answers with the first call's result." })
  idempotencyKey?: string | null;
}

@ObjectType({ description: "The task with the comment." })
@Allow(inherit)
export class CommentOnTaskPayload {
  @Field(() => Task, { description: "The task as it is now." })
  task!: Task;
}

@ObjectType({ description: "The task that waits for an answer." })
@Allow(inherit)
export class AskForInformationPayload {
  @Field(() => Task, { description: "The task as it is now." })
  task!: Task;
}

@ObjectType({ description: "The task whose question is answered." })
@Allow(inherit)
export class AnswerQuestionPayload {
  @Field(() => Task, { nullable: true, description: "The task as it is now; null when you saw it for the question alone." })
  task!: Task | null;
}

@ObjectType({ description: "The task that waits for no answer any more." })
@Allow(inherit)
export class WithdrawQuestionPayload {
  @Field(() => Task, { description: "The task as it is now." })
  task!: Task;
}
