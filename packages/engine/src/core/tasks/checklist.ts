/** Checklists of tasks that exist only in memory: the completed items, by task ID. */
import type { Machine } from "../model/machine.js";
import type { Snapshot } from "../model/snapshot.js";

/** Titles of the completed items, by task ID. */
export type CheckedItems = ReadonlyMap<string, ReadonlySet<string>>;

export function checkItems(checkedItems: CheckedItems, taskId: string, items: readonly string[]): CheckedItems {
  return new Map([...checkedItems, [taskId, new Set([...(checkedItems.get(taskId) ?? []), ...items])]]);
}

/** Returns the snapshot with the open checklist items of each open task, as the store would have read it. */
export function withCheckedItems(machine: Machine, snapshot: Snapshot, checkedItems: CheckedItems): Snapshot {
  const openTasks = snapshot.openTasks.map((task) => {
    const items = machine.tasks.get(task.rule)?.checklist ?? [];
    return items.length === 0 ? task : { ...task, unticked: items.filter((item) => !checkedItems.get(task.id)?.has(item)).length };
  });
  return { ...snapshot, openTasks };
}
