/**
 * The only evaluator of conditions. It is three-valued, like CEL's errors: a comparison with an absent value is neither true nor false, its negation
 * is not true either, and a condition holds only if it is true. So an absent value never makes a negated condition true. The cost is bounded if the
 * context has a budget (`withWork`): nothing can be decided after the budget is used up.
 */
import { jsonEqual } from "../model/values.js";
import { callOf } from "./calls.js";
import { lookUp, type Context } from "./context.js";
import { orderOfTimes, shifted } from "./times.js";
import { isAffordable, searchCost } from "./work.js";
import { MAX_ITEMS, type CompareOp, type Condition, type Operand } from "../model/condition.js";

/** null: cannot be decided, because a value is absent or the values cannot be compared. */
export type Truth = boolean | null;

export function truthOf(condition: Condition, context: Context): Truth {
  if ("left" in condition) return truthOfComparison(condition, context);
  switch (condition.op) {
    case "and":
      return combined(condition.args, false, (arg) => truthOf(arg, context));
    case "or":
      return combined(condition.args, true, (arg) => truthOf(arg, context));
    case "not": {
      const inner = truthOf(condition.arg, context);
      return inner === null ? null : !inner;
    }
    case "has":
      return (lookUp(context, condition.path) ?? null) !== null;
    case "exists":
    case "all": {
      const items = itemsOf(condition.each, context);
      const inside = contextOfItem(context, condition.as);
      return items && combined(items, condition.op === "exists", (item) => truthOf(condition.where, inside(item)));
    }
    default:
      return condition satisfies never;
  }
}

function truthOfComparison({ op, left, right }: Extract<Condition, { left: Operand }>, context: Context): Truth {
  const [a, b] = [valueOf(left, context), valueOf(right, context)];
  if (a === undefined || b === undefined) return null;
  return isAffordable(context, [a, b], op === "contains" ? searchCost(a, b) : 0) ? compare(op, a, b, context) : null;
}

/** Returns the value of an operand. Undefined: it is absent or cannot be computed. */
export function valueOf(operand: Operand, context: Context): unknown {
  if ("path" in operand) return lookUp(context, operand.path);
  if ("value" in operand) return operand.value;
  if ("call" in operand) {
    const args = operand.args.map((arg) => valueOf(arg, context));
    if (args.includes(undefined) || !isAffordable(context, args)) return undefined;
    const { call } = operand;
    return call === "later" || call === "earlier" ? shifted(call, args, context) : callOf(call, args);
  }
  if ("if" in operand) {
    const decided = truthOf(operand.if, context);
    return decided === null ? undefined : valueOf(decided ? operand.yes : operand.no, context);
  }
  const items = itemsOf(operand.each, context);
  if (!items) return undefined;
  const inside = contextOfItem(context, operand.as);
  if ("to" in operand) {
    const values = items.map((item) => valueOf(operand.to, inside(item)));
    return values.includes(undefined) ? undefined : values;
  }
  const results = items.map((item) => truthOf(operand.where, inside(item)));
  return results.includes(null) ? undefined : items.filter((_, index) => results[index] === true);
}

/** Returns the items of a list. Null if there is no list, or if the list is too long. */
export function itemsOf(each: Operand, context: Context): readonly unknown[] | null {
  const list = valueOf(each, context);
  return Array.isArray(list) && list.length <= MAX_ITEMS ? (list as readonly unknown[]) : null;
}

/** One object is reused for all items: none is kept after the next one is requested. */
export function contextOfItem(context: Context, name: string): (item: unknown) => Context {
  const inside: { [root: string]: unknown } = { ...context };
  return (item) => {
    inside[name] = item;
    return inside;
  };
}

/** `deciding` (false for `and`, true for `or`) decides; otherwise an undecided part leaves the whole undecided. */
function combined<T>(all: readonly T[], deciding: boolean, truth: (one: T) => Truth): Truth {
  let result: Truth = !deciding;
  for (const one of all) {
    const found = truth(one);
    if (found === deciding) return deciding;
    if (found === null) result = null;
  }
  return result;
}

/** Compares two values that are present. */
function compare(op: CompareOp, left: unknown, right: unknown, context: Context): Truth {
  switch (op) {
    case "eq":
      return jsonEqual(left, right);
    case "ne":
      return !jsonEqual(left, right);
    case "in":
      return Array.isArray(right) ? right.some((item) => jsonEqual(item, left)) : null;
    case "contains":
      if (Array.isArray(left)) return left.some((item) => jsonEqual(item, right));
      return ofTexts(left, right, (text, part) => text.includes(part));
    case "startsWith":
      return ofTexts(left, right, (text, part) => text.startsWith(part));
    case "endsWith":
      return ofTexts(left, right, (text, part) => text.endsWith(part));
    case "gt":
    case "gte":
    case "lt":
    case "lte": {
      const order = orderOf(left, right, context);
      if (order === null) return null;
      if (op === "gt") return order > 0;
      if (op === "gte") return order >= 0;
      return op === "lt" ? order < 0 : order <= 0;
    }
    default:
      return op satisfies never;
  }
}

function ofTexts(left: unknown, right: unknown, holds: (text: string, part: string) => boolean): boolean | null {
  return typeof left === "string" && typeof right === "string" ? holds(left, right) : null;
}

function orderOf(left: unknown, right: unknown, context: Context): number | null {
  if (typeof left === "number" && typeof right === "number") return left - right;
  if (typeof left === "string" && typeof right === "string")
    return orderOfTimes(left, right, context) ?? (left < right ? -1 : left > right ? 1 : 0);
  return null;
}
