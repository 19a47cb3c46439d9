/**
 * Conditions: decides whether a condition holds and, if it does not, which part of it failed and with which values.
 * An absent path is false. The work is bounded, whatever the condition and the data contain.
 * This module never executes CEL code and never reads anything that is not in the context.
 */
import { isObject } from "../model/values.js";
import { quote } from "../model/problems.js";
import type { Context } from "./context.js";
import { NO_LABELS, type Labels } from "./labels.js";
import { celPath, operandText } from "./syntax/text.js";
import { contextOfItem, itemsOf, truthOf, valueOf } from "./truth.js";
import { isExhausted, withWork } from "./work.js";
import { MAX_ITEMS, pathText, type CompareOp, type Condition, type Operand } from "../model/condition.js";

/** The node that was not true, with the values that it read. `path` is the path of the value. */
export type ConditionFailure = { readonly message: string; readonly path?: string };

export type ConditionResult = { readonly holds: true } | { readonly holds: false; readonly failures: readonly ConditionFailure[] };

const MAX_FAILURES = 20;
const TOO_MUCH: ConditionFailure = { message: "The condition reads more of this data than a single evaluation allows." };

/** With `labels`, the failures call the values what users call them. */
export function evaluateCondition(condition: Condition, context: Context, labels: Labels = NO_LABELS): ConditionResult {
  const evaluated = withWork(context);
  if (truthOf(condition, evaluated) === true) return { holds: true };
  if (isExhausted(evaluated)) return { holds: false, failures: [TOO_MUCH] };
  const explained = withWork(context);
  const failures = explain(condition, { context: explained, labels }, true).slice(0, MAX_FAILURES);
  return { holds: false, failures: isExhausted(explained) ? [TOO_MUCH] : failures };
}

/** Returns the value of an operand. Undefined: it is absent or cannot be computed. */
export function evaluateOperand(operand: Operand, context: Context): unknown {
  return valueOf(operand, withWork(context));
}

type Explained = { readonly context: Context; readonly labels: Labels };

/** Returns the leaves that keep `condition` from being `wanted`. */
function explain(condition: Condition, explained: Explained, wanted: boolean): ConditionFailure[] {
  const truth = truthOf(condition, explained.context);
  if (truth === wanted) return [];
  if ("left" in condition) return [explainComparison(condition, explained, { wanted, isDecided: truth !== null })];
  switch (condition.op) {
    case "and":
    case "or":
      if (condition.args.length === 0) return [{ message: "The condition is always false." }];
      return condition.args.flatMap((arg) => explain(arg, explained, wanted));
    case "not":
      return explain(condition.arg, explained, !wanted);
    case "has": {
      const label = explained.labels.of(condition.path) ?? pathText(condition.path);
      const message = wanted ? `${label} has no value, but must have one.` : `${label} has a value, but must not have one.`;
      return [{ path: pathText(condition.path), message }];
    }
    case "exists":
    case "all":
      return explainItems(condition, explained, wanted);
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
  { op, left, right }: Extract<Condition, { left: Operand }>,
  { context, labels }: Explained,
  { wanted, isDecided }: { readonly wanted: boolean; readonly isDecided: boolean },
): ConditionFailure {
  const missing = [left, right].find((operand) => valueOf(operand, context) === undefined);
  if (missing) return whyNoValue(missing, { context, labels });
  const subject = "path" in left ? left : "path" in right ? right : left;
  // A value that is written in the condition is shown like those of the path that it is compared with.
  const shownOf = (operand: Operand): string => {
    const path = "path" in operand ? operand.path : "value" in operand && "path" in subject ? subject.path : null;
    const value = valueOf(operand, context);
    return (path && labels.shown(path, value)) ?? shown(value);
  };
  const is = "value" in left ? shownOf(left) : `${labelOf(left, labels)} is ${shownOf(left)}`;
  const other = "value" in right ? shownOf(right) : labelOf(right, labels);
  const than = other === shownOf(right) ? other : `${other} (${shownOf(right)})`;
  const incomparable = isDecided ? "" : " (the values cannot be compared)";
  const message = `${is}, but must ${wanted ? "" : "not "}${WORDS[op]} ${than}${incomparable}.`;
  return "path" in subject ? { path: pathText(subject.path), message } : { message };
}

const labelOf = (operand: Operand, labels: Labels): string => operandText(operand, (path) => labels.of(path) ?? celPath(path));

/** Returns each item that is not as wanted; if one item would be enough, reports that there is none. */
function explainItems(node: Extract<Condition, { each: Operand }>, { context, labels }: Explained, wanted: boolean): ConditionFailure[] {
  const items = itemsOf(node.each, context);
  if (!items) return [whyNoItems(node.each, { context, labels })];
  const list = labelOf(node.each, labels);
  const inside = contextOfItem(context, node.as);
  const insideLabels = labels.inItems(node.each, node.as);
  const failures: ConditionFailure[] = [];
  for (const [index, item] of items.entries()) {
    if (failures.length >= MAX_FAILURES) break;
    for (const { message } of explain(node.where, { context: inside(item), labels: insideLabels }, wanted))
      failures.push({ message: `${labels.item(list, index)}: ${message}` });
  }
  return failures.length > 0 ? failures : [{ message: `${list} has no items.` }];
}

function whyNoItems(each: Operand, { context, labels }: Explained): ConditionFailure {
  const list = valueOf(each, context);
  if (list === undefined) return whyNoValue(each, { context, labels });
  const found = Array.isArray(list) ? `has ${list.length} items; a condition reads at most ${MAX_ITEMS}` : "is not a list";
  return { message: `${labelOf(each, labels)} ${found}.` };
}

/**
 * Returns the absent value that the operand depends on. If none is absent, reports that the operand cannot be computed from the values that are
 * present.
 */
function whyNoValue(operand: Operand, explained: Explained): ConditionFailure {
  const { context, labels } = explained;
  if ("path" in operand) {
    const label = labels.of(operand.path);
    const path = pathText(operand.path);
    return { path, message: label === null ? `${path} is absent.` : `${label} has no value.` };
  }
  const parts = "call" in operand ? operand.args : "each" in operand ? [operand.each] : [];
  const missing = parts.find((part) => valueOf(part, context) === undefined);
  if (missing) return whyNoValue(missing, explained);
  if ("if" in operand) {
    const decided = truthOf(operand.if, context);
    if (decided !== null) return whyNoValue(decided ? operand.yes : operand.no, explained);
    const [first] = explain(operand.if, explained, true);
    if (first) return first;
  }
  if ("each" in operand && !itemsOf(operand.each, context)) return whyNoItems(operand.each, explained);
  return { message: `${labelOf(operand, labels)} has no value: it cannot be computed from the values that are present.` };
}

function shown(value: unknown): string {
  return isObject(value) ? "an object" : quote(value);
}
