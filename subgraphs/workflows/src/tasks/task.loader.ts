import type { Context } from "@weft/api/context";
import { selectInstancesOfTasks, selectTasks, selectTasksOf, type InstanceOfTask } from "./task.store.js";
import { taskNodes, type Task } from "./task.type.js";

/** Loads tasks by UUID. Null for those that the viewer cannot see. */
export function loadTask(ctx: Context, id: string): Promise<Task | null> {
  const loader = ctx.loader<string, Task>("task", async (tx, ids) => {
    const rows = await selectTasks(tx, ctx.viewer, { ids, reading: taskNodes.reading(ctx) });
    return new Map(rows.map((row) => [row.id, taskNodes.toNode(row)]));
  });
  return loader.load(id);
}

/** Loads the tasks of an instance that the viewer can see. One statement for all instances of the response. */
export async function loadTasksOf(ctx: Context, instanceId: string): Promise<Task[]> {
  const loader = ctx.loader<string, Task[]>("tasksOfInstance", async (tx, ids) => {
    const rows = await selectTasksOf(tx, ctx.viewer, { ids, reading: taskNodes.reading(ctx) });
    const byInstance = Map.groupBy(rows, (row) => row.instanceId);
    return new Map([...byInstance].map(([id, ofOne]) => [id, ofOne.map(taskNodes.toNode)]));
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
