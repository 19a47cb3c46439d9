/** States and transitions by their index, because names that users chose can be anything. */
export type Graph = {
  readonly initial: number | null;
  readonly stateWidths: readonly number[];
  readonly transitions: readonly { readonly from: number; readonly to: number; readonly labelWidth: number }[];
};

export type Point = { readonly x: number; readonly y: number };
export type Box = Point & { readonly width: number; readonly height: number };
/** `points`: corners of the line, from state to state. */
export type PlacedTransition = { readonly points: readonly Point[]; readonly label: Box };

/** States and transitions are in the order of the graph. */
export type Placed = {
  readonly states: readonly Box[];
  readonly transitions: readonly PlacedTransition[];
  /** The line from the initial dot, which it starts in the center of, to the initial state. Empty if there is no initial state. */
  readonly start: readonly Point[];
};
export type Layout = Placed & { readonly width: number; readonly height: number };

export const STATE_HEIGHT = 40;
export const LABEL_HEIGHT = 16;
export const DOT_RADIUS = 5;
const MARGIN = 16;
export const NOWHERE: Box = { x: 0, y: 0, width: 0, height: 0 };

export const centerOf = ({ x, y, width, height }: Box): Point => ({ x: x + width / 2, y: y + height / 2 });

/** Moves everything so that it fits between margins in a picture that begins at 0. */
export function withMargin({ states, transitions, start }: Placed): Layout {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  const include = ({ x, y }: Point, { width, height }: Box = NOWHERE): void => {
    [left, top] = [Math.min(left, x), Math.min(top, y)];
    [right, bottom] = [Math.max(right, x + width), Math.max(bottom, y + height)];
  };
  for (const box of states) include(box, box);
  for (const { points, label } of transitions) {
    include(label, label);
    for (const point of points) include(point);
  }
  for (const point of start) include({ x: point.x, y: point.y - DOT_RADIUS });
  if (left === Infinity) return { states, transitions, start, width: 2 * MARGIN, height: 2 * MARGIN };
  const moved = <P extends Point>(point: P): P => ({ ...point, x: point.x - left + MARGIN, y: point.y - top + MARGIN });
  return {
    states: states.map(moved),
    transitions: transitions.map(({ points, label }) => ({ points: points.map(moved), label: moved(label) })),
    start: start.map(moved),
    width: right - left + 2 * MARGIN,
    height: bottom - top + 2 * MARGIN,
  };
}
