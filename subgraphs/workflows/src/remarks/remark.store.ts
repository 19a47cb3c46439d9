import { workflows } from "@weft/drizzle";
import type { TaskRemarkRow } from "@weft/engine";
import { among, named, visibleTasks, type Tx, type Viewer } from "@weft/shared";
import { and, eq, getTableColumns, lte, sql } from "drizzle-orm";

const { instances, taskRemarks, tasks } = workflows;

/** Of a task's remarks the newest are shown. */
export const MAX_REMARKS = 200;

/** The remarks about many tasks that the viewer has reached, oldest first; of each task at most the newest `MAX_REMARKS`. */
export function selectRemarksOf(tx: Tx, taskIds: readonly string[]): Promise<TaskRemarkRow[]> {
  const ranked = tx
    .select({
      ...getTableColumns(taskRemarks),
      rank: sql<number>`row_number() over (partition by ${taskRemarks.taskId} order by ${taskRemarks.id} desc)`.as("rank"),
    })
    .from(taskRemarks)
    .where(among(taskRemarks.taskId, taskIds))
    .as("ranked");
  return named("selectRemarksOf", tx.select().from(ranked).where(lte(ranked.rank, MAX_REMARKS)).orderBy(ranked.id));
}

/** Remarks about tasks that the viewer may see. */
export function selectRemarks(tx: Tx, viewer: Viewer, ids: readonly string[]): Promise<TaskRemarkRow[]> {
  return named(
    "selectRemarks",
    tx
      .select(getTableColumns(taskRemarks))
      .from(taskRemarks)
      .innerJoin(tasks, and(eq(tasks.tenantId, taskRemarks.tenantId), eq(tasks.id, taskRemarks.taskId)))
      .innerJoin(instances, and(eq(instances.tenantId, tasks.tenantId), eq(instances.id, tasks.instanceId)))
      .where(and(among(taskRemarks.id, ids), visibleTasks(viewer, "task.read"))),
  );
}

/** Remarks of tasks that the viewer has reached. */
export function selectQuestions(tx: Tx, ids: readonly string[]): Promise<TaskRemarkRow[]> {
  return named("selectQuestions", tx.select().from(taskRemarks).where(among(taskRemarks.id, ids)));
}
