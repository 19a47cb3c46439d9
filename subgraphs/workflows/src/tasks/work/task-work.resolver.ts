import type { Context } from "@weft/api/context";
import { Allow, can } from "@weft/api/rules";
import type { SubgraphModule } from "@weft/api/subgraph";
import { Arg, Ctx, Mutation, Resolver } from "type-graphql";
import { AssignTaskInput, DelegateTaskInput, UpdateChecklistItemInput, UpdateTaskInput, UpdateTaskPayload } from "./task-work.input.js";
import { assignTask, delegateTask, updateChecklistItem, updateTask } from "./task-work.service.js";
import { HandedOverTaskPayload, TaskPayload } from "../task-payload.type.js";

@Resolver()
export class TaskWorkResolver {
  @Mutation(() => HandedOverTaskPayload, {
    description:
      "Delegates a task that you have claimed, or that is offered to you, to another user. Where the definition requires a different person, the delegating user counts too. Errors: NOT_FOUND, CONFLICT, TRANSITION_REJECTED (not your task, over, suspended), BAD_USER_INPUT (the user).",
  })
  @Allow(can("task.claim"))
  async delegateTask(@Arg("input", () => DelegateTaskInput) input: DelegateTaskInput, @Ctx() ctx: Context): Promise<HandedOverTaskPayload> {
    return { task: await delegateTask(ctx, input) };
  }

  @Mutation(() => HandedOverTaskPayload, {
    description:
      "Assigns a task to a user, or offers it to all its candidates again, whoever has it now. Errors: NOT_FOUND, CONFLICT, TRANSITION_REJECTED (over, suspended), BAD_USER_INPUT (the user).",
  })
  @Allow(can("task.assign"))
  async assignTask(@Arg("input", () => AssignTaskInput) input: AssignTaskInput, @Ctx() ctx: Context): Promise<HandedOverTaskPayload> {
    return { task: await assignTask(ctx, input) };
  }

  @Mutation(() => UpdateTaskPayload, {
    description:
      "Sets a task's priority or deadline. A deadline in the past is accepted with a warning. Errors: NOT_FOUND, CONFLICT, TRANSITION_REJECTED (over, suspended).",
  })
  @Allow(can("task.assign"))
  updateTask(@Arg("input", () => UpdateTaskInput) input: UpdateTaskInput, @Ctx() ctx: Context): Promise<UpdateTaskPayload> {
    return updateTask(ctx, input);
  }

  @Mutation(() => TaskPayload, {
    description:
      "Checks or unchecks an item of a task's checklist. A task can be completed only when all items are checked. Errors: NOT_FOUND, CONFLICT, TRANSITION_REJECTED (not your task, over, suspended), BAD_USER_INPUT (the item).",
  })
  @Allow(can("task.complete"))
  async updateChecklistItem(
    @Arg("input", () => UpdateChecklistItemInput) input: UpdateChecklistItemInput,
    @Ctx() ctx: Context,
  ): Promise<TaskPayload> {
    return { task: await updateChecklistItem(ctx, input) };
  }
}

export const taskWorkModule: SubgraphModule = { resolvers: { tasks: [TaskWorkResolver] } };
