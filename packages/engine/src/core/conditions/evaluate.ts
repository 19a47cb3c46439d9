/**
 * The one evaluator of conditions. Three-valued, as CEL's errors are: a comparison with an absent value is neither true nor false, `not` of
 * it is not true either, and a condition holds only when it is true. So an absent value never opens a transition by a negation.
 */
import { isObject, jsonEqual } from "../schema/json.js";
import { quote } from "../problems.js";
import { lookUp, type Context } from "./context.js";
import { pathText, type CompareOp, type Condition, type Operand } from "./tree.js";

/** Which node was not true, with the values it saw. `path` is the value that it reads. */
export type ConditionFailure = { readonly message: string; readonly path?: string };

export type Verdict = { readonly holds: true } | { readonly holds: false; readonly failures: readonly ConditionFailure[] };

/** null: cannot be decided, because a value is absent or the two cannot be compared. */
type Truth = boolean | null;

export function evaluateCondition(condition: Condition, context: Context): Verdict {
  if (truth(condition, context) === true) return { holds: true };
  return { holds: false, failures: explain(condition, context, true).slice(0, 20) };
}

/** The value of an operand; undefined: absent. */
export function evaluateOperand(operand: Operand, context: Context): unknown {
  return "value" in operand ? operand.value : lookUp(context, operand.path);
}

function truth(condition: Condition, context: Context): Truth {
  switch (condition.op) {
    case "and":
      return combine(condition.args, context, false);
    case "or":
      return combine(condition.args, context, true);
    case "not": {
      const inner = truth(condition.arg, context);
      return inner === null ? null : !inner;
    }
    case "has":
      return (lookUp(context, condition.path) ?? null) !== null;
    case "eq":
    case "ne":
    case "gt":
    case "gte":
    case "lt":
    case "lte":
    case "in":
    case "contains": {
      const left = evaluateOperand(condition.left, context);
      const right = evaluateOperand(condition.right, context);
      return left === undefined || right === undefined ? null : compare(condition.op, left, right);
    }
    default:
      return condition satisfies never;
  }
}

/** and: false decides, or: true decides; otherwise an undecided operand leaves the whole undecided. */
function combine(args: readonly Condition[], context: Context, deciding: boolean): Truth {
  let result: Truth = !deciding;
  for (const arg of args) {
    const one = truth(arg, context);
    if (one === deciding) return deciding;
    if (one === null) result = null;
  }
  return result;
}

/** A comparison of two values that are there. */
export function compare(op: CompareOp, left: unknown, right: unknown): boolean | null {
  switch (op) {
    case "eq":
      return jsonEqual(left, right);
    case "ne":
      return !jsonEqual(left, right);
    case "in":
      return Array.isArray(right) ? right.some((item) => jsonEqual(item, left)) : null;
    case "contains":
      if (Array.isArray(left)) return left.some((item) => jsonEqual(item, right));
      return typeof left === "string" && typeof right === "string" ? left.includes(right) : null;
    case "gt":
    case "gte":
    case "lt":
    case "lte": {
      const order = orderOf(left, right);
      if (order === null) return null;
      if (op === "gt") return order > 0;
      if (op === "gte") return order >= 0;
      return op === "lt" ? order < 0 : order <= 0;
    }
    default:
      return op satisfies never;
  }
}

function orderOf(left: unknown, right: unknown): number | null {
  if (typeof left === "number" && typeof right === "number") return left - right;
  if (typeof left === "string" && typeof right === "string") return left < right ? -1 : left > right ? 1 : 0;
  return null;
}

/** The leaves that keep `condition` from being `wanted`. */
function explain(condition: Condition, context: Context, wanted: boolean): ConditionFailure[] {
  if (truth(condition, context) === wanted) return [];
  switch (condition.op) {
    case "and":
    case "or":
      if (condition.args.length === 0) return [{ message: "The condition is always false." }];
      return condition.args.flatMap((arg) => explain(arg, context, wanted));
    case "not":
      return explain(condition.arg, context, !wanted);
    case "has": {
      const path = pathText(condition.path);
      return [{ path, message: wanted ? `${path} has no value, but must have one.` : `${path} has a value, but must not have one.` }];
    }
    case "eq":
    case "ne":
    case "gt":
    case "gte":
    case "lt":
    case "lte":
    case "in":
    case "contains":
      return [explainComparison(condition, context, wanted)];
    default:
      return condition satisfies never;
  }
}

const WORDS: { readonly [Op in CompareOp]: string } = {
  eq: "be",
  ne: "be other than",
  gt: "be more than",
  gte: "be at least",
  lt: "be less than",
  lte: "be at most",
  in: "be one of",
  contains: "contain",
};

function explainComparison(node: Extract<Condition, { left: Operand }>, context: Context, wanted: boolean): ConditionFailure {
  const absent = [node.left, node.right].find((operand) => evaluateOperand(operand, context) === undefined);
  if (absent && "path" in absent) return { path: pathText(absent.path), message: `${pathText(absent.path)} is absent.` };
  const subject = "path" in node.left ? node.left : "path" in node.right ? node.right : node.left;
  const left = evaluateOperand(node.left, context);
  const right = evaluateOperand(node.right, context);
  const is = "path" in node.left ? `${pathText(node.left.path)} is ${shown(left)}` : shown(left);
  const than = "path" in node.right ? `${pathText(node.right.path)} (${shown(right)})` : shown(right);
  const incomparable = compare(node.op, left, right) === null ? " (the two cannot be compared)" : "";
  const message = `${is}, but must ${wanted ? "" : "not "}${WORDS[node.op]} ${than}${incomparable}.`;
  return "path" in subject ? { path: pathText(subject.path), message } : { message };
}

function shown(value: unknown): string {
  return isObject(value) ? "an object" : quote(value);
}
