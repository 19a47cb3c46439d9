import { Allow, inherit, visibleTasks, type Context } from "@weft/shared";
import { and } from "drizzle-orm";
import { Field, Int, ObjectType } from "type-graphql";
import { inQueue, TaskQueue } from "./task.list.js";
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
  const { viewer } = ctx;
  const visible = visibleTasks(viewer, "task.read");
  return ctx.read((tx) =>
    countQueues(tx, {
      mine: and(visible, inQueue(viewer, TaskQueue.MINE)),
      offeredToMe: and(visible, inQueue(viewer, TaskQueue.OFFERED_TO_ME)),
      team: and(visible, inQueue(viewer, TaskQueue.TEAM)),
      unassigned: and(visible, inQueue(viewer, TaskQueue.UNASSIGNED)),
      overdue: and(visible, inQueue(viewer, TaskQueue.OVERDUE)),
      noCandidates: and(visible, inQueue(viewer, TaskQueue.NO_CANDIDATES)),
    }),
  );
}
