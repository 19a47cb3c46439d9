/**
 * The network of a plan: which dates must be known before which others. A task is a node. A summary task has two: its *gate*, through which bounds reach
 * its children, and its *exit*, which has the latest dates of its children. So a dependency between two summary tasks is one edge, however many children
 * they have.
 */
import { PlanError, type PlanDependency, type PlanTask } from "./plan.js";

/**
 * The edges at each node, in the order of the plan. Those of node `n` have the indexes from `first[n]` up to `first[n + 1]`. Arrays of numbers: an object for
 * each edge, and a list of them for each node, took a fifth of the time of a schedule.
 */
export type Edges = {
  readonly first: Int32Array;
  /** The node at the other end. */
  readonly nodes: Int32Array;
  /** Index of the dependency; -1 between a summary task and its children. */
  readonly links: Int32Array;
};

export type Network = {
  /** Number of tasks. The node of a task, for a summary task its gate, is the index of the task; its exit is that plus `size`. */
  readonly size: number;
  readonly isSummary: readonly boolean[];
  /** Index of the summary task; -1 at the top level. */
  readonly parents: readonly number[];
  readonly dependencies: readonly PlanDependency[];
  readonly incoming: Edges;
  readonly outgoing: Edges;
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

  const count = dependencies.length + 2 * parents.reduce((sum, parent) => (parent < 0 ? sum : sum + 1), 0);
  const [from, to, links] = [new Int32Array(count), new Int32Array(count), new Int32Array(count).fill(-1)];
  let edge = 0;
  for (const [link, { predecessorId, successorId }] of dependencies.entries()) {
    from[edge] = exitOf(indexOf(predecessorId));
    to[edge] = indexOf(successorId);
    links[edge++] = link;
  }
  for (const [index, parent] of parents.entries()) {
    if (parent < 0) continue;
    from[edge] = parent;
    to[edge++] = index;
    from[edge] = exitOf(index);
    to[edge++] = parent + size;
  }
  const incoming = edgesAt(2 * size, { ends: to, others: from, links });
  const outgoing = edgesAt(2 * size, { ends: from, others: to, links });
  const nodes = tasks.flatMap((_, index) => (isSummary[index] ? [index, index + size] : [index]));
  return { size, isSummary, parents, dependencies, incoming, outgoing, order: sorted(nodes, incoming, outgoing) };
}

type EdgeLists = { readonly ends: Int32Array; readonly others: Int32Array; readonly links: Int32Array };

/** Sorts edges by one of their ends. Edges with the same one stay in their order. */
function edgesAt(nodes: number, { ends, others, links }: EdgeLists): Edges {
  const first = new Int32Array(nodes + 1);
  for (const end of ends) first[end + 1] = at(first, end + 1) + 1;
  for (let node = 0; node < nodes; node++) first[node + 1] = at(first, node + 1) + at(first, node);
  const next = first.slice();
  const edges = { first, nodes: new Int32Array(ends.length), links: new Int32Array(ends.length) };
  for (let edge = 0; edge < ends.length; edge++) {
    const end = at(ends, edge);
    const place = at(next, end);
    next[end] = place + 1;
    edges.nodes[place] = at(others, edge);
    edges.links[place] = at(links, edge);
  }
  return edges;
}

/** Reads an index that exists. */
export const at = (values: Int32Array, index: number): number => values[index] ?? 0;

/** Returns the nodes at the other ends of the edges at a node. */
export const neighborsOf = ({ first, nodes }: Edges, node: number): Int32Array => nodes.subarray(at(first, node), at(first, node + 1));

function sorted(nodes: readonly number[], incoming: Edges, outgoing: Edges): number[] {
  const open = incoming.first.map((first, node) => at(incoming.first, node + 1) - first);
  const order = nodes.filter((node) => open[node] === 0);
  for (let next = 0; next < order.length; next++) {
    const node = order[next] ?? 0;
    for (let edge = at(outgoing.first, node); edge < at(outgoing.first, node + 1); edge++) {
      const to = at(outgoing.nodes, edge);
      const left = at(open, to) - 1;
      open[to] = left;
      if (left === 0) order.push(to);
    }
  }
  return order;
}

/** Whether every node has its place, so that there is no cycle. */
export const isComplete = ({ size, isSummary, order }: Network): boolean => order.length === size + isSummary.filter(Boolean).length;
