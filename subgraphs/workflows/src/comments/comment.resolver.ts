import { Allow, can, inherit, type Context, VendorPortal } from "@weft/shared";
import { Arg, Ctx, FieldResolver, Mutation, Resolver, Root } from "type-graphql";
import { isWaiting, Task } from "../tasks/task.type.js";
import {
  AnswerQuestionInput,
  AnswerQuestionPayload,
  AskForInformationInput,
  AskForInformationPayload,
  CommentOnTaskInput,
  CommentOnTaskPayload,
  WithdrawQuestionInput,
  WithdrawQuestionPayload,
} from "./comment.input.js";
import { loadQuestion, loadCommentsOf } from "./comment.loader.js";
import { answerQuestion, askForInformation, commentOnTask, withdrawQuestion } from "./comment.service.js";
import { TaskComment } from "./comment.type.js";

@Resolver(() => Task)
export class TaskCommentResolver {
  @Mutation(() => CommentOnTaskPayload, {
    description: "Adds a comment to an open task. Errors: NOT_FOUND, TRANSITION_REJECTED (the task is over), BAD_USER_INPUT (the text).",
  })
  @Allow(can("task.claim"))
  async commentOnTask(
    @Arg("input", () => CommentOnTaskInput) input: CommentOnTaskInput,
    @Ctx() ctx: Context,
  ): Promise<CommentOnTaskPayload> {
    return { task: await commentOnTask(ctx, input) };
  }

  @Mutation(() => AskForInformationPayload, {
    description:
      "Asks a user a question about a task that you work on. The task cannot be completed until the question is answered. The user can see the task until then. Errors: NOT_FOUND, CONFLICT, TRANSITION_REJECTED (not your task, another open question, over, suspended), BAD_USER_INPUT (the user, the text).",
  })
  @Allow(can("task.complete"))
  async askForInformation(
    @Arg("input", () => AskForInformationInput) input: AskForInformationInput,
    @Ctx() ctx: Context,
  ): Promise<AskForInformationPayload> {
    return { task: await askForInformation(ctx, input) };
  }

  @Mutation(() => AnswerQuestionPayload, {
    description:
      "Answers the open question of a task, if it was put to you or to a user for whom you are the substitute. Errors: NOT_FOUND, CONFLICT, TRANSITION_REJECTED (no question for you, over, suspended), BAD_USER_INPUT (the text).",
  })
  @Allow(can("task.read"))
  @VendorPortal()
  async answerQuestion(
    @Arg("input", () => AnswerQuestionInput) input: AnswerQuestionInput,
    @Ctx() ctx: Context,
  ): Promise<AnswerQuestionPayload> {
    return { task: await answerQuestion(ctx, input) };
  }

  @Mutation(() => WithdrawQuestionPayload, {
    description:
      "Withdraws the open question of a task that you work on or manage. Errors: NOT_FOUND, CONFLICT, TRANSITION_REJECTED (no question, not your task, over, suspended).",
  })
  @Allow(can("task.complete"))
  async withdrawQuestion(
    @Arg("input", () => WithdrawQuestionInput) input: WithdrawQuestionInput,
    @Ctx() ctx: Context,
  ): Promise<WithdrawQuestionPayload> {
    return { task: await withdrawQuestion(ctx, input) };
  }

  @FieldResolver(() => [TaskComment], { description: "Comments on the task, oldest first. If there are more than 200, the newest 200." })
  @Allow(inherit)
  comments(@Root() { row }: Task, @Ctx() ctx: Context): Promise<TaskComment[]> {
    return loadCommentsOf(ctx, row.id);
  }

  @FieldResolver(() => TaskComment, { nullable: true, description: "The open question that the task waits for. Null if there is none." })
  @Allow(inherit)
  question(@Root() { row }: Task, @Ctx() ctx: Context): Promise<TaskComment | null> {
    return row.questionId !== null && isWaiting(row) ? loadQuestion(ctx, row.questionId) : Promise.resolve(null);
  }
}
