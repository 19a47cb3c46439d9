import { centerOf, LABEL_HEIGHT, type Box, type Point } from "./placement.js";

/** `passes`: the middle of each layer between the boxes, or of the label if the line leads back to its box. */
export type Line = { readonly from: Box; readonly to: Box; readonly passes: readonly Point[] };

/** Distance of a line's end from the corners of its box. */
const CORNER = 12;
const BETWEEN_ENDS = 14;
/** Length of the vertical part of a line that has room for the arrowhead. */
const ARROW_ROOM = 10;

/**
 * Returns the points of each line. Lines run vertically through a layer and sideways only between layers, where there are neither boxes nor labels.
 * They end at the top or the bottom of a box, side by side.
 * @param layers half of the height of each layer, by the y of its middle
 */
export function routeLines(lines: readonly Line[], layers: ReadonlyMap<number, number>): Point[][] {
  const ends = placeEnds(
    lines.flatMap(({ from, to, passes }) => [
      { box: from, side: sideTowards(from, to), wished: (passes.at(0) ?? centerOf(to)).x },
      { box: to, side: sideTowards(to, from), wished: (passes.at(-1) ?? centerOf(from)).x },
    ]),
  );
  const loops = Map.groupBy(
    lines.filter(({ from, to }) => from === to),
    ({ from }) => from,
  );
  return lines.map((line, index) => {
    const { from, to, passes } = line;
    const [start, end] = [ends[2 * index], ends[2 * index + 1]];
    const sameBox = loops.get(from) ?? [];
    if (from === to) return loopAround(line, sameBox.indexOf(line) / Math.max(1, sameBox.length - 1));
    if (!start || !end) return [];
    const down = from.y < to.y ? 1 : -1;
    const middle = passes.flatMap(({ x, y }) => {
      const half = (layers.get(y) ?? 0) * down;
      return [
        { x, y: y - half },
        { x, y: y + half },
      ];
    });
    return [start, ...middle, { x: end.x, y: end.y - down * ARROW_ROOM }, end];
  });
}

/** Leads out of the right side of a box and back, above and below the labels that are closer to the box. `share`: 0 for the first loop, 1 for the last. */
function loopAround({ from, passes }: Line, share: number): Point[] {
  const right = from.x + from.width;
  const [least, most] = [LABEL_HEIGHT / 2 + 2, from.height / 2 - 4];
  const reach = Math.round(least + (most - least) * share);
  return passes.flatMap(({ x, y }) => [
    { x: right, y: y - reach },
    { x, y: y - reach },
    { x, y: y + reach },
    { x: right, y: y + reach },
  ]);
}

type Side = "top" | "bottom" | "right";
type End = { readonly box: Box; readonly side: Side; readonly wished: number };

const sideTowards = (box: Box, other: Box): Side => (box === other ? "right" : other.y < box.y ? "top" : "bottom");

/** Places each end as close to its wished x as the width of its box and the other ends there allow. */
function placeEnds(ends: readonly End[]): Point[] {
  const points: Point[] = [];
  for (const [{ x: left, y, width, height }, ofBox] of Map.groupBy(ends.entries(), ([, { box }]) => box)) {
    for (const [side, ofSide] of Map.groupBy(ofBox, ([, end]) => end.side)) {
      const ordered = ofSide.toSorted(([, a], [, b]) => a.wished - b.wished);
      const margin = Math.min(CORNER, width / 2);
      const step = Math.min(BETWEEN_ENDS, (width - 2 * margin) / ordered.length);
      let least = left + margin;
      for (const [place, [index, { wished }]] of ordered.entries()) {
        const most = left + width - margin - (ordered.length - 1 - place) * step;
        const x = Math.min(Math.max(wished, least), most);
        points[index] = { x: Math.round(x), y: side === "top" ? y : y + height };
        least = x + step;
      }
    }
  }
  return points;
}
