import { workflows } from "@weft/drizzle";
import type { TaskRemarkRow } from "@weft/engine";
import { among, isOnlyAsked, named, visibleTasks, type Tx, type Viewer } from "@weft/shared";
import { and, eq, getTableColumns, lte, not, or, sql } from "drizzle-orm";

const { instances, taskRemarks, tasks } = workflows;

/** Of a task's remarks the newest are shown. */
export const MAX_REMARKS = 200;

/**
 * Remarks that the viewer may read, about tasks that the viewer sees: all; of a task that is seen only because of a question that question, and what is the viewer's own.
 */
const readable = (viewer: Viewer) =>
  or(
    eq(taskRemarks.id, tasks.questionId),
    eq(taskRemarks.authorId, viewer.userId),
    eq(taskRemarks.askedId, viewer.userId),
    not(isOnlyAsked(viewer)),
  );

/** The remarks about many tasks that the viewer has reached, oldest first; of each task at most the newest `MAX_REMARKS`. */
export function selectRemarksOf(tx: Tx, viewer: Viewer, taskIds: readonly string[]): Promise<TaskRemarkRow[]> {
  const ranked = tx
    .select({
      ...getTableColumns(taskRemarks),
      rank: sql<number>`row_number() over (partition by ${taskRemarks.taskId} order by ${taskRemarks.id} desc)`.as("rank"),
    })
    .from(taskRemarks)
    .innerJoin(tasks, and(eq(tasks.tenantId, taskRemarks.tenantId), eq(tasks.id, taskRemarks.taskId)))
    .innerJoin(instances, and(eq(instances.tenantId, tasks.tenantId), eq(instances.id, tasks.instanceId)))
    .where(and(among(taskRemarks.taskId, taskIds), readable(viewer)))
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
      .where(and(among(taskRemarks.id, ids), visibleTasks(viewer, "task.read"), readable(viewer))),
  );
}

/** Remarks of tasks that the viewer has reached. */
export function selectQuestions(tx: Tx, ids: readonly string[]): Promise<TaskRemarkRow[]> {
  return named("selectQuestions", tx.select().from(taskRemarks).where(among(taskRemarks.id, ids)));
}
