import type { Context } from "@weft/api/context";
import type { FilterValue } from "@weft/api/filters";
import { ConnectionArgs, type OrderByValue, type Page } from "@weft/api/pages";
import { Allow, can, inherit } from "@weft/api/rules";
import type { SubgraphModule } from "@weft/api/subgraph";
import { Arg, Args, Ctx, FieldResolver, Mutation, Query, Resolver, Root } from "type-graphql";
import { loadInstance } from "../instances/instance.loader.js";
import { WorkflowInstance } from "../instances/instance.type.js";
import { Task } from "../tasks/task.type.js";
import { WorkflowTimerFilter, WorkflowTimerOrder, listTimers } from "./timer.list.js";
import { loadSetTimers } from "./timer.loader.js";
import { cancelTimer, rescheduleTimer } from "./timer.service.js";
import { CancelTimerInput, RescheduleTimerInput, WorkflowTimer, WorkflowTimerConnection, WorkflowTimerPayload } from "./timer.type.js";

@Resolver(() => WorkflowTimer)
export class WorkflowTimerResolver {
  @Query(() => WorkflowTimerConnection, {
    nullable: true,
    description: "Timers of the instances that you can see: those that are set, and those that have ended. Next first by default.",
  })
  @Allow(can("workflow.read"))
  workflowTimers(
    @Arg("filter", () => WorkflowTimerFilter.Input, { nullable: true, description: "Filter." }) filter: FilterValue | null | undefined,
    @Arg("orderBy", () => WorkflowTimerOrder.Input, { nullable: true, description: "Sort order." }) orderBy:
      | OrderByValue
      | null
      | undefined,
    @Args(() => ConnectionArgs) page: ConnectionArgs,
    @Ctx() ctx: Context,
  ): Promise<Page<WorkflowTimer>> {
    return listTimers(ctx, { filter, orderBy, page });
  }

  @Mutation(() => WorkflowTimerPayload, {
    description:
      "Cancels a set timer of a state or a task, so that it does not fire. Errors: NOT_FOUND, CONFLICT, TRANSITION_REJECTED (it has ended, or belongs to a service level), BAD_USER_INPUT (the reason).",
  })
  @Allow(can("workflow.cancel"))
  async cancelTimer(@Arg("input", () => CancelTimerInput) input: CancelTimerInput, @Ctx() ctx: Context): Promise<WorkflowTimerPayload> {
    return { timer: await cancelTimer(ctx, input) };
  }

  @Mutation(() => WorkflowTimerPayload, {
    description:
      "Moves a set timer of a state or a task to another time. Errors: NOT_FOUND, CONFLICT, TRANSITION_REJECTED (it has ended, or belongs to a service level), BAD_USER_INPUT (the reason).",
  })
  @Allow(can("workflow.cancel"))
  async rescheduleTimer(
    @Arg("input", () => RescheduleTimerInput) input: RescheduleTimerInput,
    @Ctx() ctx: Context,
  ): Promise<WorkflowTimerPayload> {
    return { timer: await rescheduleTimer(ctx, input) };
  }

  @FieldResolver(() => WorkflowInstance)
  instance(@Root() { instanceId }: WorkflowTimer, @Ctx() ctx: Context): Promise<WorkflowInstance | null> {
    return loadInstance(ctx, instanceId);
  }
}

@Resolver(() => WorkflowInstance)
export class WorkflowInstanceTimersResolver {
  @FieldResolver(() => [WorkflowTimer], {
    description:
      "The set timers of the instance and its tasks, next first, at most 100. `workflowTimers` also lists those that have ended.",
  })
  @Allow(inherit)
  timers(@Root() { head }: WorkflowInstance, @Ctx() ctx: Context): Promise<WorkflowTimer[]> {
    return loadSetTimers(ctx, head.id);
  }
}

@Resolver(() => Task)
export class TaskTimersResolver {
  @FieldResolver(() => [WorkflowTimer], {
    description: "The set timers of the task, next first. Empty if you cannot read the task's workflow.",
  })
  @Allow(inherit)
  async timers(@Root() { row, id }: Task, @Ctx() ctx: Context): Promise<WorkflowTimer[]> {
    return (await loadSetTimers(ctx, row.instanceId)).filter(({ taskId }) => taskId === id);
  }
}

export const taskTimersModule: SubgraphModule = {
  resolvers: { tasks: [TaskTimersResolver], deadlines: [WorkflowTimerResolver, WorkflowInstanceTimersResolver] },
};
