import { Field, ID, InputType, Int } from "type-graphql";

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
