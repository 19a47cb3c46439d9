/** Translates conditions over answers to JSON Schema, so that a form drawn by a client shows and requires the same fields as the server. */
import type { CompareOp, Operand } from "../model/condition.js";
import type { Json, JsonObject } from "../model/json.js";
import { findUnfit } from "../model/values.js";
import type { Resolved } from "./resolve.js";

export type SchemaOf = {
  /**
   * Returns the input for which the condition is true (or false, which differs from not true). Null if JSON Schema cannot express it, or only at
   * great length.
   */
  (condition: Resolved, wanted: boolean): JsonObject | null;
};

const NEVER: JsonObject = { not: {} };

/**
 * Returns a translator whose results have at most this many parts in total.
 * @param visibleOf when a field has an answer at all: the value that a client keeps for a hidden field does not count
 */
export function schemaWriter(visibleOf: (field: string) => Resolved, maxParts: number): SchemaOf {
  let parts = 0;

  const write = (condition: Resolved, wanted: boolean): JsonObject | null => {
    if (++parts > maxParts) return null;
    if (condition === null || typeof condition === "boolean") return condition === wanted ? {} : NEVER;
    if (condition.op === "not") return write(condition.arg, !wanted);
    if ("args" in condition) {
      const all: JsonObject[] = [];
      const isAll = (condition.op === "and") === wanted;
      for (const arg of condition.args) {
        if (arg === wanted && isAll) continue;
        const one = write(arg, wanted);
        if (one === null) return null;
        all.push(one);
      }
      if (all.length === 0) return isAll ? {} : NEVER;
      const [only] = all;
      if (only && all.length === 1) return only;
      return isAll ? { allOf: all } : { anyOf: all };
    }
    // Each item would need the whole translation again.
    if ("where" in condition) return null;
    if (condition.op === "has") return writeHas(condition.path, wanted);
    const found = comparison(condition.op, condition.left, condition.right);
    if (!found) return null;
    const values = wanted ? found.isTrue : found.isFalse;
    // A known value can be computed, and have any size.
    if (findUnfit(values, [], { maxNodes: maxParts, maxDepth: 64, maxChars: 40 * maxParts }).length > 0) return null;
    parts += Math.ceil(JSON.stringify(values).length / 40);
    return values === NEVER ? NEVER : ofAnswer(found.path, at(found.path, values));
  };

  /** Two-valued: a value that is absent or not requested does not exist. */
  const writeHas = (path: readonly string[], wanted: boolean): JsonObject | null => {
    const there = ofAnswer(path, at(path, { not: { const: null } }));
    return there && (wanted ? there : { not: there });
  };

  const ofAnswer = (path: readonly string[], schema: JsonObject): JsonObject | null => {
    const visible = visibleOf(path[1] ?? "");
    if (path[0] !== "input") return null;
    if (visible === true) return schema;
    const isShown = write(visible, true);
    return isShown && { allOf: [isShown, schema] };
  };

  return (condition, wanted) => {
    const written = write(condition, wanted);
    return parts > maxParts ? null : written;
  };
}

function at(path: readonly string[], schema: JsonObject): JsonObject {
  return path
    .slice(1)
    .reduceRight<JsonObject>((inner, name) => ({ type: "object", required: [name], properties: { [name]: inner } }), schema);
}

type Comparison = { readonly path: readonly string[]; readonly isTrue: JsonObject; readonly isFalse: JsonObject };

/** Translates a comparison of an answer with a value; null for anything else. */
function comparison(op: CompareOp, left: Operand, right: Operand): Comparison | null {
  if ("path" in left && "value" in right) {
    const schemas = ofLeft(op, right.value);
    return schemas && { path: left.path, isTrue: schemas[0], isFalse: schemas[1] };
  }
  if ("value" in left && "path" in right) {
    const schemas = ofRight(op, left.value);
    return schemas && { path: right.path, isTrue: schemas[0], isFalse: schemas[1] };
  }
  return null;
}

/** What the answer must be for the comparison to be true, and for it to be false. */
type Pair = readonly [isTrue: JsonObject, isFalse: JsonObject];

const undecided: Pair = [NEVER, NEVER];

function ofLeft(op: CompareOp, value: Json): Pair | null {
  switch (op) {
    case "eq":
      return [{ const: value }, { not: { const: value } }];
    case "ne":
      return [{ not: { const: value } }, { const: value }];
    case "in":
      return Array.isArray(value) ? among(value) : undecided;
    case "contains": {
      const inList: Pair = [
        { type: "array", contains: { const: value } },
        { type: "array", not: { contains: { const: value } } },
      ];
      if (typeof value !== "string") return inList;
      const pattern = literally(value);
      return [{ anyOf: [inList[0], { type: "string", pattern }] }, { anyOf: [inList[1], { type: "string", not: { pattern } }] }];
    }
    case "startsWith":
      return ofPattern(value, (text) => `^${text}`);
    case "endsWith":
      return ofPattern(value, (text) => `${text}$`);
    case "gt":
      return numbers(value, (limit) => [{ exclusiveMinimum: limit }, { maximum: limit }]);
    case "gte":
      return numbers(value, (limit) => [{ minimum: limit }, { exclusiveMaximum: limit }]);
    case "lt":
      return numbers(value, (limit) => [{ exclusiveMaximum: limit }, { minimum: limit }]);
    case "lte":
      return numbers(value, (limit) => [{ maximum: limit }, { exclusiveMinimum: limit }]);
    default:
      return op satisfies never;
  }
}

/** Escapes the text for a regular expression that matches it literally. */
const literally = (text: string): string => text.replaceAll(/[\^$\\.*+?()[\]{}|/]/g, "\\$&");

function ofPattern(value: Json, patternOf: (text: string) => string): Pair {
  if (typeof value !== "string") return undecided;
  const pattern = patternOf(literally(value));
  return [
    { type: "string", pattern },
    { type: "string", not: { pattern } },
  ];
}

const MIRRORED = { eq: "eq", ne: "ne", gt: "lt", gte: "lte", lt: "gt", lte: "gte" } as const;

function ofRight(op: CompareOp, value: Json): Pair | null {
  if (op === "in")
    return [
      { type: "array", contains: { const: value } },
      { type: "array", not: { contains: { const: value } } },
    ];
  if (op === "startsWith" || op === "endsWith") return null;
  if (op !== "contains") return ofLeft(MIRRORED[op], value);
  // A part of a text that is written in the condition: JSON Schema cannot express this.
  if (typeof value === "string") return null;
  return Array.isArray(value) ? among(value) : undecided;
}

function among(values: readonly Json[]): Pair {
  return values.length === 0 ? [NEVER, {}] : [{ enum: [...values] }, { not: { enum: [...values] } }];
}

/** JSON Schema cannot compare the order of texts, and other values have no order. */
function numbers(value: Json, pair: (limit: number) => Pair): Pair | null {
  if (typeof value === "string") return null;
  if (typeof value !== "number") return undecided;
  const [isTrue, isFalse] = pair(value);
  return [
    { type: "number", ...isTrue },
    { type: "number", ...isFalse },
  ];
}
