/**
 * Places states in rows and leads transitions between them. Own code, because the layout libraries take seconds where a server has milliseconds: @dagrejs/dagre 3.1.3
 * needed 0.2 s for 20 states with 40 transitions and 90 s for 500 with 1,000, on the thread that answers everybody; this one needs under 0.1 s for the largest
 * definition. It gets there by never cutting long transitions into pieces: they go down a lane beside the rows, and only neighbours are connected straight.
 *
 * Between two rows lies a gap with tracks. A transition's label takes a place on a track of the gap below its state, so that no two labels overlap.
 */
import type { Drawing } from "./drawing.js";
import { rankStates } from "./ranks.js";
import { Tracks } from "./tracks.js";

export type Box = { readonly x: number; readonly y: number; readonly width: number; readonly height: number };
export type Point = readonly [x: number, y: number];
export type PlacedState = Box & { readonly index: number };
/** `points`: corners of the line, from state to state; the label is centred on `label`. */
export type PlacedTransition = { readonly index: number; readonly points: readonly Point[]; readonly label: Point };
export type Layout = {
  readonly width: number;
  readonly height: number;
  /** In the order of the drawing, as are the transitions. */
  readonly states: readonly PlacedState[];
  readonly transitions: readonly PlacedTransition[];
};

export type Sizes = { readonly stateWidths: readonly number[]; readonly labelWidths: readonly number[] };

export const STATE_HEIGHT = 40;
const BETWEEN_STATES = 32;
const TRACK_HEIGHT = 20;
const GAP_MARGIN = 18;
const LANE_WIDTH = 12;
const MARGIN = 16;
/** How far from a corner what came along a lane enters. */
const CORNER = 12;

/** Where everything goes, in pixels from the upper left corner. Its time grows little faster than the number of transitions. */
export function layOut({ states, transitions }: Drawing, { stateWidths, labelWidths }: Sizes): Layout {
  const numbers = new Map(states.map(({ name }, index) => [name, index]));
  const edges = transitions.map(({ from, to }) => ({ from: numbers.get(from) ?? 0, to: numbers.get(to) ?? 0 }));
  const start = Math.max(
    0,
    states.findIndex(({ isInitial }) => isInitial),
  );
  const { ranks, rows } = rankStates(states.length, edges, start);
  const rankOf = (state: number): number => ranks[state] ?? 0;
  const lefts = placeInRows(rows, stateWidths, edges, rankOf);
  const centre = (state: number): number => (lefts[state] ?? 0) + (stateWidths[state] ?? 0) / 2;
  const ports = spreadPorts(edges, { centre, widths: stateWidths, rankOf });
  const entryAt = (state: number, side: "left" | "right"): number =>
    centre(state) + (side === "right" ? 0.5 : -0.5) * ((stateWidths[state] ?? 0) - 2 * CORNER);

  // Gap `g` lies above row `g`; the last one below all.
  const gaps = Array.from({ length: rows.length + 1 }, () => new Tracks());
  const lanes = { left: new Tracks(), right: new Tracks() };
  const plans = edges.map(({ from, to }, index) => {
    const [out, enter] = ports[index] ?? [0, 0];
    const half = (labelWidths[index] ?? 0) / 2 + 6;
    const below = rankOf(from) + 1;
    if (rankOf(to) === below) {
      const x = (out + enter) / 2;
      return { kind: "straight", out, enter, x, below, track: gaps[below]?.take(x - half, x + half) ?? 0 } as const;
    }
    const side = rankOf(to) > rankOf(from) ? "right" : "left";
    const above = rankOf(to);
    const span = side === "right" ? ([out - half, Infinity] as const) : ([-Infinity, out + half] as const);
    const end = entryAt(to, side);
    const into = side === "right" ? ([end, Infinity] as const) : ([-Infinity, end] as const);
    return {
      kind: "around",
      side,
      out,
      end,
      below,
      above,
      track: gaps[below]?.take(...span) ?? 0,
      // All that come to a state from one side come on one line.
      entry: gaps[above]?.takeFor(`${side} ${to}`, ...into) ?? 0,
      lane: lanes[side].take(Math.min(below, above), Math.max(below, above)),
    } as const;
  });

  const tops: number[] = [];
  const gapTops: number[] = [];
  let y = MARGIN;
  for (const gap of gaps) {
    gapTops.push(y);
    y += gap.count * TRACK_HEIGHT + (tops.length === 0 || tops.length === rows.length ? GAP_MARGIN : 2 * GAP_MARGIN);
    tops.push(y);
    y += STATE_HEIGHT;
  }
  const height = y - STATE_HEIGHT + MARGIN;
  const trackAt = (gap: number, track: number): number => (gapTops[gap] ?? 0) + GAP_MARGIN + (track + 0.5) * TRACK_HEIGHT;

  const labelled = plans.map((plan, index) => ({
    x: plan.kind === "straight" ? plan.x : plan.out,
    half: (labelWidths[index] ?? 0) / 2 + 6,
  }));
  const most = (values: number[]): number => values.reduce((a, b) => Math.max(a, b), 0);
  const rightmost = most([...lefts.map((left, state) => left + (stateWidths[state] ?? 0)), ...labelled.map(({ x, half }) => x + half)]);
  const leftmost = -most([...lefts.map((left) => -left), ...labelled.map(({ x, half }) => half - x)]);
  const shift = MARGIN + lanes.left.count * LANE_WIDTH - leftmost;
  const width = rightmost + shift + lanes.right.count * LANE_WIDTH + MARGIN;
  const laneAt = (side: "left" | "right", lane: number): number =>
    side === "right" ? rightmost + (lane + 1) * LANE_WIDTH : leftmost - (lane + 1) * LANE_WIDTH;
  const moved = ([x, at]: Point): Point => [Math.round(x + shift), Math.round(at)];

  return {
    width: Math.ceil(width),
    height: Math.ceil(height),
    states: states.map((_, index) => ({
      index,
      x: Math.round((lefts[index] ?? 0) + shift),
      y: tops[rankOf(index)] ?? 0,
      width: stateWidths[index] ?? 0,
      height: STATE_HEIGHT,
    })),
    transitions: plans.map((plan, index): PlacedTransition => {
      const bottom = (tops[plan.below - 1] ?? 0) + STATE_HEIGHT;
      const at = trackAt(plan.below, plan.track);
      if (plan.kind === "straight") {
        const corners: Point[] = [
          [plan.out, bottom],
          [plan.x, at],
          [plan.enter, tops[plan.below] ?? 0],
        ];
        return { index, points: corners.map(moved), label: moved([plan.x, at]) };
      }
      const lane = laneAt(plan.side, plan.lane);
      const entry = trackAt(plan.above, plan.entry);
      const corners: Point[] = [
        [plan.out, bottom],
        [plan.out, at],
        [lane, at],
        [lane, entry],
        [plan.end, entry],
        [plan.end, tops[plan.above] ?? 0],
      ];
      return { index, points: corners.map(moved), label: moved([plan.out, at]) };
    }),
  };
}

type Edge = { readonly from: number; readonly to: number };

/** The left side of each state: beside each other in their row's order, each row as near below what leads to it as that allows. */
function placeInRows(
  rows: readonly (readonly number[])[],
  widths: readonly number[],
  edges: readonly Edge[],
  rankOf: (state: number) => number,
): number[] {
  const parents = Map.groupBy(
    edges.filter(({ from, to }) => rankOf(from) < rankOf(to)),
    ({ to }) => to,
  );
  const lefts: number[] = [];
  for (const row of rows) {
    let next = -Infinity;
    let drift = 0;
    for (const state of row) {
      const width = widths[state] ?? 0;
      const above = parents.get(state) ?? [];
      const wished =
        above.reduce((sum, { from }) => sum + (lefts[from] ?? 0) + (widths[from] ?? 0) / 2, 0) / (above.length || 1) - width / 2;
      const left = Math.max(wished, next);
      lefts[state] = left;
      drift += left - wished;
      next = left + width + BETWEEN_STATES;
    }
    // Pushing goes to the right only; the row as a whole goes back.
    for (const state of row) lefts[state] = (lefts[state] ?? 0) - drift / row.length;
  }
  return lefts;
}

type Ground = {
  readonly centre: (state: number) => number;
  readonly widths: readonly number[];
  readonly rankOf: (state: number) => number;
};

/** Where each transition leaves its state below, and comes to the next row's from above: side by side, in the order of where they lead. */
function spreadPorts(edges: readonly Edge[], { centre, widths, rankOf }: Ground): [out: number, enter: number][] {
  const ports = edges.map((): [number, number] => [0, 0]);
  const isStraight = ({ from, to }: Edge): boolean => rankOf(to) === rankOf(from) + 1;
  const spread = (slot: 0 | 1, indices: readonly number[], far: (edge: Edge) => number): void => {
    const stateOf = (index: number): number => (slot === 0 ? edges[index]?.from : edges[index]?.to) ?? 0;
    const wished = (index: number): number => far(edges[index] ?? { from: 0, to: 0 });
    for (const [state, ends] of Map.groupBy(indices, stateOf)) {
      const ordered = ends.toSorted((a, b) => (wished(a) < wished(b) ? -1 : wished(a) > wished(b) ? 1 : a - b));
      const step = Math.min(24, ((widths[state] ?? 0) - (slot === 0 ? 2 : 4) * CORNER) / ordered.length);
      for (const [place, index] of ordered.entries()) {
        const port = ports[index];
        if (port) port[slot] = centre(state) + (place - (ordered.length - 1) / 2) * step;
      }
    }
  };
  const indices = [...edges.keys()];
  // What goes round leaves on the side of its lane.
  spread(0, indices, (edge) => (isStraight(edge) ? centre(edge.to) : rankOf(edge.to) > rankOf(edge.from) ? Infinity : -Infinity));
  const straight = indices.filter((index) => isStraight(edges[index] ?? { from: 0, to: 0 }));
  spread(1, straight, ({ from }) => centre(from));
  return ports;
}
