/** Conditions written as JSON, for tools that build them. They compile to the same tree as CEL text. */
import type { Json } from "../../model/json.js";
import { didYouMean, isForbiddenKey, quote, type Path } from "../../model/problems.js";
import { findUnfit, isObject } from "../../model/values.js";
import { boundsProblem } from "./bounds.js";
import { nameProblem } from "./names.js";
import { parseOperand, type Parsed } from "./parse.js";
import { CALLS, COMPARE_OPS, MAX_DEPTH, MAX_NODES, type Condition, type Operand } from "../../model/condition.js";

/** Thrown only within this file. */
class Misread extends Error {
  constructor(
    readonly path: Path,
    message: string,
  ) {
    super(message);
  }
}

const CONDITIONS = [...COMPARE_OPS, "and", "or", "not", "has", "exists", "all"] as const;
const OF_ONE = ["size", "sum", "min", "max"] as const;
const OPERANDS = [...CALLS, "path", "if", "filter", "map"] as const;
/** A condition tree has at most two levels of JSON for each of its own levels. */
const LIMITS = { maxNodes: 3 * MAX_NODES, maxDepth: 2 * MAX_DEPTH, maxChars: 20_000 };

/**
 * Reads a condition such as `{ and: [{ lte: [{ path: "data.amount" }, 5000] }, { has: "data.costCenter" }] }`.
 * @returns the condition, or the first place that cannot be read, as a path into `json`
 */
export function readConditionTree(json: unknown): Parsed<Condition> {
  const [unfit] = findUnfit(json, [], LIMITS);
  if (unfit) return { ok: false, path: unfit.path, message: unfit.message };
  try {
    const value = conditionAt(json, []);
    const problem = boundsProblem(value);
    return problem === null ? { ok: true, value } : { ok: false, path: [], message: problem };
  } catch (error) {
    if (error instanceof Misread) return { ok: false, path: error.path, message: error.message };
    throw error;
  }
}

function conditionAt(json: unknown, path: Path): Condition {
  if (typeof json === "boolean") return { op: json ? "and" : "or", args: [] };
  const [op, given] = onlyMember(json, path, CONDITIONS);
  const where = [...path, op];
  if (isOneOf(COMPARE_OPS, op)) {
    const [left, right] = pairAt(given, where);
    return { op, left, right };
  }
  switch (op) {
    case "and":
    case "or":
      return { op, args: listAt(given, where).map((arg, index) => conditionAt(arg, [...where, index])) };
    case "not":
      return { op, arg: conditionAt(given, where) };
    case "has":
      return { op, path: pathAt(given, where) };
    case "exists":
    case "all":
      return { op, ...eachAt(given, where, "where"), where: conditionAt(member(given, "where"), [...where, "where"]) };
    default:
      return op satisfies never;
  }
}

function operandAt(json: unknown, path: Path): Operand {
  if (!isObject(json)) return { value: literalAt(json, path) };
  const [name, given] = onlyMember(json, path, OPERANDS);
  const where = [...path, name];
  if (isOneOf(OF_ONE, name)) return { call: name, args: [operandAt(given, where)] };
  if (isOneOf(CALLS, name)) return { call: name, args: pairAt(given, where) };
  switch (name) {
    case "path":
      return { path: pathAt(given, where) };
    case "if": {
      const [condition, then, otherwise] = listAt(given, where, 3);
      return {
        if: conditionAt(condition, [...where, 0]),
        yes: operandAt(then, [...where, 1]),
        no: operandAt(otherwise, [...where, 2]),
      };
    }
    case "filter":
      return { ...eachAt(given, where, "where"), where: conditionAt(member(given, "where"), [...where, "where"]) };
    case "map":
      return { ...eachAt(given, where, "to"), to: operandAt(member(given, "to"), [...where, "to"]) };
    default:
      return name satisfies never;
  }
}

function literalAt(json: unknown, path: Path): Json {
  if (isObject(json))
    throw new Misread(
      path,
      "A list in a condition can contain only values, not expressions. To compare with several expressions, use { or: [ … ] }.",
    );
  return Array.isArray(json) ? json.map((one, index) => literalAt(one, [...path, index])) : (json as Json);
}

function pairAt(given: unknown, path: Path): readonly [Operand, Operand] {
  const [left, right] = listAt(given, path, 2);
  return [operandAt(left, [...path, 0]), operandAt(right, [...path, 1])];
}

const isOneOf = <T extends string>(names: readonly T[], name: string): name is T => (names as readonly string[]).includes(name);

function eachAt(given: unknown, path: Path, body: "where" | "to"): { readonly each: Operand; readonly as: string } {
  const problem = nameProblem(member(given, "as"));
  if (!isObject(given) || Object.keys(given).toSorted().join() !== ["as", body, "each"].toSorted().join())
    throw new Misread(path, `Expected { each, as, ${body} }, found ${quote(given)}.`);
  if (problem !== null) throw new Misread([...path, "as"], problem);
  return { each: operandAt(given["each"], [...path, "each"]), as: String(given["as"]) };
}

/** Reads a path as in CEL: `data.site.floor`, `data["due-date"]`. */
function pathAt(given: unknown, path: Path): readonly string[] {
  const parsed = typeof given === "string" ? parseOperand(given) : null;
  if (parsed?.ok && "path" in parsed.value) return parsed.value.path;
  throw new Misread(
    path,
    `Expected a path such as "data.amount", found ${quote(given)}.${parsed && !parsed.ok ? ` ${parsed.message}` : ""}`,
  );
}

function listAt(given: unknown, path: Path, count?: number): readonly unknown[] {
  if (Array.isArray(given) && (count === undefined || given.length === count)) return given;
  throw new Misread(path, `Expected a list${count === undefined ? "" : ` of ${count}`}, found ${quote(given)}.`);
}

const member = (given: unknown, name: string): unknown => (isObject(given) ? given[name] : undefined);

function onlyMember<T extends string>(json: unknown, path: Path, known: readonly T[]): readonly [T, unknown] {
  const entries = isObject(json) ? Object.entries(json) : [];
  const [entry] = entries;
  if (!entry || entries.length !== 1)
    throw new Misread(path, `Expected an object with one member, such as { "${known[0]}": … }, found ${quote(json)}.`);
  const name = known.find((one) => one === entry[0] && !isForbiddenKey(one));
  if (name === undefined) throw new Misread([...path, entry[0]], `${quote(entry[0])} is not supported here.${didYouMean(entry[0], known)}`);
  return [name, entry[1]];
}
