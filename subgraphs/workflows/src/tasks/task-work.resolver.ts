import { Allow, can, type Context } from "@weft/shared";
import { Arg, Ctx, Mutation, Resolver } from "type-graphql";
import {
  AssignTaskInput,
  AssignTaskPayload,
  DelegateTaskInput,
  DelegateTaskPayload,
  TickTaskInput,
  TickTaskPayload,
  UpdateTaskInput,
  UpdateTaskPayload,
} from "./task-work.input.js";
import { assignTask, delegateTask, tickTask, updateTask } from "./task-work.service.js";

@Resolver()
export class TaskWorkResolver {
  @Mutation(() => DelegateTaskPayload, {
    description:
      "Gives a task that you have claimed, or that is offered to you, on to somebody else. Who gave it on counts wherever the definition asks for somebody else. Errors: NOT_FOUND, CONFLICT, TRANSITION_REJECTED (not yours, over, held), BAD_USER_INPUT (the user).",
  })
  @Allow(can("task.claim"))
  async delegateTask(@Arg("input", () => DelegateTaskInput) input: DelegateTaskInput, @Ctx() ctx: Context): Promise<DelegateTaskPayload> {
    return { task: await delegateTask(ctx, input) };
  }

  @Mutation(() => AssignTaskPayload, {
    description:
      "Gives a task to somebody, or back to all to whom it is offered, whoever has it now. Errors: NOT_FOUND, CONFLICT, TRANSITION_REJECTED (over, held), BAD_USER_INPUT (the user).",
  })
  @Allow(can("task.assign"))
  async assignTask(@Arg("input", () => AssignTaskInput) input: AssignTaskInput, @Ctx() ctx: Context): Promise<AssignTaskPayload> {
    return { task: await assignTask(ctx, input) };
  }

  @Mutation(() => UpdateTaskPayload, {
    description:
      "Sets a task's priority or deadline. A deadline in the past is accepted with a warning. Errors: NOT_FOUND, CONFLICT, TRANSITION_REJECTED (over, held).",
  })
  @Allow(can("task.assign"))
  updateTask(@Arg("input", () => UpdateTaskInput) input: UpdateTaskInput, @Ctx() ctx: Context): Promise<UpdateTaskPayload> {
    return updateTask(ctx, input);
  }

  @Mutation(() => TickTaskPayload, {
    description:
      "Ticks an item of a task's checklist off, or takes the tick back; a task is completed only when all is ticked off. Errors: NOT_FOUND, CONFLICT, TRANSITION_REJECTED (not yours, over, held), BAD_USER_INPUT (the item).",
  })
  @Allow(can("task.complete"))
  async tickTask(@Arg("input", () => TickTaskInput) input: TickTaskInput, @Ctx() ctx: Context): Promise<TickTaskPayload> {
    return { task: await tickTask(ctx, input) };
  }
}
