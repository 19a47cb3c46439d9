/**
 * Conditions as JSON. CEL text compiles to this tree; the tree is what is stored, evaluated and explained.
 * Bounded by construction: no loops, no functions of users, and `MAX_NODES` and `MAX_DEPTH` hold at compile time.
 */
import type { Json } from "../json.js";

export const MAX_SOURCE_CHARS = 4096;
export const MAX_NODES = 2000;
export const MAX_DEPTH = 32;

export type CompareOp = "eq" | "ne" | "gt" | "gte" | "lt" | "lte" | "in" | "contains";

/** A value: written in the condition, or read from the context. Room is left for arithmetic nodes. */
export type Operand = { readonly value: Json } | { readonly path: readonly string[] };

export type Condition =
  | { readonly op: CompareOp; readonly left: Operand; readonly right: Operand }
  | { readonly op: "and" | "or"; readonly args: readonly Condition[] }
  | { readonly op: "not"; readonly arg: Condition }
  /** True when the path has a value other than null (CEL's `has()`). */
  | { readonly op: "has"; readonly path: readonly string[] };

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
