import { workflows } from "@weft/drizzle";
import type { TaskCommentRow } from "@weft/engine";
import type { Viewer } from "@weft/shared/viewer";
import { isOnlyAsked, visibleTasks } from "@weft/platform/access";
import { among, named, type Tx } from "@weft/platform/db";
import { and, eq, getTableColumns, lte, not, or, sql } from "drizzle-orm";

const { instances, taskComments, tasks } = workflows;

/** Maximum number of comments returned per task, the newest ones. */
export const MAX_COMMENTS = 200;

/**
 * Comments that the viewer can read on a visible task. Normally all; if the task is visible only because of a question, that question and the
 * viewer's own comments.
 */
const readable = (viewer: Viewer) =>
  or(
    eq(taskComments.id, tasks.questionId),
    eq(taskComments.authorId, viewer.userId),
    eq(taskComments.askedId, viewer.userId),
    not(isOnlyAsked(viewer)),
  );

/** Returns the comments on many tasks that the viewer can see, oldest first, at most the newest `MAX_COMMENTS` of each. */
export function selectCommentsOf(tx: Tx, viewer: Viewer, taskIds: readonly string[]): Promise<TaskCommentRow[]> {
  const ranked = tx
    .select({
      ...getTableColumns(taskComments),
      rank: sql<number>`row_number() over (partition by ${taskComments.taskId} order by ${taskComments.id} desc)`.as("rank"),
    })
    .from(taskComments)
    .innerJoin(tasks, and(eq(tasks.tenantId, taskComments.tenantId), eq(tasks.id, taskComments.taskId)))
    .innerJoin(instances, and(eq(instances.tenantId, tasks.tenantId), eq(instances.id, tasks.instanceId)))
    .where(and(among(taskComments.taskId, taskIds), readable(viewer)))
    .as("ranked");
  return named("selectCommentsOf", tx.select().from(ranked).where(lte(ranked.rank, MAX_COMMENTS)).orderBy(ranked.id));
}

/** Returns comments on tasks that the viewer can see. */
export function selectComments(tx: Tx, viewer: Viewer, ids: readonly string[]): Promise<TaskCommentRow[]> {
  return named(
    "selectComments",
    tx
      .select(getTableColumns(taskComments))
      .from(taskComments)
      .innerJoin(tasks, and(eq(tasks.tenantId, taskComments.tenantId), eq(tasks.id, taskComments.taskId)))
      .innerJoin(instances, and(eq(instances.tenantId, tasks.tenantId), eq(instances.id, tasks.instanceId)))
      .where(and(among(taskComments.id, ids), visibleTasks(viewer, "task.read"), readable(viewer))),
  );
}

/** Returns comments on tasks that were already checked to be visible. */
export function selectQuestions(tx: Tx, ids: readonly string[]): Promise<TaskCommentRow[]> {
  return named("selectQuestions", tx.select().from(taskComments).where(among(taskComments.id, ids)));
}
