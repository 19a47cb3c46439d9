import { workflows } from "@weft/drizzle";
import type { TaskRow } from "@weft/engine";
import type { Permission, Viewer } from "@weft/shared/viewer";
import { visibleTasks } from "@weft/platform/access";
import { among, amongAny, named, type Tx } from "@weft/platform/db";
import type { KeysetSlice } from "@weft/api/pages";
import type { Reading } from "@weft/api/row-nodes";
import { and, eq, getTableColumns, lte, sql, type SQL } from "drizzle-orm";
import { countOfOffered, from, isAmongOffered, isOfOffered, readsInstances, type TaskSource } from "./queues/offered.js";

const { instances, tasks } = workflows;

/** Maximum number of tasks returned per instance, the newest ones. The list `tasks` contains all. */
export const MAX_TASKS = 200;

/** Visibility of a task depends on its instance. */
const ofInstance = and(eq(instances.tenantId, tasks.tenantId), eq(instances.id, tasks.instanceId));

const withInstances = (tx: Tx) => tx.select(getTableColumns(tasks)).from(tasks).innerJoin(instances, ofInstance);

/** Which tasks are read, or the tasks of which instances, and what of them. */
interface TasksToRead {
  readonly ids: readonly string[];
  readonly reading: Reading<TaskRow>;
}

export async function selectTasks(tx: Tx, viewer: Viewer, { ids, reading }: TasksToRead): Promise<TaskRow[]> {
  const query = tx
    .select(reading.columns)
    .from(tasks)
    .innerJoin(instances, ofInstance)
    .where(and(among(tasks.id, ids), visibleTasks(viewer, "task.read")));
  return reading.rows(await named("selectTasks", query));
}

export async function findTask(tx: Tx, viewer: Viewer, id: string, permission: Permission): Promise<TaskRow | null> {
  const [row] = await named("findTask", withInstances(tx).where(and(eq(tasks.id, id), visibleTasks(viewer, permission))));
  return row ?? null;
}

/** A page of those tasks, and what is read of them. */
interface TaskPage {
  readonly source: TaskSource;
  readonly slice: KeysetSlice;
  readonly reading: Reading<TaskRow>;
}

export async function selectTaskPage(tx: Tx, { source, slice, reading }: TaskPage): Promise<TaskRow[]> {
  const where = isOfOffered(source) ? isAmongOffered(source, slice) : and(source.where, slice.where);
  const all = tx.select(reading.columns).from(tasks);
  const query = (readsInstances(where) ? all.innerJoin(instances, ofInstance).$dynamic() : all.$dynamic())
    .where(where)
    .orderBy(...slice.orderBy)
    .limit(slice.limit);
  return reading.rows(await named("selectTaskPage", query));
}

export async function countTasks(tx: Tx, source: TaskSource): Promise<number> {
  const [row] = await tx.execute<{ count: number }>(named("countTasks", sql`select ${countOf(source)}::int as count`));
  return row?.count ?? 0;
}

/** A badge does not need larger numbers, and counting further would take too long. */
const MAX_COUNTED = 1000;

/** Counts the tasks of each source up to `MAX_COUNTED`, in one statement. */
export async function countQueues<Name extends string>(tx: Tx, sources: Readonly<Record<Name, TaskSource>>): Promise<Record<Name, number>> {
  const counts = Object.entries<TaskSource>(sources).map(
    ([name, source]) => sql`${countOf(source, MAX_COUNTED)}::int as ${sql.identifier(name)}`,
  );
  const [row] = await tx.execute<Record<Name, number>>(named("countQueues", sql`select ${sql.join(counts, sql`, `)}`));
  if (!row) throw new Error("statement without FROM returned no row");
  return row;
}

function countOf(source: TaskSource, limit?: number): SQL {
  if (isOfOffered(source)) return countOfOffered(source, limit);
  const bound = limit === undefined ? sql`` : sql`limit ${limit}`;
  return sql`(select count(*) from (select from ${from(source.where)} where ${source.where ?? sql`true`} ${bound}) c)`;
}

/** Returns the tasks of many instances that the viewer can see, oldest first, at most the newest `MAX_TASKS` of each. */
export async function selectTasksOf(tx: Tx, viewer: Viewer, { ids, reading }: TasksToRead): Promise<TaskRow[]> {
  const ranked = tx
    .select({
      ...reading.columns,
      id: tasks.id,
      rank: sql<number>`row_number() over (partition by ${tasks.instanceId} order by ${tasks.id} desc)`.as("rank"),
    })
    .from(tasks)
    .innerJoin(instances, ofInstance)
    .where(and(amongAny(tasks.instanceId, ids), visibleTasks(viewer, "task.read")))
    .as("ranked");
  const query = tx.select().from(ranked).where(lte(ranked.rank, MAX_TASKS)).orderBy(ranked.id);
  return reading.rows(await named("selectTasksOf", query));
}

/** Columns of an instance that its tasks reveal, even to viewers who cannot read it. */
export type InstanceOfTask = Pick<typeof instances.$inferSelect, "id" | "status" | "subjectType" | "subjectId" | "ancestors">;

/** Returns the instances of tasks that were already checked to be visible. */
export function selectInstancesOfTasks(tx: Tx, instanceIds: readonly string[]): Promise<InstanceOfTask[]> {
  const { id, status, subjectType, subjectId, ancestors } = instances;
  const columns = { id, status, subjectType, subjectId, ancestors };
  return named("selectInstancesOfTasks", tx.select(columns).from(instances).where(among(id, instanceIds)));
}
