/** How much one evaluation looks at: what stands in a loop, or thousands of times in a condition, may walk large values each time. */
import { isObject } from "../schema/json.js";
import type { Context } from "./context.js";

/** Values, and every few characters of texts, that one evaluation looks at; what would need more is not decided. Some thirty milliseconds. */
export const MAX_WORK = 1_000_000;

/** Out of reach of paths, and copied with the context. */
const WORK = Symbol("work");
type Worked = { readonly [WORK]?: { left: number } };

/** The context with a budget of its own. */
export function withWork(context: Context): Context {
  const worked: Context & Worked = { ...context, [WORK]: { left: MAX_WORK } };
  return worked;
}

export const isExhausted = (context: Context): boolean => ((context as Worked)[WORK]?.left ?? 0) < 0;

/** Takes what looking at these values costs, and `more`; false when it is more than what is left. */
export function isAffordable(context: Context, values: readonly unknown[], more = 0): boolean {
  const work = (context as Worked)[WORK];
  if (!work) return true;
  work.left -= more;
  for (const value of values) work.left -= costOf(value);
  return work.left >= 0;
}

/** What looking for a part in a text may cost where the two are alike, letter by letter. */
export function searchCost(text: unknown, part: unknown): number {
  if (typeof text !== "string" || typeof part !== "string") return 0;
  return (part.length * Math.max(0, text.length - part.length + 1)) / 1_000;
}

const known = new WeakMap<object, number>();

function costOf(value: unknown): number {
  if (typeof value === "string") return 1 + value.length / 8;
  if (typeof value !== "object" || value === null) return 1;
  const before = known.get(value);
  if (before !== undefined) return before;
  const items: readonly unknown[] = Array.isArray(value) ? value : isObject(value) ? Object.values(value) : [];
  let cost = 1;
  for (const item of items) cost += typeof item === "string" ? 1 + item.length / 32 : costOf(item);
  known.set(value, cost);
  return cost;
}
