import { workflows } from "@weft/drizzle";
import type { TaskRow } from "@weft/engine";
import { among, named, type KeysetSlice, type Permission, type Tx, type Viewer, visibleTasks } from "@weft/shared";
import { and, eq, getTableColumns, lte, sql, type SQL } from "drizzle-orm";
import { countOfOffered, from, isAmongOffered, isOfOffered, readsInstances, type TaskSource } from "./offered.js";

const { instances, tasks } = workflows;

/** Of an instance's tasks the newest are shown; the list `tasks` has them all. */
export const MAX_TASKS = 200;

/** Who may see a task depends on its instance. */
const ofInstance = and(eq(instances.tenantId, tasks.tenantId), eq(instances.id, tasks.instanceId));

const withInstances = (tx: Tx) => tx.select(getTableColumns(tasks)).from(tasks).innerJoin(instances, ofInstance);

export function selectTasks(tx: Tx, viewer: Viewer, ids: readonly string[]): Promise<TaskRow[]> {
  return named("selectTasks", withInstances(tx).where(and(among(tasks.id, ids), visibleTasks(viewer, "task.read"))));
}

export async function findTask(tx: Tx, viewer: Viewer, id: string, permission: Permission): Promise<TaskRow | null> {
  const [row] = await named("findTask", withInstances(tx).where(and(eq(tasks.id, id), visibleTasks(viewer, permission))));
  return row ?? null;
}

export function selectTaskPage(tx: Tx, source: TaskSource, slice: KeysetSlice): Promise<TaskRow[]> {
  const where = isOfOffered(source) ? isAmongOffered(source, slice) : and(source.where, slice.where);
  const all = readsInstances(where) ? withInstances(tx).$dynamic() : tx.select(getTableColumns(tasks)).from(tasks).$dynamic();
  return named(
    "selectTaskPage",
    all
      .where(where)
      .orderBy(...slice.orderBy)
      .limit(slice.limit),
  );
}

export async function countTasks(tx: Tx, source: TaskSource): Promise<number> {
  const [row] = await tx.execute<{ count: number }>(named("countTasks", sql`select ${countOf(source)}::int as count`));
  return row?.count ?? 0;
}

/** Nobody reads more off a badge, and nobody waits for it to be counted. */
const MAX_COUNTED = 1000;

/** How many tasks there are of each, up to `MAX_COUNTED`: one statement. */
export async function countQueues<Name extends string>(tx: Tx, sources: Readonly<Record<Name, TaskSource>>): Promise<Record<Name, number>> {
  const counts = Object.entries<TaskSource>(sources).map(
    ([name, source]) => sql`${countOf(source, MAX_COUNTED)}::int as ${sql.identifier(name)}`,
  );
  const [row] = await tx.execute<Record<Name, number>>(named("countQueues", sql`select ${sql.join(counts, sql`, `)}`));
  if (!row) throw new Error("a statement without FROM gave no row");
  return row;
}

function countOf(source: TaskSource, limit?: number): SQL {
  if (isOfOffered(source)) return countOfOffered(source, limit);
  const bound = limit === undefined ? sql`` : sql`limit ${limit}`;
  return sql`(select count(*) from (select from ${from(source.where)} where ${source.where ?? sql`true`} ${bound}) c)`;
}

/** The visible tasks of many instances, oldest first; of each at most the newest `MAX_TASKS`. */
export function selectTasksOf(tx: Tx, viewer: Viewer, instanceIds: readonly string[]): Promise<TaskRow[]> {
  const ranked = tx
    .select({
      ...getTableColumns(tasks),
      rank: sql<number>`row_number() over (partition by ${tasks.instanceId} order by ${tasks.id} desc)`.as("rank"),
    })
    .from(tasks)
    .innerJoin(instances, ofInstance)
    .where(and(among(tasks.instanceId, instanceIds), visibleTasks(viewer, "task.read")))
    .as("ranked");
  return named("selectTasksOf", tx.select().from(ranked).where(lte(ranked.rank, MAX_TASKS)).orderBy(ranked.id));
}

/** Of an instance what its tasks tell, also to viewers who may not read it. */
export type InstanceOfTask = Pick<typeof instances.$inferSelect, "id" | "status" | "subjectType" | "subjectId">;

/** The instances of tasks that the viewer has reached. */
export function selectInstancesOfTasks(tx: Tx, instanceIds: readonly string[]): Promise<InstanceOfTask[]> {
  const { id, status, subjectType, subjectId } = instances;
  return named("selectInstancesOfTasks", tx.select({ id, status, subjectType, subjectId }).from(instances).where(among(id, instanceIds)));
}
