/** Bounds the work of one evaluation: an expression in a loop, or repeated thousands of times in a condition, can walk large values each time. */
import { isObject } from "../model/values.js";
import type { Context } from "./context.js";

/**
 * Maximum number of values, and of groups of a few characters of text, that one evaluation reads. A condition that needs more is not decided. Takes
 * about thirty milliseconds.
 */
export const MAX_WORK = 1_000_000;

/** A symbol: paths cannot reach it, and it is copied with the context. */
const WORK = Symbol("work");
type Worked = { readonly [WORK]?: { left: number } };

/** Returns the context with its own budget. */
export function withWork(context: Context): Context {
  const worked: Context & Worked = { ...context, [WORK]: { left: MAX_WORK } };
  return worked;
}

export const isExhausted = (context: Context): boolean => ((context as Worked)[WORK]?.left ?? 0) < 0;

/** Deducts the cost of reading these values, and `more`. Returns false if the budget is exceeded. */
export function isAffordable(context: Context, values: readonly unknown[], more = 0): boolean {
  const work = (context as Worked)[WORK];
  if (!work) return true;
  work.left -= more;
  for (const value of values) work.left -= costOf(value);
  return work.left >= 0;
}

/** Worst-case cost of searching for a part in a text, when both resemble each other character by character. */
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
