import type { Graph } from "./placement.js";

/** The recursion below is as deep as a chain of states is long. */
const MAX_PARTS = 2_000;

/**
 * Returns the work of a layout in layers: the number of states, labels, and layers that transitions pass, each of which dagre treats as a node. Not
 * less than dagre's own number, because dagre removes cycles in the same order and then makes transitions as short as possible.
 */
export function effortOf({ initial, stateWidths, transitions }: Graph): number {
  const parts = stateWidths.length + 2 * transitions.length;
  if (parts > MAX_PARTS) return Infinity;
  const next = Map.groupBy(transitions, ({ from }) => from);
  const heights = new Map<number, number>();
  const open = new Set<number>();
  /** Length of the longest path from a state, without transitions back to a state that the search came through. */
  const heightOf = (state: number): number => {
    const known = heights.get(state);
    if (known !== undefined) return known;
    open.add(state);
    let height = 0;
    for (const { to } of next.get(state) ?? []) if (!open.has(to)) height = Math.max(height, heightOf(to) + 1);
    open.delete(state);
    heights.set(state, height);
    return height;
  };
  if (initial !== null) heightOf(initial);
  for (const state of stateWidths.keys()) heightOf(state);
  return transitions.reduce((sum, { from, to }) => sum + 2 * Math.abs(heightOf(from) - heightOf(to)), parts);
}
