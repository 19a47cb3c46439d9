import type { Context } from "@weft/shared";
import { selectSuspendedInstances, selectTasks, selectTasksOf } from "./task.store.js";
import { toTask, type Task } from "./task.type.js";

/** Tasks by UUID as the viewer may see them; null for the others. */
export function loadTask(ctx: Context, id: string): Promise<Task | null> {
  const { viewer } = ctx;
  return ctx
    .loader<string, Task>("task", async (tx, ids) => new Map((await selectTasks(tx, viewer, ids)).map((row) => [row.id, toTask(row)])))
    .load(id);
}

/** The tasks of an instance, as the viewer may see them; one statement for all instances of the answer. */
export async function loadTasksOf(ctx: Context, instanceId: string): Promise<Task[]> {
  const { viewer } = ctx;
  const loader = ctx.loader<string, Task[]>("tasksOfInstance", async (tx, ids) => {
    const byInstance = Map.groupBy(await selectTasksOf(tx, viewer, ids), (row) => row.instanceId);
    return new Map([...byInstance].map(([id, rows]) => [id, rows.map(toTask)]));
  });
  return (await loader.load(instanceId)) ?? [];
}

/** Whether the instance of a task that the viewer has reached is held; one statement for all tasks of the answer. */
export async function loadIsSuspended(ctx: Context, instanceId: string): Promise<boolean> {
  const loader = ctx.loader<string, boolean>(
    "isSuspended",
    async (tx, ids) => new Map((await selectSuspendedInstances(tx, ids)).map(({ id }) => [id, true])),
  );
  return (await loader.load(instanceId)) ?? false;
}
