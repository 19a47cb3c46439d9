import { vendors as tables } from "@weft/drizzle";
import { among, atVersion, insertedRow, named, nextVersion, type Tx, writtenRow } from "@weft/platform/db";
import { type EdgeColumns, edgesOf, type PlanDependency } from "@weft/engine";
import { and, asc, eq, exists, isNull, sql } from "drizzle-orm";

const { projectTaskDependencies: dependencies, projectTasks } = tables;

export type DependencyRow = typeof dependencies.$inferSelect;
export type NewDependency = typeof dependencies.$inferInsert;
export type DependencyChanges = Partial<Pick<DependencyRow, "kind" | "lagMinutes">>;

/** Returns the dependencies of a project, also those of deleted tasks, which have no effect. */
export async function findDependencyEdges(tx: Tx, projectId: string): Promise<PlanDependency[]> {
  const [row] = await tx.execute<{ edges: string }>(
    named(
      "findDependencyEdges",
      sql`select json_build_object('predecessorId', array_agg(d.predecessor_id), 'successorId', array_agg(d.successor_id), 'kind', array_agg(d.kind),
          'lagMinutes', array_agg(d.lag_minutes))::text as edges
        from (select * from vendors.project_task_dependencies d where d.tenant_id = app.tenant() and d.project_id = ${projectId}::uuid order by d.id) d`,
    ),
  );
  return row === undefined ? [] : edgesOf(JSON.parse(row.edges) as EdgeColumns);
}

/** Returns the dependencies of tasks on others (`successorId`), or of others on them, without those of deleted tasks. */
export function findDependenciesOf(tx: Tx, end: "predecessorId" | "successorId", taskIds: readonly string[]): Promise<DependencyRow[]> {
  const other = end === "successorId" ? dependencies.predecessorId : dependencies.successorId;
  const isThere = tx
    .select({ id: projectTasks.id })
    .from(projectTasks)
    .where(and(eq(projectTasks.tenantId, dependencies.tenantId), eq(projectTasks.id, other), isNull(projectTasks.deletedAt)));
  const query = tx
    .select()
    .from(dependencies)
    .where(and(among(dependencies[end], taskIds), exists(isThere)))
    .orderBy(asc(dependencies.id));
  return named("findDependenciesOf", query);
}

export async function findDependency(tx: Tx, id: string): Promise<DependencyRow | null> {
  const [row] = await named("findDependency", tx.select().from(dependencies).where(eq(dependencies.id, id)));
  return row ?? null;
}

/** @throws BadUserInput if the tasks depend on each other already */
export const insertDependency = (tx: Tx, values: NewDependency): Promise<DependencyRow> =>
  insertedRow(named("insertDependency", tx.insert(dependencies).values(values).returning()), {
    project_task_dependencies_key: {
      path: "input.predecessorId",
      message: "The task depends on this one already. Use updateTaskDependency to change the kind or the lag.",
    },
  });

/** Returns null if the dependency's version is no longer `version`. */
export const updateDependencyRow = (tx: Tx, id: string, version: number, changes: DependencyChanges): Promise<DependencyRow | null> =>
  writtenRow(
    named(
      "updateDependencyRow",
      tx
        .update(dependencies)
        .set({ ...changes, ...nextVersion(dependencies) })
        .where(atVersion(dependencies, id, version))
        .returning(),
    ),
  );

/** Returns null if the dependency's version is no longer `version`. */
export const deleteDependencyRow = (tx: Tx, id: string, version: number): Promise<DependencyRow | null> =>
  writtenRow(
    named(
      "deleteDependencyRow",
      tx
        .delete(dependencies)
        .where(atVersion(dependencies, id, version))
        .returning(),
    ),
  );
