import { workflows } from "@weft/drizzle";
import type { Context } from "@weft/api/context";
import { Allow, inherit } from "@weft/api/rules";
import { and, sql, type SQL } from "drizzle-orm";
import { Field, Int, ObjectType } from "type-graphql";
import { waits, type TaskSource } from "./queues/offered.js";
import { queueOf, seen, TaskQueue } from "./queues/task-queue.js";
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

const { tasks } = workflows;

/** Number of waiting tasks, by what they wait for. */
export type WaitingTasks = Readonly<Record<"open" | "claimed" | "overdue", number>>;

/** Counts the waiting tasks that the viewer can see, of instances that match a condition, in one statement. Counting stops at 1,000. */
export function countWaitingTasks(ctx: Context, ofInstances: SQL | undefined): Promise<WaitingTasks> {
  const of = (condition: SQL): TaskSource => seen(ctx.viewer, and(condition, waits, ofInstances));
  return ctx.read((tx) =>
    countQueues(tx, {
      open: of(sql`${tasks.status} = 'OPEN'`),
      claimed: of(sql`${tasks.status} = 'CLAIMED'`),
      overdue: of(sql`${tasks.dueOrder} < app.weft_now()`),
    }),
  );
}
