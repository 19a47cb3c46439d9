/** Converts the tree that cel-js has parsed into our own tree. Constructs outside the subset are rejected by name. */
import type { ASTNode } from "@marcbachmann/cel-js";
import type { Json } from "../../model/json.js";
import { parsePeriod } from "../../calendar/periods.js";
import { isForbiddenKey, quote } from "../../model/problems.js";
import { nameProblem } from "./names.js";
import { MAX_DEPTH, type CompareOp, type Condition, type Operand, type TimeCall } from "../../model/condition.js";

/** Thrown for constructs outside the subset. Its message is a sentence for the author of the definition. */
export class UnsupportedExpression extends Error {}

const TEXT_CALLS = ["contains", "startsWith", "endsWith"] as const;
const METHODS = ["size", "sum", "min", "max"] as const;
const SIGNS = { "+": "add", "-": "sub", "*": "mul", "/": "div", "%": "mod" } as const;

const COMPARISONS: ReadonlyMap<string, CompareOp> = new Map([
  ["==", "eq"],
  ["!=", "ne"],
  [">", "gt"],
  [">=", "gte"],
  ["<", "lt"],
  ["<=", "lte"],
  ["in", "in"],
]);

/** Converts the tree that cel-js has parsed into a condition. */
export function conditionOf(node: ASTNode, depth: number): Condition {
  if (depth > MAX_DEPTH) throw tooDeep();
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
      const [left, right] = node.args;
      // A difference of times: `now - data.createdOn > P30D` means `now > data.createdOn + P30D`, by the calendar.
      const [before, after] = [periodOf(left), periodOf(right)];
      if (after !== null && left.op === "-" && op !== "in")
        return { op, left: operandOf(left.args[0], depth + 1), right: shiftedBy("later", left.args[1], after, depth) };
      if (before !== null && right.op === "-" && op !== "in")
        return { op, left: shiftedBy("later", right.args[1], before, depth), right: operandOf(right.args[0], depth + 1) };
      return { op, left: operandOf(node.args[0], depth + 1), right: operandOf(node.args[1], depth + 1) };
    }
    case "rcall": {
      const [name, receiver, args] = node.args;
      const [first, second] = args;
      if (isOneOf(TEXT_CALLS, name) && first && args.length === 1)
        return { op: name, left: operandOf(receiver, depth + 1), right: operandOf(first, depth + 1) };
      if ((name === "exists" || name === "all") && first && second && args.length === 2)
        return { op: name, each: operandOf(receiver, depth + 1), as: variableOf(first), where: conditionOf(second, depth + 1) };
      throw isOneOf(METHODS, name) ? notACondition(node) : unsupportedCall(name);
    }
    case "call": {
      const [name, [only, ...more]] = node.args;
      if (name === "size") throw notACondition(node);
      if (name !== "has" || !only || more.length > 0) throw unsupportedCall(name);
      return { op: "has", path: pathOf(only) };
    }
    case "value":
      if (typeof node.args === "boolean") return { op: node.args ? "and" : "or", args: [] };
      throw notACondition(node);
    case "id":
    case ".":
    case "[]":
      return { op: "eq", left: { path: pathOf(node) }, right: { value: true } };
    case "?:":
      return { op: "eq", left: operandOf(node, depth + 1), right: { value: true } };
    case "+":
    case "-":
    case "*":
    case "/":
    case "%":
    case "-_":
      throw notACondition(node);
    case ".?":
    case "[?]":
    case "list":
    case "map":
      throw unsupportedOperator(node.op);
    default:
      return node satisfies never;
  }
}

/** Returns the operands of a chain `a && b && c`, in order. Not recursive, because chains are long rather than deep. */
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

/** Converts the tree that cel-js has parsed into a value. A condition used as a value is true or false. */
export function operandOf(node: ASTNode, depth: number): Operand {
  if (depth > MAX_DEPTH) throw tooDeep();
  switch (node.op) {
    case "id":
    case ".":
    case "[]":
      if (periodOf(node) !== null) throw misplacedPeriod(node);
      return { path: pathOf(node) };
    case "+":
    case "-": {
      const [left, right] = node.args;
      const [before, after] = [node.op === "+" ? periodOf(left) : null, periodOf(right)];
      if (after !== null) return shiftedBy(node.op === "+" ? "later" : "earlier", left, after, depth);
      if (before !== null) return shiftedBy("later", right, before, depth);
      return { call: SIGNS[node.op], args: [operandOf(left, depth + 1), operandOf(right, depth + 1)] };
    }
    case "*":
    case "/":
    case "%":
      return { call: SIGNS[node.op], args: [operandOf(node.args[0], depth + 1), operandOf(node.args[1], depth + 1)] };
    case "-_":
      if (node.args.op !== "value") return { call: "sub", args: [{ value: 0 }, operandOf(node.args, depth + 1)] };
      return { value: literalOf(node, 1) };
    case "?:": {
      const [condition, then, otherwise] = node.args;
      return { if: conditionOf(condition, depth + 1), yes: operandOf(then, depth + 1), no: operandOf(otherwise, depth + 1) };
    }
    case "call": {
      const [name, [only, ...more]] = node.args;
      if (periodOf(node) !== null) throw misplacedPeriod(node);
      if (name === "size" && only && more.length === 0) return { call: "size", args: [operandOf(only, depth + 1)] };
      return asValue(conditionOf(node, depth + 1));
    }
    case "rcall": {
      const [name, receiver, args] = node.args;
      const [first, second] = args;
      if (isOneOf(METHODS, name) && args.length === 0) return { call: name, args: [operandOf(receiver, depth + 1)] };
      if (name === "filter" && first && second && args.length === 2)
        return { each: operandOf(receiver, depth + 1), as: variableOf(first), where: conditionOf(second, depth + 1) };
      if (name === "map" && first && second && args.length === 2)
        return { each: operandOf(receiver, depth + 1), as: variableOf(first), to: operandOf(second, depth + 1) };
      return asValue(conditionOf(node, depth + 1));
    }
    case "&&":
    case "||":
    case "!_":
    case "==":
    case "!=":
    case ">":
    case ">=":
    case "<":
    case "<=":
    case "in":
      return asValue(conditionOf(node, depth + 1));
    case "value":
    case "list":
    case "map":
    case ".?":
    case "[?]":
      return { value: literalOf(node, 1) };
    default:
      return node satisfies never;
  }
}

/** Returns the text of a duration: `P3D`, or `duration("2 working hours")`, for which people write `2 working hours`. Null for anything else. */
function periodOf(node: ASTNode): string | null {
  if (node.op === "id") return parsePeriod(node.args) ? node.args : null;
  if (node.op !== "call" || node.args[0] !== "duration") return null;
  const [only, ...more] = node.args[1];
  const text = only?.op === "value" && more.length === 0 ? only.args : null;
  if (typeof text === "string" && parsePeriod(text)) return text;
  throw new UnsupportedExpression(
    `${quote(node.input.slice(node.start, node.end))} is not a valid duration. Use a duration of at most ten years, for example P2D, PT4H or 2 working days.`,
  );
}

const shiftedBy = (call: TimeCall, time: ASTNode, period: string, depth: number): Operand => ({
  call,
  args: [operandOf(time, depth + 1), { value: period }],
});

const misplacedPeriod = (node: ASTNode): UnsupportedExpression =>
  new UnsupportedExpression(
    `The duration ${quote(node.input.slice(node.start, node.end))} cannot be used here. Add it to a time or subtract it, for example now - P30D, or compare a difference of two times with it.`,
  );

const asValue = (condition: Condition): Operand => ({ if: condition, yes: { value: true }, no: { value: false } });

function variableOf(node: ASTNode): string {
  const name = node.op === "id" ? node.args : null;
  const problem = nameProblem(name);
  if (name === null || problem !== null) throw new UnsupportedExpression(problem ?? "");
  return name;
}

function literalOf(node: ASTNode, depth: number): Json {
  if (depth > 4) throw new UnsupportedExpression("Lists in a condition can be nested at most three levels deep.");
  if (node.op === "list") return node.args.map((item) => literalOf(item, depth + 1));
  if (node.op === "-_") {
    const value = literalOf(node.args, depth + 1);
    if (typeof value === "number") return -value;
  }
  if (node.op !== "value" && depth > 1 && node.op !== "map")
    throw new UnsupportedExpression(
      `A list in a condition can contain only values, not ${quote(node.input.slice(node.start, node.end))}. To compare with several expressions, join the comparisons with ||.`,
    );
  if (node.op !== "value") throw unsupportedOperator(node.op);
  const value = node.args;
  if (value === null || typeof value === "boolean" || typeof value === "number") return value;
  if (typeof value === "string") {
    if (value.includes("\u0000") || !value.isWellFormed())
      throw new UnsupportedExpression("A string in the expression contains characters that cannot be stored.");
    return value;
  }
  if (typeof value === "bigint" && Number.isSafeInteger(Number(value))) return Number(value);
  throw new UnsupportedExpression(`${quote(node.input.slice(node.start, node.end))} is not a value that conditions support.`);
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
    } else throw new UnsupportedExpression('A path can contain only names, for example data.site.floor or data["due-date"].');
  }
  path.unshift(current.args);
  const forbidden = path.find(isForbiddenKey);
  if (forbidden !== undefined) throw new UnsupportedExpression(`The name ${quote(forbidden)} is not allowed in a path.`);
  return path;
}

const isOneOf = <T extends string>(names: readonly T[], name: string): name is T => (names as readonly string[]).includes(name);

const tooDeep = (): UnsupportedExpression => new UnsupportedExpression(`The expression is nested more than ${MAX_DEPTH} levels deep.`);

const notACondition = (node: ASTNode): UnsupportedExpression =>
  new UnsupportedExpression(`${quote(node.input.slice(node.start, node.end))} is a value, not a condition. Compare it with something.`);

function unsupportedOperator(op: string): UnsupportedExpression {
  return new UnsupportedExpression(
    `${quote(op.replace("_", ""))} is not supported here. Use == != > >= < <= in + - * / % && || ! ? : or a function.`,
  );
}

function unsupportedCall(name: string): UnsupportedExpression {
  return new UnsupportedExpression(
    `There is no function ${quote(name)} with these arguments. The functions are has(a.b), size(a), a.contains(b), a.startsWith(b), a.endsWith(b), ` +
      "list.exists(x, …), list.all(x, …), list.filter(x, …), list.map(x, …), list.sum(), list.min() and list.max().",
  );
}
