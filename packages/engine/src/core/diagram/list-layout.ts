import { centerOf, LABEL_HEIGHT, NOWHERE, STATE_HEIGHT, withMargin, type Box, type Graph, type Layout, type Point } from "./placement.js";

const BETWEEN_STATES = 24;
const ROW_HEIGHT = 20;
const STEM_INDENT = 24;
const LABEL_INDENT = 40;
const LANE_WIDTH = 12;

/**
 * Lists the states one below the other, each with its transitions below it. From its label, a transition runs right to a lane, which all transitions
 * to the same state share, and in the lane to its state. Takes milliseconds for the largest definition.
 */
export function layOutList({ initial, stateWidths, transitions }: Graph): Layout {
  const states: Box[] = [];
  const labels: Box[] = [];
  const leaving = Map.groupBy(transitions.keys(), (index) => transitions[index]?.from);
  let y = 0;
  for (const [state, width] of stateWidths.entries()) {
    states.push({ x: 0, y, width, height: STATE_HEIGHT });
    y += STATE_HEIGHT;
    for (const index of leaving.get(state) ?? []) {
      y += ROW_HEIGHT;
      labels[index] = { x: LABEL_INDENT, y: y - LABEL_HEIGHT, width: transitions[index]?.labelWidth ?? 0, height: LABEL_HEIGHT };
    }
    y += BETWEEN_STATES;
  }
  const right = [...states, ...labels].reduce((most, { x, width }) => Math.max(most, x + width), 0);
  const lanes = assignLanes(transitions.map(({ to }, index) => ({ to, y: middle(labels[index]), end: middle(states[to]) })));
  const first = initial === null ? undefined : states[initial];
  return withMargin({
    states,
    transitions: transitions.map(({ from, to }, index) => {
      const label = labels[index] ?? NOWHERE;
      const [origin = NOWHERE, target = NOWHERE] = [states[from], states[to]];
      const lane = right + LANE_WIDTH * (1 + (lanes.get(to) ?? 0));
      const points: Point[] = [
        { x: STEM_INDENT, y: origin.y + STATE_HEIGHT },
        { x: STEM_INDENT, y: middle(label) },
        { x: lane, y: middle(label) },
        { x: lane, y: middle(target) },
        { x: target.width, y: middle(target) },
      ];
      return { points, label };
    }),
    start: first
      ? [
          { x: -STEM_INDENT, y: middle(first) },
          { x: 0, y: middle(first) },
        ]
      : [],
  });
}

const middle = (box: Box = NOWHERE): number => centerOf(box).y;

/** Returns the lane of each target, from 0: the first that no other target uses at the same height. */
function assignLanes(lines: readonly { readonly to: number; readonly y: number; readonly end: number }[]): Map<number, number> {
  const spans = [...Map.groupBy(lines, ({ to }) => to)].map(([to, ones]) => {
    const heights = ones.flatMap(({ y, end }) => [y, end]);
    return { to, top: heights.reduce((a, b) => Math.min(a, b)), bottom: heights.reduce((a, b) => Math.max(a, b)) };
  });
  const ends: number[] = [];
  const lanes = new Map<number, number>();
  for (const { to, top, bottom } of spans.toSorted((a, b) => a.top - b.top)) {
    const free = ends.findIndex((end) => end < top);
    const lane = free === -1 ? ends.length : free;
    ends[lane] = bottom;
    lanes.set(to, lane);
  }
  return lanes;
}
