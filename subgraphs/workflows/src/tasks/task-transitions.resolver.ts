import { actorOf, availableForTasks } from "@weft/engine";
import { Allow, inherit, type Context } from "@weft/shared";
import { Ctx, FieldResolver, Resolver, Root } from "type-graphql";
import { AvailableTransition } from "../instances/instance.type.js";
import { selectNextTasks } from "./next-tasks.store.js";
import { CompleteTaskPayload } from "./task.input.js";
import { isWaiting, Task, toTask } from "./task.type.js";

/** What somebody who has a task before him can do with it. */
@Resolver(() => Task)
export class TaskTransitionsResolver {
  @FieldResolver(() => [AvailableTransition], {
    description:
      "What `completeTask` may name for it, with the reasons when it is not open to you; where votes decide, whom you may vote for. Empty when it is over, or not yours to complete.",
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

/** What comes after a task. */
@Resolver(() => CompleteTaskPayload)
export class NextTasksResolver {
  @FieldResolver(() => [Task], {
    description:
      "What you could do next, at most 10: first tasks of the same workflow, then those that you have claimed, then those that are offered to you.",
  })
  @Allow(inherit)
  nextTasks(@Root() { task }: CompleteTaskPayload, @Ctx() ctx: Context): Promise<Task[]> {
    return ctx.read(async (tx) => (await selectNextTasks(tx, ctx.viewer, task.row.instanceId)).map(toTask));
  }
}
