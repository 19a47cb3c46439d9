import { Graph as DagreGraph, layout, type DagreBox, type DagreEdge } from "./dagre.js";
import { centerOf, DOT_RADIUS, LABEL_HEIGHT, NOWHERE, STATE_HEIGHT, withMargin, type Box, type Graph, type Layout } from "./placement.js";
import { routeLines, type Line } from "./routes.js";

/** The initial dot is a node, so that no line runs through it. */
const DOT = "dot";
const nodeOf = (state: number): string => `s${state}`;

/**
 * Lays out a graph in layers: transitions lead down where possible, and cross as little as possible. dagre decides on the layers and on the position
 * of everything in a layer. Its lines are straight from layer to layer, which cuts corners of labels and boxes, so they are routed here.
 */
export function layOutLayers({ initial, stateWidths, transitions }: Graph): Layout {
  const dagre = new DagreGraph({ multigraph: true });
  dagre.setGraph({ rankdir: "TB", nodesep: 40, edgesep: 20, ranksep: 56 });
  if (initial !== null) {
    // dagre looks for cycles from the first node, which therefore comes to the top.
    dagre.setNode(DOT, { width: 2 * DOT_RADIUS, height: 2 * DOT_RADIUS });
    dagre.setEdge(DOT, nodeOf(initial), { weight: 10 });
  }
  for (const [state, width] of stateWidths.entries()) dagre.setNode(nodeOf(state), { width, height: STATE_HEIGHT });
  for (const [index, { from, to, labelWidth }] of transitions.entries())
    dagre.setEdge(nodeOf(from), nodeOf(to), { width: labelWidth, height: LABEL_HEIGHT, labelpos: "c" }, `t${index}`);
  layout(dagre);

  const states = [...stateWidths.keys()].map((state) => boxOf(dagre.node(nodeOf(state))));
  const edges = transitions.map(({ from, to }, index) => dagre.edge(nodeOf(from), nodeOf(to), `t${index}`));
  const labels = edges.map(boxOf);
  // In layers with boxes of several heights, the highest counts.
  const layers = new Map([...labels, ...states].map((box) => [centerOf(box).y, box.height / 2]));
  const lines = edges.map((edge, index) => lineOf(states[transitions[index]?.from ?? 0], states[transitions[index]?.to ?? 0], edge));
  const start = initial === null ? [] : [lineOf(boxOf(dagre.node(DOT)), states[initial], dagre.edge(DOT, nodeOf(initial)))];
  const routes = routeLines([...lines, ...start], layers);
  const [fromDot = []] = routes.splice(lines.length);
  return withMargin({
    states,
    transitions: labels.map((label, index) => ({ label, points: routes[index] ?? [] })),
    // The dot is drawn in the layer between its node and the state, because a line without a label needs no more room.
    start: [...start.flatMap(({ passes }) => passes.slice(-1)), ...fromDot.slice(-3)],
  });
}

/** dagre gives centers. */
function boxOf({ x, y, width, height }: DagreBox): Box {
  return { x: Math.round(x - width / 2), y: Math.round(y - height / 2), width, height };
}

/** The first and the last point are on the boxes; those of a line from a box to itself are useless. */
function lineOf(from = NOWHERE, to = NOWHERE, edge: DagreEdge): Line {
  const passes = from === to ? [centerOf(boxOf(edge))] : edge.points.slice(1, -1);
  return { from, to, passes: passes.map(({ x, y }) => ({ x: Math.round(x), y: Math.round(y) })) };
}
