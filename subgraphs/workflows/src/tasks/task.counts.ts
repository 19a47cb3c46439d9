import { Allow, inherit, type Context } from "@weft/shared";
import { Field, Int, ObjectType } from "type-graphql";
import type { TaskSource } from "./offered.js";
import { queueOf, TaskQueue } from "./task-queue.js";
import { countQueues } from "./task.store.js";

@ObjectType({
  description: "How much there is in each queue of tasks, for badges. Counting stops at 1,000: then there are as many or more.",
})
@Allow(inherit)
export class TaskCounts {
  @Field(() => Int, { description: "Of the queue MINE." })
  mine!: number;

  @Field(() => Int, { description: "Of the queue OFFERED_TO_ME." })
  offeredToMe!: number;

  @Field(() => Int, { description: "Of the queue TEAM." })
  team!: number;

  @Field(() => Int, { description: "Of the queue UNASSIGNED." })
  unassigned!: number;

  @Field(() => Int, { description: "Of the queue OVERDUE." })
  overdue!: number;

  @Field(() => Int, { description: "Of the queue NO_CANDIDATES." })
  noCandidates!: number;
}

/** All queues in one statement. */
export function readTaskCounts(ctx: Context): Promise<TaskCounts> {
  const of = (queue: TaskQueue): TaskSource => queueOf(ctx.viewer, queue);
  return ctx.read((tx) =>
    countQueues(tx, {
      mine: of(TaskQueue.MINE),
      offeredToMe: of(TaskQueue.OFFERED_TO_ME),
      team: of(TaskQueue.TEAM),
      unassigned: of(TaskQueue.UNASSIGNED),
      overdue: of(TaskQueue.OVERDUE),
      noCandidates: of(TaskQueue.NO_CANDIDATES),
    }),
  );
}
