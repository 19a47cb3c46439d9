import { workflows } from "@weft/drizzle";
import { isCandidate, visibleTasks, type TaskRow } from "@weft/engine";
import {
  enumField,
  filterInput,
  idField,
  keysetPage,
  orderByInput,
  textField,
  timeField,
  type ConnectionArgs,
  type Context,
  type FilterValue,
  type OrderByValue,
  type Page,
  type Viewer,
} from "@weft/shared";
import { and, eq, type SQL } from "drizzle-orm";
import { registerEnumType } from "type-graphql";
import { countTasks, selectTaskPage } from "./task.store.js";
import { TaskStatus, toTask, type Task } from "./task.type.js";

const { tasks } = workflows;

export enum TaskQueue {
  MINE = "MINE",
  OFFERED_TO_ME = "OFFERED_TO_ME",
}
registerEnumType(TaskQueue, {
  name: "TaskQueue",
  description: "Whose work a list of tasks shows.",
  valuesConfig: {
    MINE: { description: "What I have claimed." },
    OFFERED_TO_ME: {
      description:
        "What I have claimed, and what is offered to one of my roles, my teams or me. What is over too: for what waits, filter by `status`.",
    },
  },
});

export const TaskFilter = filterInput("TaskFilter", {
  status: enumField("TaskStatus", TaskStatus, tasks.status),
  instanceId: idField("instance", tasks.instanceId),
  assigneeId: idField("user", tasks.assigneeId),
  state: textField(tasks.state),
  rule: textField(tasks.rule),
  title: textField(tasks.title),
  createdAt: timeField(tasks.createdAt),
  dueAt: timeField(tasks.dueAt),
});

export const TaskOrder = orderByInput("TaskOrder", {
  CREATED_AT: { column: tasks.createdAt, valueOf: (row: TaskRow) => row.createdAt },
  TITLE: { column: tasks.title, valueOf: (row: TaskRow) => row.title },
});

export type ListOptions = {
  readonly queue?: TaskQueue | null | undefined;
  readonly filter?: FilterValue | null | undefined;
  readonly orderBy?: OrderByValue | null | undefined;
  readonly page: ConnectionArgs;
};

/** A page of the tasks that the viewer may see; oldest first unless told otherwise: what waits longest comes first. */
export function listTasks(ctx: Context, { queue, filter, orderBy, page }: ListOptions): Promise<Page<Task>> {
  const where = and(visibleTasks(ctx.viewer, "task.read"), inQueue(ctx.viewer, queue), TaskFilter.toSql(filter));
  return keysetPage<TaskRow, Task>(ctx, {
    args: page,
    list: "tasks",
    orderBy: TaskOrder.resolve(orderBy, ["CREATED_AT", "ASC"]),
    id: { column: tasks.id, valueOf: (row) => row.id },
    fetch: (slice) => ctx.read((tx) => selectTaskPage(tx, where, slice)),
    count: () => ctx.read((tx) => countTasks(tx, where)),
    toNode: toTask,
  });
}

function inQueue(viewer: Viewer, queue: TaskQueue | null | undefined): SQL | undefined {
  if (queue === TaskQueue.MINE) return eq(tasks.assigneeId, viewer.userId);
  return queue === TaskQueue.OFFERED_TO_ME ? isCandidate(viewer) : undefined;
}
