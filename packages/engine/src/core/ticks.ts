/** Checklists of tasks that exist only in memory: what is ticked off, by the id of the task. */
import type { Machine } from "./machine.js";
import type { Snapshot } from "./snapshot.js";

/** Titles of the items that are ticked off, by the id of the task. */
export type Ticks = ReadonlyMap<string, ReadonlySet<string>>;

export function tick(ticks: Ticks, taskId: string, items: readonly string[]): Ticks {
  return new Map([...ticks, [taskId, new Set([...(ticks.get(taskId) ?? []), ...items])]]);
}

/** The snapshot with what is still to be done of each open task, as the store would have read it. */
export function withTicks(machine: Machine, snapshot: Snapshot, ticks: Ticks): Snapshot {
  const openTasks = snapshot.openTasks.map((task) => {
    const items = machine.tasks.get(task.rule)?.checklist ?? [];
    return items.length === 0 ? task : { ...task, unticked: items.filter((item) => !ticks.get(task.id)?.has(item)).length };
  });
  return { ...snapshot, openTasks };
}
