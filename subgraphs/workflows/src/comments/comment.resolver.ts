import { type Context, referencesEach } from "@weft/api/context";
import { KeyedVersionedIdInput } from "@weft/api/inputs";
import { Allow, can, inherit, VendorPortal } from "@weft/api/rules";
import type { SubgraphModule } from "@weft/api/subgraph";
import { Arg, Ctx, FieldResolver, Mutation, Resolver, Root } from "type-graphql";
import { isWaiting, Task } from "../tasks/task.type.js";
import { AnswerQuestionInput, AskForInformationInput, CommentOnTaskInput } from "./comment.input.js";
import { loadQuestion, loadCommentsOf, loadComment } from "./comment.loader.js";
import { answerQuestion, askForInformation, commentOnTask, withdrawQuestion } from "./comment.service.js";
import { TaskComment } from "./comment.type.js";
import { TaskPayload, HandedOverTaskPayload } from "../tasks/task-payload.type.js";

@Resolver(() => Task)
export class TaskCommentResolver {
  @Mutation(() => TaskPayload, {
    description: "Adds a comment to an open task. Errors: NOT_FOUND, TRANSITION_REJECTED (the task is over), BAD_USER_INPUT (the text).",
  })
  @Allow(can("task.claim"))
  async commentOnTask(@Arg("input", () => CommentOnTaskInput) input: CommentOnTaskInput, @Ctx() ctx: Context): Promise<TaskPayload> {
    return { task: await commentOnTask(ctx, input) };
  }

  @Mutation(() => TaskPayload, {
    description:
      "Asks a user a question about a task that you work on. The task cannot be completed until the question is answered. The user can see the task until then. Errors: NOT_FOUND, CONFLICT, TRANSITION_REJECTED (not your task, another open question, over, suspended), BAD_USER_INPUT (the user, the text).",
  })
  @Allow(can("task.complete"))
  async askForInformation(
    @Arg("input", () => AskForInformationInput) input: AskForInformationInput,
    @Ctx() ctx: Context,
  ): Promise<TaskPayload> {
    return { task: await askForInformation(ctx, input) };
  }

  @Mutation(() => HandedOverTaskPayload, {
    description:
      "Answers the open question of a task, if it was put to you or to a user for whom you are the substitute. Errors: NOT_FOUND, CONFLICT, TRANSITION_REJECTED (no question for you, over, suspended), BAD_USER_INPUT (the text).",
  })
  @Allow(can("task.read"))
  @VendorPortal()
  async answerQuestion(
    @Arg("input", () => AnswerQuestionInput) input: AnswerQuestionInput,
    @Ctx() ctx: Context,
  ): Promise<HandedOverTaskPayload> {
    return { task: await answerQuestion(ctx, input) };
  }

  @Mutation(() => TaskPayload, {
    description:
      "Withdraws the open question of a task that you work on or manage. Errors: NOT_FOUND, CONFLICT, TRANSITION_REJECTED (no question, not your task, over, suspended).",
  })
  @Allow(can("task.complete"))
  async withdrawQuestion(
    @Arg("input", () => KeyedVersionedIdInput, { description: "ID of the task (`tsk_…`)." }) input: KeyedVersionedIdInput,
    @Ctx() ctx: Context,
  ): Promise<TaskPayload> {
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

export const taskCommentModule: SubgraphModule = {
  resolvers: { tasks: [TaskCommentResolver] },
  references: { TaskComment: referencesEach(loadComment) },
};
