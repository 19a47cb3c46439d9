import { decodeId } from "@weft/shared/ids";
import { type Context, referencesEach } from "@weft/api/context";
import type { FilterValue } from "@weft/api/filters";
import { KeyedIdInput, KeyedVersionedIdInput } from "@weft/api/inputs";
import { ConnectionArgs, type OrderByValue, type Page } from "@weft/api/pages";
import { Allow, can, inherit, VendorPortal, ViewerIndependent } from "@weft/api/rules";
import type { SubgraphModule } from "@weft/api/subgraph";
import { Arg, Args, Ctx, FieldResolver, ID, Mutation, Query, Resolver, Root } from "type-graphql";
import { loadInstance } from "../instances/instance.loader.js";
import { WorkflowInstance } from "../instances/instance.type.js";
import { CompleteTaskInput, CompleteTaskPayload } from "./task.input.js";
import { readTaskCounts, TaskCounts } from "./task.counts.js";
import { TaskQueue } from "./queues/task-queue.js";
import { listTasks, TaskFilter, TaskOrder } from "./task.list.js";
import { loadInstanceOfTask, loadTasksOf, loadTask } from "./task.loader.js";
import { claimTask, completeTask, readTask, releaseTask } from "./task.service.js";
import { isWaiting, Task, TaskConnection } from "./task.type.js";
import { TaskPayload } from "./task-payload.type.js";

@Resolver(() => Task)
export class TaskResolver {
  @Query(() => Task, { nullable: true, description: "One task. Errors: NOT_FOUND, BAD_USER_INPUT (the ID)." })
  @Allow(can("task.read"))
  @VendorPortal()
  task(@Arg("id", () => ID) id: string, @Ctx() ctx: Context): Promise<Task> {
    return readTask(ctx, decodeId("task", id));
  }

  @Query(() => TaskConnection, { nullable: true, description: "Tasks that you can see, oldest first by default." })
  @Allow(can("task.read"))
  @VendorPortal()
  tasks(
    @Arg("queue", () => TaskQueue, { nullable: true, description: "Only tasks in this queue." }) queue: TaskQueue | null | undefined,
    @Arg("filter", () => TaskFilter.Input, { nullable: true }) filter: FilterValue | null | undefined,
    @Arg("orderBy", () => TaskOrder.Input, { nullable: true }) orderBy: OrderByValue | null | undefined,
    @Args(() => ConnectionArgs) page: ConnectionArgs,
    @Ctx() ctx: Context,
  ): Promise<Page<Task>> {
    return listTasks(ctx, { queue, filter, orderBy, page });
  }

  @Query(() => TaskCounts, {
    nullable: true,
    description: "Numbers of tasks in each queue that you can see, for badges.",
  })
  @Allow(can("task.read"))
  @VendorPortal()
  taskCounts(@Ctx() ctx: Context): Promise<TaskCounts> {
    return readTaskCounts(ctx);
  }

  @Mutation(() => TaskPayload, {
    description:
      "Claims a task. Errors: NOT_FOUND, CONFLICT, TRANSITION_REJECTED (not offered to you, claimed, over, its workflow is suspended).",
  })
  @Allow(can("task.claim"))
  claimTask(
    @Arg("input", () => KeyedIdInput, { description: "ID of the task (`tsk_…`)." }) input: KeyedIdInput,
    @Ctx() ctx: Context,
  ): Promise<TaskPayload> {
    return claimTask(ctx, input);
  }

  @Mutation(() => TaskPayload, {
    description:
      "Releases a claimed task, which is offered to its candidates again. You can release your own tasks, and any task if you have `task.claim` and `workflow.cancel` in scope TENANT. An unclaimed task is not changed. Errors: NOT_FOUND, CONFLICT, TRANSITION_REJECTED (somebody else's task, over).",
  })
  @Allow(can("task.claim"))
  releaseTask(
    @Arg("input", () => KeyedVersionedIdInput, { description: "ID of the task (`tsk_…`)." }) input: KeyedVersionedIdInput,
    @Ctx() ctx: Context,
  ): Promise<TaskPayload> {
    return releaseTask(ctx, input);
  }

  @Mutation(() => CompleteTaskPayload, {
    description:
      "Completes a task by firing a transition of its instance, or with an outcome if a step of a run has opened it. Errors: NOT_FOUND, CONFLICT, TRANSITION_REJECTED, BAD_USER_INPUT (comment, input).",
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

/** Fields that tasks add to an instance. Declared here so that the instance does not depend on tasks. */
@Resolver(() => WorkflowInstance)
export class WorkflowInstanceTasksResolver {
  @FieldResolver(() => [Task], {
    description: "Tasks that you can see, of all states of the instance, oldest first. If there are more than 200, the newest 200.",
  })
  @Allow(inherit)
  @ViewerIndependent("task.read", "task.assign")
  tasks(@Root() { head }: WorkflowInstance, @Ctx() ctx: Context): Promise<Task[]> {
    return loadTasksOf(ctx, head.id);
  }
}

export const taskModule: SubgraphModule = {
  resolvers: { tasks: [TaskResolver, WorkflowInstanceTasksResolver] },
  references: { Task: referencesEach(loadTask) },
};
