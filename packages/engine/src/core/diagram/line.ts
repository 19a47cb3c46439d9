import type { Point } from "./placement.js";

const CORNER_RADIUS = 12;
const ARROW_LENGTH = 8;
const ARROW_HALF_WIDTH = 4;

/** Returns the path of a line through the points, with rounded corners. */
export function lineThrough(points: readonly Point[]): string {
  return points
    .map((point, index) => {
      const [before, after] = [points[index - 1], points[index + 1]];
      if (!before) return `M${at(point)}`;
      if (!after) return `L${at(point)}`;
      return `L${at(towards(point, before))}Q${at(point)} ${at(towards(point, after))}`;
    })
    .join("");
}

/** Returns the path of an arrowhead at the end of a line. */
export function arrowAtEnd(points: readonly Point[]): string {
  const [end, before] = [points.at(-1), points.findLast((point) => distance(point, points.at(-1) ?? point) >= 1)];
  if (!end || !before) return "";
  const length = distance(end, before);
  const [x, y] = [(before.x - end.x) / length, (before.y - end.y) / length];
  const back = { x: end.x + x * ARROW_LENGTH, y: end.y + y * ARROW_LENGTH };
  const side = { x: -y * ARROW_HALF_WIDTH, y: x * ARROW_HALF_WIDTH };
  return `M${at({ x: back.x + side.x, y: back.y + side.y })}L${at(end)}L${at({ x: back.x - side.x, y: back.y - side.y })}Z`;
}

/** Where the corner at `corner` begins on the way to the next point: at most in the middle, which the corner there may take too. */
function towards(corner: Point, next: Point): Point {
  const length = distance(corner, next);
  const share = length === 0 ? 0 : Math.min(CORNER_RADIUS / length, 0.5);
  return { x: corner.x + (next.x - corner.x) * share, y: corner.y + (next.y - corner.y) * share };
}

const distance = (a: Point, b: Point): number => Math.hypot(a.x - b.x, a.y - b.y);

/** With one decimal place: no reader sees more, and every platform writes the same. */
const at = ({ x, y }: Point): string => `${Math.round(x * 10) / 10} ${Math.round(y * 10) / 10}`;
