import { at, isComplete, neighborsOf, networkOf, type Network, type NetworkTask } from "./network.js";
import type { PlanDependency } from "./plan.js";

/**
 * Returns the IDs of tasks that depend on each other in a circle, each a predecessor of the next one and the last of the first; null if there are none.
 * A dependency on a summary task is one on all its children, so a task cannot depend on a summary task that contains it, nor the reverse.
 */
export function findCycle(tasks: readonly NetworkTask[], dependencies: readonly PlanDependency[]): string[] | null {
  const network = networkOf(tasks, dependencies);
  return isComplete(network) ? null : cycleOf(tasks, network);
}

export function cycleOf(tasks: readonly NetworkTask[], { size, isSummary, dependencies, incoming, order }: Network): string[] {
  const done = new Set(order);
  const isOpen = (node: number): boolean => !done.has(node) && (node < size || isSummary[node - size] === true);
  // Every open node waits for an open one, so going back must come to one twice.
  const path: { readonly from: number; readonly dependency: PlanDependency | undefined }[] = [];
  const seen = new Map<number, number>();
  let node = Array.from({ length: 2 * size }, (_, index) => index).find(isOpen) ?? 0;
  while (!seen.has(node)) {
    seen.set(node, path.length);
    const place = neighborsOf(incoming, node).findIndex(isOpen);
    if (place < 0) throw new Error("a task that waits has nothing to wait for");
    const edge = at(incoming.first, node) + place;
    node = at(incoming.nodes, edge);
    path.push({ from: node, dependency: dependencies[at(incoming.links, edge)] });
  }
  const circle = path.slice(seen.get(node)).reverse();
  const dependent = circle.flatMap(({ dependency }) => (dependency ? [dependency.predecessorId, dependency.successorId] : []));
  // Without a dependency, tasks contain each other.
  const ids = dependent.length > 0 ? dependent : circle.map(({ from }) => tasks[from % size]?.id ?? "");
  const around = ids.filter((id, index) => id !== ids[index - 1]);
  if (around.length > 1 && around.at(-1) === around[0]) around.pop();
  return fromFirst(tasks, around);
}

/** Begins with the task that is first in the plan, so that the same plan always gives the same list. */
function fromFirst(tasks: readonly NetworkTask[], ids: readonly string[]): string[] {
  const first = tasks.find(({ id }) => ids.includes(id))?.id ?? "";
  const start = ids.indexOf(first);
  return [...ids.slice(start), ...ids.slice(0, start)];
}
