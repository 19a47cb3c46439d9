import { actorOf, availableForTasks } from "@weft/engine";
import type { Context } from "@weft/api/context";
import { Allow, inherit } from "@weft/api/rules";
import type { SubgraphModule } from "@weft/api/subgraph";
import { Ctx, FieldResolver, Resolver, Root } from "type-graphql";
import { AvailableTransition } from "../instances/instance.type.js";
import { selectNextTasks } from "./queues/next-tasks.store.js";
import { CompleteTaskPayload } from "./task.input.js";
import { isWaiting, Task, toTask } from "./task.type.js";

/** What a user can do with a task. */
@Resolver(() => Task)
export class TaskTransitionsResolver {
  @FieldResolver(() => [AvailableTransition], {
    description:
      "Transitions that you can pass to `completeTask`, with the reasons why you cannot use them. If votes decide, the options you can vote for. Empty if the task is over, or if you cannot complete it.",
  })
  @Allow(inherit)
  async availableTransitions(@Root() { row }: Task, @Ctx() ctx: Context): Promise<AvailableTransition[]> {
    if (!isWaiting(row)) return [];
    const loader = ctx.loader("transitionsOfTask", (tx, ids: readonly string[]) =>
      availableForTasks(tx, ids, actorOf(ctx.viewer), ctx.computing),
    );
    return ((await loader.load(row.id)) ?? []).map((one) => ({ ...one, reasons: one.reasons.map(({ message }) => message) }));
  }
}

/** Tasks to do after this one. */
@Resolver(() => CompleteTaskPayload)
export class NextTasksResolver {
  @FieldResolver(() => [Task], {
    description:
      "Tasks that you could do next, at most 10: first tasks of the same workflow, then tasks that you have claimed, then tasks offered to you.",
  })
  @Allow(inherit)
  nextTasks(@Root() { task }: CompleteTaskPayload, @Ctx() ctx: Context): Promise<Task[]> {
    return ctx.read(async (tx) => (await selectNextTasks(tx, ctx.viewer, task.row.instanceId)).map(toTask));
  }
}

export const taskTransitionsModule: SubgraphModule = { resolvers: { tasks: [TaskTransitionsResolver, NextTasksResolver] } };
