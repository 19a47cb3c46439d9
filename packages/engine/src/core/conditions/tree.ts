/**
 * Conditions as JSON. CEL text compiles to this tree; the tree is what is stored, evaluated and explained.
 * Bounded by construction: no functions of users, loops over the items of one list alone and never one in another, and `MAX_NODES`,
 * `MAX_DEPTH` and `MAX_NODES_PER_ITEM` hold at compile time, `MAX_ITEMS` and `MAX_WORK` when it is evaluated.
 */
import type { Json } from "../json.js";

export const MAX_SOURCE_CHARS = 4096;
export const MAX_NODES = 2000;
export const MAX_DEPTH = 32;

/** Items of a list that a condition looks at one by one; what a longer list would give cannot be decided. */
export const MAX_ITEMS = 1000;
/** Nodes, over a whole condition, that are evaluated for each item of a list. */
export const MAX_NODES_PER_ITEM = 64;

export const COMPARE_OPS = ["eq", "ne", "gt", "gte", "lt", "lte", "in", "contains", "startsWith", "endsWith"] as const;
export type CompareOp = (typeof COMPARE_OPS)[number];

/** What is worked out of values: the first five of two, the others of one. */
export const CALLS = ["add", "sub", "mul", "div", "mod", "size", "sum", "min", "max"] as const;
export type Call = (typeof CALLS)[number];

/** A value: written in the condition, read from the context, or worked out of such. */
export type Operand =
  | { readonly value: Json }
  | { readonly path: readonly string[] }
  | { readonly call: Call; readonly args: readonly Operand[] }
  | { readonly if: Condition; readonly yes: Operand; readonly no: Operand }
  /** Of a list the items for which `where` holds, each called `as` in it. */
  | { readonly each: Operand; readonly as: string; readonly where: Condition }
  /** A list of the values for each item. Without a list where one of them has no value. */
  | { readonly each: Operand; readonly as: string; readonly to: Operand };

export type Condition =
  | { readonly op: CompareOp; readonly left: Operand; readonly right: Operand }
  | { readonly op: "and" | "or"; readonly args: readonly Condition[] }
  | { readonly op: "not"; readonly arg: Condition }
  /** True when the path has a value other than null (CEL's `has()`). */
  | { readonly op: "has"; readonly path: readonly string[] }
  /** Of some, or of every item of a list, each called `as` in the condition. */
  | { readonly op: "exists" | "all"; readonly each: Operand; readonly as: string; readonly where: Condition };

/** `data.estimate` for ["data", "estimate"]; names that are no identifiers are quoted in brackets. */
export function pathText(path: readonly (string | number)[]): string {
  return path
    .map((part, index) => {
      if (typeof part === "number") return `[${part}]`;
      if (/^[A-Za-z_][A-Za-z0-9_-]*$/.test(part)) return index === 0 ? part : `.${part}`;
      return `[${JSON.stringify(part.length > 60 ? `${part.slice(0, 60)}…` : part)}]`;
    })
    .join("");
}
