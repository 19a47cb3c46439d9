/**
 * Conditions: decides whether a condition holds and, if it does not, which part of it failed and with which values.
 * An absent path is false. The work is bounded, whatever the condition and the data contain.
 * This room never executes CEL code and never reads anything that is not in the context.
 */
import { isObject } from "../model/values.js";
import { quote } from "../model/problems.js";
import type { Context } from "./context.js";
import { operandText } from "./syntax/text.js";
import { contextOfItem, itemsOf, truthOf, valueOf } from "./truth.js";
import { isExhausted, withWork } from "./work.js";
import { MAX_ITEMS, pathText, type CompareOp, type Condition, type Operand } from "../model/condition.js";

/** The node that was not true, with the values that it read. `path` is the path of the value. */
export type ConditionFailure = { readonly message: string; readonly path?: string };

export type ConditionResult = { readonly holds: true } | { readonly holds: false; readonly failures: readonly ConditionFailure[] };

const MAX_FAILURES = 20;
const TOO_MUCH: ConditionFailure = { message: "The condition reads more of this data than a single evaluation allows." };

export function evaluateCondition(condition: Condition, context: Context): ConditionResult {
  const evaluated = withWork(context);
  if (truthOf(condition, evaluated) === true) return { holds: true };
  if (isExhausted(evaluated)) return { holds: false, failures: [TOO_MUCH] };
  const explained = withWork(context);
  const failures = explain(condition, explained, true).slice(0, MAX_FAILURES);
  return { holds: false, failures: isExhausted(explained) ? [TOO_MUCH] : failures };
}

/** Returns the value of an operand. Undefined: it is absent or cannot be computed. */
export function evaluateOperand(operand: Operand, context: Context): unknown {
  return valueOf(operand, withWork(context));
}

/** Returns the leaves that keep `condition` from being `wanted`. */
function explain(condition: Condition, context: Context, wanted: boolean): ConditionFailure[] {
  const truth = truthOf(condition, context);
  if (truth === wanted) return [];
  if ("left" in condition) return [explainComparison(condition, context, { wanted, isDecided: truth !== null })];
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
    case "exists":
    case "all":
      return explainItems(condition, context, wanted);
    default:
      return condition satisfies never;
  }
}

const WORDS: { readonly [Op in CompareOp]: string } = {
  eq: "be",
  ne: "differ from",
  gt: "be greater than",
  gte: "be at least",
  lt: "be less than",
  lte: "be at most",
  in: "be one of",
  contains: "contain",
  startsWith: "start with",
  endsWith: "end with",
};

function explainComparison(
  node: Extract<Condition, { left: Operand }>,
  context: Context,
  { wanted, isDecided }: { readonly wanted: boolean; readonly isDecided: boolean },
): ConditionFailure {
  const missing = [node.left, node.right].find((operand) => valueOf(operand, context) === undefined);
  if (missing) return whyNoValue(missing, context);
  const subject = "path" in node.left ? node.left : "path" in node.right ? node.right : node.left;
  const left = valueOf(node.left, context);
  const right = valueOf(node.right, context);
  const is = "value" in node.left ? shown(left) : `${operandText(node.left)} is ${shown(left)}`;
  const than = "value" in node.right ? shown(right) : `${operandText(node.right)} (${shown(right)})`;
  const incomparable = isDecided ? "" : " (the values cannot be compared)";
  const message = `${is}, but must ${wanted ? "" : "not "}${WORDS[node.op]} ${than}${incomparable}.`;
  return "path" in subject ? { path: pathText(subject.path), message } : { message };
}

/** Returns each item that is not as wanted; if one item would be enough, reports that there is none. */
function explainItems(node: Extract<Condition, { each: Operand }>, context: Context, wanted: boolean): ConditionFailure[] {
  const items = itemsOf(node.each, context);
  if (!items) return [whyNoItems(node.each, context)];
  const list = operandText(node.each);
  const inside = contextOfItem(context, node.as);
  const failures: ConditionFailure[] = [];
  for (const [index, item] of items.entries()) {
    if (failures.length >= MAX_FAILURES) break;
    for (const { message } of explain(node.where, inside(item), wanted)) failures.push({ message: `${list}[${index}]: ${message}` });
  }
  return failures.length > 0 ? failures : [{ message: `${list} has no items.` }];
}

function whyNoItems(each: Operand, context: Context): ConditionFailure {
  const list = valueOf(each, context);
  if (list === undefined) return whyNoValue(each, context);
  const found = Array.isArray(list) ? `has ${list.length} items; a condition reads at most ${MAX_ITEMS}` : "is not a list";
  return { message: `${operandText(each)} ${found}.` };
}

/**
 * Returns the absent value that the operand depends on. If none is absent, reports that the operand cannot be computed from the values that are
 * present.
 */
function whyNoValue(operand: Operand, context: Context): ConditionFailure {
  if ("path" in operand) return { path: pathText(operand.path), message: `${pathText(operand.path)} is absent.` };
  const parts = "call" in operand ? operand.args : "each" in operand ? [operand.each] : [];
  const missing = parts.find((part) => valueOf(part, context) === undefined);
  if (missing) return whyNoValue(missing, context);
  if ("if" in operand) {
    const decided = truthOf(operand.if, context);
    if (decided !== null) return whyNoValue(decided ? operand.yes : operand.no, context);
    const [first] = explain(operand.if, context, true);
    if (first) return first;
  }
  if ("each" in operand && !itemsOf(operand.each, context)) return whyNoItems(operand.each, context);
  return { message: `${operandText(operand)} has no value: it cannot be computed from the values that are present.` };
}

function shown(value: unknown): string {
  return isObject(value) ? "an object" : quote(value);
}
