import { Allow, inherit, type Context } from "@weft/shared";
import { Field, Int, ObjectType } from "type-graphql";
import type { TaskSource } from "./queues/offered.js";
import { queueOf, TaskQueue } from "./queues/task-queue.js";
import { countQueues } from "./task.store.js";

@ObjectType({
  description: "Number of tasks in each queue, for badges. Counting stops at 1,000, so 1,000 means 1,000 or more.",
})
@Allow(inherit)
export class TaskCounts {
  @Field(() => Int, { description: "Number of tasks in the queue MINE." })
  mine!: number;

  @Field(() => Int, { description: "Number of tasks in the queue OFFERED_TO_ME." })
  offeredToMe!: number;

  @Field(() => Int, { description: "Number of tasks in the queue TEAM." })
  team!: number;

  @Field(() => Int, { description: "Number of tasks in the queue UNASSIGNED." })
  unassigned!: number;

  @Field(() => Int, { description: "Number of tasks in the queue OVERDUE." })
  overdue!: number;

  @Field(() => Int, { description: "Number of tasks in the queue NO_CANDIDATES." })
  noCandidates!: number;
}

/** Counts all queues in one statement. */
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
