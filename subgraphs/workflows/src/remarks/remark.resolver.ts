import { Allow, can, inherit, type Context } from "@weft/shared";
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
} from "./remark.input.js";
import { loadQuestion, loadRemarksOf } from "./remark.loader.js";
import { answerQuestion, askForInformation, commentOnTask, withdrawQuestion } from "./remark.service.js";
import { TaskRemark } from "./remark.type.js";

@Resolver(() => Task)
export class TaskRemarkResolver {
  @Mutation(() => CommentOnTaskPayload, {
    description: "Says something about a waiting task. Errors: NOT_FOUND, TRANSITION_REJECTED (it is over), BAD_USER_INPUT (the text).",
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
      "Asks somebody about a task that you work on. Until the answer nobody completes it; whoever is asked sees it meanwhile. Errors: NOT_FOUND, CONFLICT, TRANSITION_REJECTED (not yours, a question waits already, over, held), BAD_USER_INPUT (the user, the text).",
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
      "Answers the question that a task waits for, when it was put to you or to somebody for whom you stand in. Errors: NOT_FOUND, CONFLICT, TRANSITION_REJECTED (no question of yours, over, held), BAD_USER_INPUT (the text).",
  })
  @Allow(can("task.read"))
  async answerQuestion(
    @Arg("input", () => AnswerQuestionInput) input: AnswerQuestionInput,
    @Ctx() ctx: Context,
  ): Promise<AnswerQuestionPayload> {
    return { task: await answerQuestion(ctx, input) };
  }

  @Mutation(() => WithdrawQuestionPayload, {
    description:
      "Takes the question back that a task waits for, when you work on the task or manage it. Errors: NOT_FOUND, CONFLICT, TRANSITION_REJECTED (no question, not yours, over, held).",
  })
  @Allow(can("task.complete"))
  async withdrawQuestion(
    @Arg("input", () => WithdrawQuestionInput) input: WithdrawQuestionInput,
    @Ctx() ctx: Context,
  ): Promise<WithdrawQuestionPayload> {
    return { task: await withdrawQuestion(ctx, input) };
  }

  @FieldResolver(() => [TaskRemark], { description: "What was said about it, oldest first; of more than 200 remarks the newest 200." })
  @Allow(inherit)
  remarks(@Root() { row }: Task, @Ctx() ctx: Context): Promise<TaskRemark[]> {
    return loadRemarksOf(ctx, row.id);
  }

  @FieldResolver(() => TaskRemark, { nullable: true, description: "The question that it waits for; null when it waits for none." })
  @Allow(inherit)
  question(@Root() { row }: Task, @Ctx() ctx: Context): Promise<TaskRemark | null> {
    return row.questionId !== null && isWaiting(row) ? loadQuestion(ctx, row.questionId) : Promise.resolve(null);
  }
}
