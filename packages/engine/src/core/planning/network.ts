/**
 * The network of a plan: which dates must be known before which others. A task is a node. A summary task has two: its *gate*, through which bounds reach
 * its children, and its *exit*, which has the latest dates of its children. So a dependency between two summary tasks is one edge, however many children
 * they have.
 */
import { PlanError, type PlanDependency, type PlanTask } from "./plan.js";

/** `dependency` is null between a summary task and its children. */
export type Edge = { readonly from: number; readonly to: number; readonly dependency: PlanDependency | null };

export type Network = {
  /** Number of tasks. The node of a task, for a summary task its gate, is the index of the task; its exit is that plus `size`. */
  readonly size: number;
  readonly isSummary: readonly boolean[];
  /** Index of the summary task; -1 at the top level. */
  readonly parents: readonly number[];
  readonly incoming: readonly (readonly Edge[])[];
  readonly outgoing: readonly (readonly Edge[])[];
  /** All nodes, each after those that it depends on. Some are missing if there is a cycle. */
  readonly order: readonly number[];
};

export type NetworkTask = Pick<PlanTask, "id" | "parentId">;

/** @throws PlanError `UNKNOWN_TASK` for the ID of a parent, predecessor or successor that is not a task of the plan */
export function networkOf(tasks: readonly NetworkTask[], dependencies: readonly PlanDependency[]): Network {
  const size = tasks.length;
  const indexes = new Map(tasks.map(({ id }, index) => [id, index]));
  const indexOf = (id: string): number => {
    const index = indexes.get(id);
    if (index === undefined) throw new PlanError("UNKNOWN_TASK", `The plan has no task "${id}".`, [id]);
    return index;
  };
  const parents = tasks.map(({ parentId }) => (parentId === null ? -1 : indexOf(parentId)));
  const containing = new Set(parents);
  const isSummary = tasks.map((_, index) => containing.has(index));
  const exitOf = (index: number): number => (isSummary[index] ? index + size : index);

  const edges: Edge[] = dependencies.map((dependency) => ({
    from: exitOf(indexOf(dependency.predecessorId)),
    to: indexOf(dependency.successorId),
    dependency,
  }));
  for (const [index, parent] of parents.entries()) {
    if (parent < 0) continue;
    edges.push({ from: parent, to: index, dependency: null }, { from: exitOf(index), to: parent + size, dependency: null });
  }
  const incoming = Array.from({ length: 2 * size }, (): Edge[] => []);
  const outgoing = Array.from({ length: 2 * size }, (): Edge[] => []);
  for (const edge of edges) {
    incoming[edge.to]?.push(edge);
    outgoing[edge.from]?.push(edge);
  }
  const nodes = tasks.flatMap((_, index) => (isSummary[index] ? [index, index + size] : [index]));
  return { size, isSummary, parents, incoming, outgoing, order: sorted(nodes, incoming, outgoing) };
}

function sorted(nodes: readonly number[], incoming: Network["incoming"], outgoing: Network["outgoing"]): number[] {
  const open = incoming.map((edges) => edges.length);
  const order = nodes.filter((node) => open[node] === 0);
  for (let next = 0; next < order.length; next++) {
    for (const { to } of outgoing[order[next] ?? 0] ?? []) {
      const left = (open[to] ?? 0) - 1;
      open[to] = left;
      if (left === 0) order.push(to);
    }
  }
  return order;
}

/** Whether every node has its place, so that there is no cycle. */
export const isComplete = ({ size, isSummary, order }: Network): boolean => order.length === size + isSummary.filter(Boolean).length;
