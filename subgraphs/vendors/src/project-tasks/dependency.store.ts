import { vendors as tables } from "@weft/drizzle";
import { among, atVersion, insertedRow, named, nextVersion, type Tx, writtenRow } from "@weft/shared";
import type { PlanDependency } from "@weft/engine";
import { and, asc, eq, exists, isNull } from "drizzle-orm";

const { projectTaskDependencies: dependencies, projectTasks } = tables;

export type DependencyRow = typeof dependencies.$inferSelect;
export type NewDependency = typeof dependencies.$inferInsert;
export type DependencyChanges = Partial<Pick<DependencyRow, "kind" | "lagMinutes">>;

/** The kinds of dependencies, and what the core calls them. */
const coreKinds = {
  FINISH_TO_START: "FS",
  START_TO_START: "SS",
  FINISH_TO_FINISH: "FF",
  START_TO_FINISH: "SF",
} as const satisfies Readonly<Record<string, PlanDependency["kind"]>>;

export type TaskDependencyKind = keyof typeof coreKinds;

export const toCoreKind = (kind: TaskDependencyKind): PlanDependency["kind"] => coreKinds[kind];

/** A dependency as the core reads it. */
export type DependencyEdge = PlanDependency & { readonly projectId: string };

/** Returns the dependencies of projects, also those of deleted tasks, which have no effect. */
export async function findDependencyEdges(tx: Tx, projectIds: readonly string[]): Promise<DependencyEdge[]> {
  const query = tx
    .select({
      projectId: dependencies.projectId,
      predecessorId: dependencies.predecessorId,
      successorId: dependencies.successorId,
      kind: dependencies.kind,
      lagMinutes: dependencies.lagMinutes,
    })
    .from(dependencies)
    .where(among(dependencies.projectId, projectIds))
    .orderBy(asc(dependencies.id));
  const rows = await named("findDependencyEdges", query);
  return rows.map((row) => ({ ...row, kind: toCoreKind(row.kind as TaskDependencyKind) }));
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
