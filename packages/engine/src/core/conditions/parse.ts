/**
 * CEL text to the condition tree. cel-js does the lexing and parsing only (bounded nodes and depth); its evaluator, macros and functions
 * are never run: they took seconds on small hostile inputs. What lies outside the subset is refused by name.
 */
import { Environment, ParseError, type ASTNode } from "@marcbachmann/cel-js";
import type { Json } from "../json.js";
import { isForbiddenKey, quote } from "../problems.js";
import { MAX_DEPTH, MAX_NODES, MAX_SOURCE_CHARS, type CompareOp, type Condition, type Operand } from "./tree.js";

/** Thrown inside this file for what the subset does not have; its message is a sentence for the author of the definition. */
class UnsupportedExpression extends Error {}

export type Parsed<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly message: string };

/** A condition: `data.estimate <= 5000 && "operations" in actor.roles`. */
export function parseCondition(source: string): Parsed<Condition> {
  return parsed(source, conditionOf);
}

/** A value, as `set` and `emit` take it: a path (`input.outcome`) or a literal (`"done"`, `3`, `[1, 2]`). */
export function parseOperand(source: string): Parsed<Operand> {
  return parsed(source, operandOf);
}

const environment = new Environment({
  unlistedVariablesAreDyn: true,
  limits: { maxAstNodes: MAX_NODES, maxDepth: MAX_DEPTH * 3, maxListElements: 200, maxMapEntries: 1, maxCallArguments: 4 },
});

function parsed<T>(source: string, convert: (node: ASTNode, depth: number) => T): Parsed<T> {
  if (source.length > MAX_SOURCE_CHARS)
    return { ok: false, message: `The expression has ${source.length} characters; the most is ${MAX_SOURCE_CHARS}.` };
  try {
    return { ok: true, value: convert(environment.parse(source).ast, 1) };
  } catch (error) {
    if (error instanceof UnsupportedExpression) return { ok: false, message: error.message };
    // The parser recurses over prefixes (`!!!!…`), which its own depth limit does not count.
    if (error instanceof RangeError) return { ok: false, message: `The expression is nested too deep; the most is ${MAX_DEPTH} levels.` };
    if (error instanceof ParseError) return { ok: false, message: `${quote(source)} is not understood: ${firstLine(error.message)}.` };
    return { ok: false, message: `${quote(source)} is not understood.` };
  }
}

function firstLine(message: string): string {
  return (message.split("\n", 1)[0] ?? "").replace(/\.$/, "").slice(0, 200);
}

const COMPARISONS: ReadonlyMap<string, CompareOp> = new Map([
  ["==", "eq"],
  ["!=", "ne"],
  [">", "gt"],
  [">=", "gte"],
  ["<", "lt"],
  ["<=", "lte"],
  ["in", "in"],
]);

function conditionOf(node: ASTNode, depth: number): Condition {
  if (depth > MAX_DEPTH) throw new UnsupportedExpression(`The expression is nested more than ${MAX_DEPTH} levels deep.`);
  switch (node.op) {
    case "&&":
      return { op: "and", args: flatten(node, "&&").map((arg) => conditionOf(arg, depth + 1)) };
    case "||":
      return { op: "or", args: flatten(node, "||").map((arg) => conditionOf(arg, depth + 1)) };
    case "!_":
      return { op: "not", arg: conditionOf(node.args, depth + 1) };
    case "==":
    case "!=":
    case ">":
    case ">=":
    case "<":
    case "<=":
    case "in": {
      const op = COMPARISONS.get(node.op) ?? "eq";
      return { op, left: operandOf(node.args[0]), right: operandOf(node.args[1]) };
    }
    case "rcall": {
      const [name, receiver, args] = node.args;
      const [only] = args;
      if (name !== "contains" || !only || args.length !== 1) throw unsupportedCall(name);
      return { op: "contains", left: operandOf(receiver), right: operandOf(only) };
    }
    case "call": {
      const [name, [only, ...more]] = node.args;
      if (name !== "has" || !only || more.length > 0) throw unsupportedCall(name);
      return { op: "has", path: pathOf(only) };
    }
    case "value":
      if (typeof node.args === "boolean") return { op: node.args ? "and" : "or", args: [] };
      throw new UnsupportedExpression(
        `${quote(node.input.slice(node.start, node.end))} is a value, not a condition. Compare it with something.`,
      );
    case "id":
    case ".":
    case "[]":
      return { op: "eq", left: { path: pathOf(node) }, right: { value: true } };
    case "+":
    case "-":
    case "*":
    case "/":
    case "%":
    case "-_":
    case "?:":
    case ".?":
    case "[?]":
    case "list":
    case "map":
      throw unsupportedOperator(node.op);
    default:
      return node satisfies never;
  }
}

/** The operands of a chain `a && b && c`, in order, without recursion: chains are long, not deep. */
function flatten(node: ASTNode, op: "&&" | "||"): ASTNode[] {
  const out: ASTNode[] = [];
  const stack: ASTNode[] = [node];
  for (let next = stack.pop(); next; next = stack.pop()) {
    if (next.op === "&&" && op === "&&") stack.push(next.args[1], next.args[0]);
    else if (next.op === "||" && op === "||") stack.push(next.args[1], next.args[0]);
    else out.push(next);
  }
  return out;
}

function operandOf(node: ASTNode): Operand {
  if (node.op === "id" || node.op === "." || node.op === "[]") return { path: pathOf(node) };
  return { value: literalOf(node, 1) };
}

function literalOf(node: ASTNode, depth: number): Json {
  if (depth > 4) throw new UnsupportedExpression("A list in a condition may not be nested deeper than three levels.");
  if (node.op === "list") return node.args.map((item) => literalOf(item, depth + 1));
  if (node.op === "-_") {
    const value = literalOf(node.args, depth + 1);
    if (typeof value === "number") return -value;
  }
  if (node.op !== "value") throw unsupportedOperator(node.op);
  const value = node.args;
  if (value === null || typeof value === "boolean" || typeof value === "number") return value;
  if (typeof value === "string") {
    if (value.includes("\u0000") || !value.isWellFormed())
      throw new UnsupportedExpression("A text in the expression has characters that cannot be stored.");
    return value;
  }
  if (typeof value === "bigint" && Number.isSafeInteger(Number(value))) return Number(value);
  throw new UnsupportedExpression(`${quote(node.input.slice(node.start, node.end))} is not a value that conditions know.`);
}

function pathOf(node: ASTNode): readonly string[] {
  const path: string[] = [];
  let current = node;
  while (current.op !== "id") {
    if (path.length > 16) throw new UnsupportedExpression("A path has more than 16 parts.");
    if (current.op === ".") {
      path.unshift(current.args[1]);
      current = current.args[0];
    } else if (current.op === "[]" && current.args[1].op === "value" && typeof current.args[1].args === "string") {
      path.unshift(current.args[1].args);
      current = current.args[0];
    } else throw new UnsupportedExpression('A path has names only, for instance data.site.floor or data["due-date"].');
  }
  path.unshift(current.args);
  const forbidden = path.find(isForbiddenKey);
  if (forbidden !== undefined) throw new UnsupportedExpression(`The name ${quote(forbidden)} is not allowed in a path.`);
  return path;
}

function unsupportedOperator(op: string): UnsupportedExpression {
  const shown = op === "?:" ? "? :" : op.replace("_", "");
  return new UnsupportedExpression(`${quote(shown)} is not supported here. There are == != > >= < <= in contains() has() && || and !.`);
}

function unsupportedCall(name: string): UnsupportedExpression {
  return new UnsupportedExpression(`There is no function ${quote(name)} with these arguments. There are a.contains(b) and has(a.b).`);
}
