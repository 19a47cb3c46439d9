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
  flagField,
  isCandidate,
  isOfferedTo,
  reachesAll,
  visibleTasks,
} from "@weft/shared";
import { and, arrayOverlaps, eq, inArray, isNull, lt, sql, type SQL } from "drizzle-orm";
import { registerEnumType } from "type-graphql";
import { countTasks, selectTaskPage } from "./task.store.js";
import { TaskPriority, TaskStatus, toTask, type Task } from "./task.type.js";

const { tasks } = workflows;

export enum TaskQueue {
  MINE = "MINE",
  OFFERED_TO_ME = "OFFERED_TO_ME",
  TEAM = "TEAM",
  UNASSIGNED = "UNASSIGNED",
  OVERDUE = "OVERDUE",
  NO_CANDIDATES = "NO_CANDIDATES",
}
registerEnumType(TaskQueue, {
  name: "TaskQueue",
  description: "Whose work a list of tasks shows. What is over (COMPLETED, CLOSED) is in a queue only when the filter asks for a `status`.",
  valuesConfig: {
    MINE: { description: "What I have claimed and not completed." },
    OFFERED_TO_ME: {
      description:
        "What I have claimed, what is offered to one of my roles, my teams or me, what names somebody for whom I stand in, and what waits for an answer of mine.",
    },
    TEAM: { description: "What is offered to one of my teams, whoever has claimed it." },
    UNASSIGNED: { description: "What nobody has claimed: of what is offered to me, or of everything for who sees all tasks." },
    OVERDUE: {
      description:
        "What should have been done by now, of what is offered to me, or of everything for who sees all tasks; what is due longest comes first.",
    },
    NO_CANDIDATES: { description: "What is offered to nobody and claimed by nobody; only who may assign tasks (`task.assign`) sees any." },
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
  priority: enumField("TaskPriority", TaskPriority, tasks.priority),
  isWaitingForAnswer: flagField(sql`${tasks.questionId} is not null`),
});

export const TaskOrder = orderByInput("TaskOrder", {
  CREATED_AT: { column: tasks.createdAt, valueOf: (row: TaskRow) => row.createdAt },
  TITLE: { column: tasks.title, valueOf: (row: TaskRow) => row.title },
  PRIORITY: {
    column: tasks.priority,
    valueOf: (row: TaskRow) => String(row.priority),
    description: "From LOW to URGENT; DESC for what is most urgent.",
  },
  DUE_AT: {
    column: tasks.dueOrder,
    valueOf: (row: TaskRow) => row.dueOrder,
    description: "What has no deadline comes after all that has one.",
  },
});

export type ListOptions = {
  readonly queue?: TaskQueue | null | undefined;
  readonly filter?: FilterValue | null | undefined;
  readonly orderBy?: OrderByValue | null | undefined;
  readonly page: ConnectionArgs;
};

/** A page of the tasks that the viewer may see; oldest first unless told otherwise: what waits longest comes first. */
export function listTasks(ctx: Context, { queue, filter, orderBy, page }: ListOptions): Promise<Page<Task>> {
  const where = and(
    visibleTasks(ctx.viewer, "task.read"),
    queue ? inQueue(ctx.viewer, queue, filter) : undefined,
    TaskFilter.toSql(filter),
  );
  return keysetPage<TaskRow, Task>(ctx, {
    args: page,
    list: "tasks",
    orderBy: TaskOrder.resolve(orderBy, [queue === TaskQueue.OVERDUE ? "DUE_AT" : "CREATED_AT", "ASC"]),
    id: { column: tasks.id, valueOf: (row) => row.id },
    fetch: (slice) => ctx.read((tx) => selectTaskPage(tx, where, slice)),
    count: () => ctx.read((tx) => countTasks(tx, where)),
    toNode: toTask,
  });
}

/** What a queue holds of the tasks that the viewer may see. */
export function inQueue(viewer: Viewer, queue: TaskQueue, filter?: FilterValue | null): SQL | undefined {
  const isWaiting = asksFor("status", filter) ? undefined : inArray(tasks.status, waiting);
  switch (queue) {
    case TaskQueue.MINE:
      return and(eq(tasks.assigneeId, viewer.userId), isWaiting);
    case TaskQueue.OFFERED_TO_ME:
      // The indexes are of what waits.
      return isWaiting ? and(isOfferedTo(viewer), isWaiting) : isCandidate(viewer);
    case TaskQueue.TEAM:
      return and(isOfferedToTeams(viewer), isWaiting);
    case TaskQueue.UNASSIGNED:
      return and(isNull(tasks.assigneeId), asksFor("status", filter) ? undefined : eq(tasks.status, TaskStatus.OPEN), ofMyConcern(viewer));
    case TaskQueue.OVERDUE:
      return and(lt(tasks.dueOrder, sql`app.weft_now()`), isWaiting, ofMyConcern(viewer));
    case TaskQueue.NO_CANDIDATES:
      return and(eq(tasks.queueKey, "none"), isNull(tasks.assigneeId), isWaiting, visibleTasks(viewer, "task.assign"));
    default:
      throw new Error(`unknown queue ${String(queue satisfies never)}`);
  }
}

/** Who does not see all tasks looks for those that are offered to him by indexes, not among all that wait. */
const ofMyConcern = (viewer: Viewer): SQL | undefined => (reachesAll(viewer, "task.read") ? undefined : isOfferedTo(viewer));

function isOfferedToTeams({ teamIds }: Viewer): SQL {
  if (teamIds.length === 0) return sql`false`;
  const keys = ["many", ...teamIds.map((team) => `team:${team}`)];
  return and(inArray(tasks.queueKey, keys), arrayOverlaps(tasks.candidateTeamIds, [...teamIds])) ?? sql`false`;
}

/** What waits for somebody: a task that is over waits for nobody. */
const waiting = [TaskStatus.OPEN, TaskStatus.CLAIMED];

/** Whether a filter has a condition on this field, at any depth. */
function asksFor(field: string, filter: unknown): boolean {
  if (Array.isArray(filter)) return filter.some((side) => asksFor(field, side));
  if (typeof filter !== "object" || filter === null) return false;
  const { and: all, or: any, not, [field]: condition } = filter as FilterValue;
  return (condition !== undefined && condition !== null) || [all, any, not].some((side) => asksFor(field, side));
}
