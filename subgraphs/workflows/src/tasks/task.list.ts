import { workflows } from "@weft/drizzle";
import type { TaskRow } from "@weft/engine";
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
  isCandidate,
  visibleTasks,
} from "@weft/shared";
import { and, eq, inArray, type SQL } from "drizzle-orm";
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
        "What I have claimed, and what is offered to one of my roles, my teams or me. What is over (COMPLETED, CLOSED) only when the filter asks for a `status`.",
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
  const where = and(visibleTasks(ctx.viewer, "task.read"), inQueue(ctx.viewer, queue, filter), TaskFilter.toSql(filter));
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

function inQueue(viewer: Viewer, queue: TaskQueue | null | undefined, filter: FilterValue | null | undefined): SQL | undefined {
  if (queue === TaskQueue.MINE) return eq(tasks.assigneeId, viewer.userId);
  if (queue !== TaskQueue.OFFERED_TO_ME) return undefined;
  return asksFor("status", filter) ? isCandidate(viewer) : and(isCandidate(viewer), inArray(tasks.status, waiting));
}

/** What an offer is made of: a task that is over waits for nobody. */
const waiting = [TaskStatus.OPEN, TaskStatus.CLAIMED];

/** Whether a filter has a condition on this field, at any depth. */
function asksFor(field: string, filter: unknown): boolean {
  if (Array.isArray(filter)) return filter.some((side) => asksFor(field, side));
  if (typeof filter !== "object" || filter === null) return false;
  const { and: all, or: any, not, [field]: condition } = filter as FilterValue;
  return (condition !== undefined && condition !== null) || [all, any, not].some((side) => asksFor(field, side));
}
