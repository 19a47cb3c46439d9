import type { Context } from "@weft/shared";
import { selectQuestions, selectRemarks, selectRemarksOf } from "./remark.store.js";
import { toTaskRemark, type TaskRemark } from "./remark.type.js";

/** What was said about a task that the viewer has reached; one statement for all tasks of the answer. */
export async function loadRemarksOf(ctx: Context, taskId: string): Promise<TaskRemark[]> {
  const { viewer } = ctx;
  const loader = ctx.loader<string, TaskRemark[]>("remarksOfTask", async (tx, ids) => {
    const byTask = Map.groupBy(await selectRemarksOf(tx, viewer, ids), (row) => row.taskId);
    return new Map([...byTask].map(([id, rows]) => [id, rows.map(toTaskRemark)]));
  });
  return (await loader.load(taskId)) ?? [];
}

/** The question of a task that the viewer has reached. */
export function loadQuestion(ctx: Context, id: string): Promise<TaskRemark | null> {
  return ctx
    .loader<string, TaskRemark>(
      "question",
      async (tx, ids) => new Map((await selectQuestions(tx, ids)).map((row) => [row.id, toTaskRemark(row)])),
    )
    .load(id);
}

/** Remarks by UUID, about tasks that the viewer may see; null for the others. */
export function loadRemark(ctx: Context, id: string): Promise<TaskRemark | null> {
  const { viewer } = ctx;
  return ctx
    .loader<string, TaskRemark>(
      "taskRemark",
      async (tx, ids) => new Map((await selectRemarks(tx, viewer, ids)).map((row) => [row.id, toTaskRemark(row)])),
    )
    .load(id);
}
