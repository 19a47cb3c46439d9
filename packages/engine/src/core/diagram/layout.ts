/**
 * Places states and transitions: usually in layers, by dagre. dagre's time grows faster than the drawing: 5 ms for a typical definition, 90 s for
 * 500 states with 1,000 transitions, and nothing else runs meanwhile. Drawings above a limit are therefore laid out as a list.
 */
import type { Drawing } from "./drawing.js";
import { layOutLayers } from "./layered-layout.js";
import { effortOf } from "./layout-effort.js";
import { layOutList } from "./list-layout.js";
import type { Graph, Layout } from "./placement.js";

/**
 * Maximum effort of a layout in layers. Of 3,000 random graphs within it, the slowest took 80 ms of processor time. 50 states with 100 transitions,
 * most of them to a state nearby, have an effort of about 600.
 */
export const MAX_EFFORT = 1_000;

/** Widths of the boxes of states and of the labels of transitions, in pixels, in the order of the drawing. */
export type Sizes = { readonly stateWidths: readonly number[]; readonly labelWidths: readonly number[] };

/** Returns the position of everything, in pixels from the upper left corner. The same drawing always has the same layout. */
export function layOut(drawing: Drawing, sizes: Sizes): Layout {
  const graph = graphOf(drawing, sizes);
  return effortOf(graph) <= MAX_EFFORT ? layOutLayers(graph) : layOutList(graph);
}

function graphOf({ states, transitions }: Drawing, { stateWidths, labelWidths }: Sizes): Graph {
  const numbers = new Map(states.map(({ name }, index) => [name, index]));
  const initial = states.findIndex(({ isInitial }) => isInitial);
  return {
    initial: initial === -1 ? null : initial,
    stateWidths,
    transitions: transitions.map(({ from, to }, index) => ({
      from: numbers.get(from) ?? 0,
      to: numbers.get(to) ?? 0,
      labelWidth: labelWidths[index] ?? 0,
    })),
  };
}
