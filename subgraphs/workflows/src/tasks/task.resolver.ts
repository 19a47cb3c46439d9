import { Allow, ConnectionArgs, can, decodeId, inherit, type Context, type FilterValue, type OrderByValue, type Page } from "@weft/shared";
import { Arg, Args, Ctx, FieldResolver, ID, Mutation, Query, Resolver, Root } from "type-graphql";
import { loadInstance } from "../instances/instance.loader.js";
import { WorkflowInstance } from "../instances/instance.type.js";
import {
  ClaimTaskInput,
  ClaimTaskPayload,
  CompleteTaskInput,
  CompleteTaskPayload,
  ReleaseTaskInput,
  ReleaseTaskPayload,
} from "./task.input.js";
import { readTaskCounts, TaskCounts } from "./task.counts.js";
import { TaskQueue } from "./task-queue.js";
import { listTasks, TaskFilter, TaskOrder } from "./task.list.js";
import { loadInstanceOfTask, loadTasksOf } from "./task.loader.js";
import { claimTask, completeTask, readTask, releaseTask } from "./task.service.js";
import { isWaiting, Task, TaskConnection } from "./task.type.js";

@Resolver(() => Task)
export class TaskResolver {
  @Query(() => Task, { nullable: true, description: "One task. Errors: NOT_FOUND, BAD_USER_INPUT (the id)." })
  @Allow(can("task.read"))
  task(@Arg("id", () => ID) id: string, @Ctx() ctx: Context): Promise<Task> {
    return readTask(ctx, decodeId("task", id));
  }

  @Query(() => TaskConnection, { nullable: true, description: "Tasks that you may see; what waits longest first, unless told otherwise." })
  @Allow(can("task.read"))
  tasks(
    @Arg("queue", () => TaskQueue, { nullable: true, description: "Only what this queue holds." }) queue: TaskQueue | null | undefined,
    @Arg("filter", () => TaskFilter.Input, { nullable: true }) filter: FilterValue | null | undefined,
    @Arg("orderBy", () => TaskOrder.Input, { nullable: true }) orderBy: OrderByValue | null | undefined,
    @Args(() => ConnectionArgs) page: ConnectionArgs,
    @Ctx() ctx: Context,
  ): Promise<Page<Task>> {
    return listTasks(ctx, { queue, filter, orderBy, page });
  }

  @Query(() => TaskCounts, {
    nullable: true,
    description: "How many tasks wait in each queue, as you may see them: one statement, for badges.",
  })
  @Allow(can("task.read"))
  taskCounts(@Ctx() ctx: Context): Promise<TaskCounts> {
    return readTaskCounts(ctx);
  }

  @Mutation(() => ClaimTaskPayload, {
    description:
      "Takes a task out of the queue. Errors: NOT_FOUND, CONFLICT, TRANSITION_REJECTED (not offered to you, taken, ended, its workflow is held).",
  })
  @Allow(can("task.claim"))
  claimTask(@Arg("input", () => ClaimTaskInput) input: ClaimTaskInput, @Ctx() ctx: Context): Promise<ClaimTaskPayload> {
    return claimTask(ctx, input);
  }

  @Mutation(() => ReleaseTaskPayload, {
    description:
      "Gives a claimed task back to those to whom it was offered: yours, or anybody's when you hold `task.claim` and `workflow.cancel` in scope TENANT. A task that nobody has claimed stays as it is. Errors: NOT_FOUND, CONFLICT, TRANSITION_REJECTED (somebody else's, ended).",
  })
  @Allow(can("task.claim"))
  releaseTask(@Arg("input", () => ReleaseTaskInput) input: ReleaseTaskInput, @Ctx() ctx: Context): Promise<ReleaseTaskPayload> {
    return releaseTask(ctx, input);
  }

  @Mutation(() => CompleteTaskPayload, {
    description:
      "Ends a task by firing a transition of its instance. Errors: NOT_FOUND, CONFLICT, TRANSITION_REJECTED, BAD_USER_INPUT (comment, input).",
  })
  @Allow(can("task.complete"))
  completeTask(@Arg("input", () => CompleteTaskInput) input: CompleteTaskInput, @Ctx() ctx: Context): Promise<CompleteTaskPayload> {
    return completeTask(ctx, input);
  }

  @FieldResolver()
  instance(@Root() { row }: Task, @Ctx() ctx: Context): Promise<WorkflowInstance | null> {
    return loadInstance(ctx, row.instanceId);
  }

  @FieldResolver()
  async isSuspended(@Root() { row }: Task, @Ctx() ctx: Context): Promise<boolean> {
    return isWaiting(row) && (await loadInstanceOfTask(ctx, row.instanceId))?.status === "SUSPENDED";
  }
}

/** What tasks add to an instance; here, because an instance need not know tasks. */
@Resolver(() => WorkflowInstance)
export class WorkflowInstanceTasksResolver {
  @FieldResolver(() => [Task], { description: "Tasks of all its states that you may see, oldest first; of more than 200 the newest 200." })
  @Allow(inherit)
  tasks(@Root() { head }: WorkflowInstance, @Ctx() ctx: Context): Promise<Task[]> {
    return loadTasksOf(ctx, head.id);
  }
}
