import type { Context } from "@weft/shared";
import { selectInstancesOfTasks, selectTasks, selectTasksOf, type InstanceOfTask } from "./task.store.js";
import { toTask, type Task } from "./task.type.js";

/** Loads tasks by UUID. Null for those that the viewer cannot see. */
export function loadTask(ctx: Context, id: string): Promise<Task | null> {
  const { viewer } = ctx;
  return ctx
    .loader<string, Task>("task", async (tx, ids) => new Map((await selectTasks(tx, viewer, ids)).map((row) => [row.id, toTask(row)])))
    .load(id);
}

/** Loads the tasks of an instance that the viewer can see. One statement for all instances of the response. */
export async function loadTasksOf(ctx: Context, instanceId: string): Promise<Task[]> {
  const { viewer } = ctx;
  const loader = ctx.loader<string, Task[]>("tasksOfInstance", async (tx, ids) => {
    const byInstance = Map.groupBy(await selectTasksOf(tx, viewer, ids), (row) => row.instanceId);
    return new Map([...byInstance].map(([id, rows]) => [id, rows.map(toTask)]));
  });
  return (await loader.load(instanceId)) ?? [];
}

/** Loads the columns of a task's instance that every user who can see the task can see. One statement for all tasks of the response. */
export function loadInstanceOfTask(ctx: Context, instanceId: string): Promise<InstanceOfTask | null> {
  const loader = ctx.loader<string, InstanceOfTask>(
    "instanceOfTask",
    async (tx, ids) => new Map((await selectInstancesOfTasks(tx, ids)).map((row) => [row.id, row])),
  );
  return loader.load(instanceId);
}
