/**
 * Conditions as JSON. CEL text compiles to this tree, which is stored, evaluated and explained. Bounded by construction: no user-defined functions,
 * loops only over the items of one list and never nested. `MAX_NODES`, `MAX_DEPTH` and `MAX_NODES_PER_ITEM` apply at compile time, `MAX_ITEMS` and
 * `MAX_WORK` at evaluation.
 */
import type { Json } from "./json.js";

export const MAX_SOURCE_CHARS = 4096;
export const MAX_NODES = 2000;
export const MAX_DEPTH = 32;

/** Maximum number of items of a list that a condition iterates over. Conditions on a longer list cannot be decided. */
export const MAX_ITEMS = 1000;
/** Maximum number of nodes, in a whole condition, that are evaluated for each item of a list. */
export const MAX_NODES_PER_ITEM = 64;

export const COMPARE_OPS = ["eq", "ne", "gt", "gte", "lt", "lte", "in", "contains", "startsWith", "endsWith"] as const;
export type CompareOp = (typeof COMPARE_OPS)[number];

/** A time and a period that is added or subtracted: the second argument is always a value such as `P3D` or `2 working days`. */
export const TIME_CALLS = ["later", "earlier"] as const;
export type TimeCall = (typeof TIME_CALLS)[number];

/** Functions of values: the last four take one value, the others two. */
export const CALLS = ["add", "sub", "mul", "div", "mod", ...TIME_CALLS, "size", "sum", "min", "max"] as const;
export type Call = (typeof CALLS)[number];

/** A value: written in the condition, read from the context, or computed from such values. */
export type Operand =
  | { readonly value: Json }
  | { readonly path: readonly string[] }
  | { readonly call: Call; readonly args: readonly Operand[] }
  | { readonly if: Condition; readonly yes: Operand; readonly no: Operand }
  /** The items of a list for which `where` holds. Each item is named `as` in it. */
  | { readonly each: Operand; readonly as: string; readonly where: Condition }
  /** A list of the values for each item. Undefined if one of them has no value. */
  | { readonly each: Operand; readonly as: string; readonly to: Operand };

export type Condition =
  | { readonly op: CompareOp; readonly left: Operand; readonly right: Operand }
  | { readonly op: "and" | "or"; readonly args: readonly Condition[] }
  | { readonly op: "not"; readonly arg: Condition }
  /** True if the path has a value other than null (CEL's `has()`). */
  | { readonly op: "has"; readonly path: readonly string[] }
  /** Holds for some, or for every item of a list. Each item is named `as` in the condition. */
  | { readonly op: "exists" | "all"; readonly each: Operand; readonly as: string; readonly where: Condition };

/** `data.estimate` for ["data", "estimate"]; names that are not identifiers are quoted in brackets. */
export function pathText(path: readonly (string | number)[]): string {
  return path
    .map((part, index) => {
      if (typeof part === "number") return `[${part}]`;
      if (/^[A-Za-z_][A-Za-z0-9_-]*$/.test(part)) return index === 0 ? part : `.${part}`;
      return `[${JSON.stringify(part.length > 60 ? `${part.slice(0, 60)}…` : part)}]`;
    })
    .join("");
}

/** `source` is the CEL text, if the definition contains text. */
export type ConditionRule = { readonly tree: Condition; readonly source: string | null };
