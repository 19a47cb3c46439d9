import type { Period } from "@weft/api/periods";
import { spans } from "./roll-up/cells.js";

/** Returns the longest cells that make up a period, in order. */
export function piecesOf({ from, to }: Period): { readonly span: number; readonly start: number }[] {
  const pieces: { readonly span: number; readonly start: number }[] = [];
  for (let start = from; start < to;) {
    const span = spans.findLast((length) => start % length === 0 && start + length <= to) ?? spans[0];
    pieces.push({ span, start });
    start += span;
  }
  return pieces;
}
