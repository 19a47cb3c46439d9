import { workflows } from "@weft/drizzle";
import type { TaskRow } from "@weft/engine";
import type { Context } from "@weft/api/context";
import { enumField, filterInput, type FilterValue, flagField, idField, textField, timeField } from "@weft/api/filters";
import { Priority } from "@weft/api/inputs";
import { type ConnectionArgs, keysetPage, orderByInput, type OrderByValue, type Page } from "@weft/api/pages";
import { sql } from "drizzle-orm";
import { queueOf, seen, TaskQueue } from "./queues/task-queue.js";
import { countTasks, selectTaskPage } from "./task.store.js";
import { TaskStatus, taskNodes, type Task } from "./task.type.js";

const { tasks } = workflows;

export const TaskFilter = filterInput("TaskFilter", {
  status: enumField("TaskStatus", TaskStatus, tasks.status),
  instanceId: idField("instance", tasks.instanceId),
  assigneeId: idField("user", tasks.assigneeId),
  state: textField(tasks.state),
  rule: textField(tasks.rule),
  title: textField(tasks.title),
  createdAt: timeField(tasks.createdAt),
  dueAt: timeField(tasks.dueAt),
  overdueAt: timeField(tasks.overdueAt),
  isOverdue: flagField(sql`(${tasks.overdueAt} is not null and ${tasks.status} in ('OPEN', 'CLAIMED'))`),
  priority: enumField("Priority", Priority, tasks.priority),
  isWaitingForAnswer: flagField(sql`${tasks.questionId} is not null`),
});

export const TaskOrder = orderByInput("TaskOrder", {
  CREATED_AT: { column: tasks.createdAt, valueOf: (row: TaskRow) => row.createdAt },
  TITLE: { column: tasks.title, valueOf: (row: TaskRow) => row.title },
  PRIORITY: {
    column: tasks.priority,
    valueOf: (row: TaskRow) => String(row.priority),
    description: "From LOW to URGENT. Use DESC for the most urgent tasks first.",
  },
  DUE_AT: {
    column: tasks.dueOrder,
    valueOf: (row: TaskRow) => row.dueOrder,
    description: "Tasks without a deadline come after those with one.",
  },
});

export type ListOptions = {
  readonly queue?: TaskQueue | null | undefined;
  readonly filter?: FilterValue | null | undefined;
  readonly orderBy?: OrderByValue | null | undefined;
  readonly page: ConnectionArgs;
};

/** Returns a page of the tasks that the viewer can see, oldest first by default. */
export function listTasks(ctx: Context, { queue, filter, orderBy, page }: ListOptions): Promise<Page<Task>> {
  const condition = TaskFilter.toSql(filter);
  const source = queue ? queueOf(ctx.viewer, queue, filter, condition) : seen(ctx.viewer, condition);
  const order = TaskOrder.resolve(orderBy, [queue === TaskQueue.OVERDUE ? "DUE_AT" : "CREATED_AT", "ASC"]);
  const reading = taskNodes.reading(ctx, { order });
  return keysetPage<TaskRow, Task>(ctx, {
    args: page,
    list: "tasks",
    orderBy: order,
    id: { column: tasks.id, valueOf: (row) => row.id },
    fetch: (slice) => ctx.read((tx) => selectTaskPage(tx, { source, slice, reading })),
    count: () => ctx.read((tx) => countTasks(tx, source)),
    toNode: taskNodes.toNode,
  });
}
