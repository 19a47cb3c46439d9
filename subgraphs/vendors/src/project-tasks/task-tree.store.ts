import { vendors as tables } from "@weft/drizzle";
import { named, type Tx } from "@weft/platform/db";
import { and, eq, gte, isNull, sql } from "drizzle-orm";

const { projectTasks } = tables;

/** What places a task in the tree of its project. */
export interface TreeRow {
  readonly id: string;
  readonly parentId: string | null;
  readonly position: number;
  readonly name: string;
  readonly deletedAt: string | null;
}

/** Returns the tree of a project, with its deleted tasks. */
export const findTree = (tx: Tx, projectId: string): Promise<TreeRow[]> =>
  named(
    "findTree",
    tx
      .select({
        id: projectTasks.id,
        parentId: projectTasks.parentId,
        position: projectTasks.position,
        name: projectTasks.name,
        deletedAt: projectTasks.deletedAt,
      })
      .from(projectTasks)
      .where(eq(projectTasks.projectId, projectId)),
  );

/** Moves the tasks with the same parent, from a position on, down by one. Their versions stay: nothing of them was changed. */
export async function makeRoom(
  tx: Tx,
  { projectId, parentId, position }: { projectId: string; parentId: string | null; position: number },
): Promise<void> {
  const siblings = and(
    eq(projectTasks.projectId, projectId),
    parentId === null ? isNull(projectTasks.parentId) : eq(projectTasks.parentId, parentId),
    gte(projectTasks.position, position),
  );
  const query = tx
    .update(projectTasks)
    .set({ position: sql`${projectTasks.position} + 1` })
    .where(siblings);
  await named("makeRoom", query);
}
