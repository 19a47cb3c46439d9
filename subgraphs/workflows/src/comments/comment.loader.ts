import type { Context } from "@weft/api/context";
import { selectQuestions, selectComments, selectCommentsOf } from "./comment.store.js";
import { toTaskComment, type TaskComment } from "./comment.type.js";

/** Loads the comments on a task that the viewer can see. One statement for all tasks of the response. */
export async function loadCommentsOf(ctx: Context, taskId: string): Promise<TaskComment[]> {
  const { viewer } = ctx;
  const loader = ctx.loader<string, TaskComment[]>("commentsOfTask", async (tx, ids) => {
    const byTask = Map.groupBy(await selectCommentsOf(tx, viewer, ids), (row) => row.taskId);
    return new Map([...byTask].map(([id, rows]) => [id, rows.map(toTaskComment)]));
  });
  return (await loader.load(taskId)) ?? [];
}

/** Loads the open question of a task that the viewer can see. */
export function loadQuestion(ctx: Context, id: string): Promise<TaskComment | null> {
  return ctx
    .loader<string, TaskComment>(
      "question",
      async (tx, ids) => new Map((await selectQuestions(tx, ids)).map((row) => [row.id, toTaskComment(row)])),
    )
    .load(id);
}

/** Loads comments by UUID. Null for those on tasks that the viewer cannot see. */
export function loadComment(ctx: Context, id: string): Promise<TaskComment | null> {
  const { viewer } = ctx;
  return ctx
    .loader<string, TaskComment>(
      "taskComment",
      async (tx, ids) => new Map((await selectComments(tx, viewer, ids)).map((row) => [row.id, toTaskComment(row)])),
    )
    .load(id);
}
