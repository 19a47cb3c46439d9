import { findCycle, type PlanDependency } from "@weft/engine";
import { BadUserInput } from "@weft/shared/errors";
import type { Tx } from "@weft/platform/db";
import { findDependencyEdges } from "./dependency.store.js";
import { outlineOf, type TaskTree } from "./task-tree.js";

const maxNamed = 10;

/**
 * Checks that no task of a project would depend on itself, with the dependencies that are stored and those that are about to be.
 * @throws BadUserInput that says which tasks would depend on each other
 */
export async function assertNoCycle(
  tx: Tx,
  { projectId, tree, path, added = [] }: { projectId: string; tree: TaskTree; path: string; added?: readonly PlanDependency[] },
): Promise<void> {
  const edges = [...(await findDependencyEdges(tx, projectId)), ...added];
  // Without a dependency, there is no cycle: the tree has none.
  if (edges.length > 0) assertAcyclic(tree, edges, path);
}

function assertAcyclic(tree: TaskTree, edges: readonly PlanDependency[], path: string): void {
  const live = edges.filter(({ predecessorId, successorId }) => tree.byId.has(predecessorId) && tree.byId.has(successorId));
  // In the order of the plan: the cycle begins with its first task.
  const tasks = outlineOf(tree).flatMap(({ id }) => tree.byId.get(id) ?? []);
  const cycle = findCycle(tasks, live);
  if (cycle === null) return;
  const nameOf = (id: string): string => tree.byId.get(id)?.name ?? "";
  const [first = ""] = cycle;
  const names = cycle.length > maxNamed ? [...cycle.slice(0, maxNamed).map(nameOf), "…"] : cycle.map(nameOf);
  throw new BadUserInput([{ path, message: `${[...names, nameOf(first)].join(" → ")} would depend on itself.` }]);
}
