/**
 * Type checks of conditions against the data schema when a definition is compiled. A condition that is accepted here cannot fail later because of its
 * types.
 */
import type { SchemaNode, SchemaType } from "../model/schema.js";
import { didYouMean, quote } from "../model/problems.js";
import type { Json } from "../model/json.js";
import { parsePeriod } from "../calendar/periods.js";
import { operandText } from "./syntax/text.js";
import { pathText, type Call, type Condition, type Operand } from "../model/condition.js";
import {
  ANY,
  isNull,
  itemType,
  names,
  overlap,
  resolvePath,
  typed,
  typeOfJson,
  withoutNull,
  type Scope,
  type ValueType,
} from "./value-types.js";

export type TypeProblem = { readonly code: "UNKNOWN_PATH" | "BAD_CONDITION"; readonly message: string };

/** Returns every problem of the condition. */
export function checkCondition(condition: Condition, scope: Scope): TypeProblem[] {
  if ("left" in condition) return checkComparison(condition, scope);
  switch (condition.op) {
    case "and":
    case "or":
      return condition.args.flatMap((arg) => checkCondition(arg, scope));
    case "not":
      return checkCondition(condition.arg, scope);
    case "has":
      return unknownPath(resolvePath(condition.path, scope));
    case "exists":
    case "all": {
      const problems: TypeProblem[] = [];
      const inside = insideOf(condition, scope, problems);
      return [...problems, ...checkCondition(condition.where, inside)];
    }
    default:
      return condition satisfies never;
  }
}

function checkComparison({ op, left, right }: Extract<Condition, { left: Operand }>, scope: Scope): TypeProblem[] {
  const problems: TypeProblem[] = [];
  const [a, b] = [typeOfOperand(left, scope, problems), typeOfOperand(right, scope, problems)];
  const message = compareProblem(op, left, a, right, b);
  return problems.length > 0 || message === null ? problems : [{ code: "BAD_CONDITION", message }];
}

/** Returns the problems of a value that will be written to `target` (undefined: anywhere). */
export function checkOperand(operand: Operand, scope: Scope, target?: readonly string[]): TypeProblem[] {
  const problems: TypeProblem[] = [];
  const value = typeOfOperand(operand, scope, problems);
  const place = target ? resolvePath(target, scope) : ANY;
  if (typeof place === "string") return [...problems, ...unknownPath(place)];
  if (problems.length > 0 || overlap(value.types, place.types) || !target) return problems;
  return [
    {
      code: "BAD_CONDITION",
      message: `${describe(operand, value)} cannot be written to ${pathText(target)}, which is ${names(place.types)}.`,
    },
  ];
}

/** Returns null if the path can be read, otherwise the reason why not. */
export function pathProblem(path: readonly string[], scope: Scope): string | null {
  const found = resolvePath(path, scope);
  return typeof found === "string" ? found : null;
}

/** Returns null if the value at the path can have one of the types, otherwise the reason why not. */
export function valueProblem(path: readonly string[], scope: Scope, wanted: readonly SchemaType[]): string | null {
  const found = resolvePath(path, scope);
  if (typeof found === "string") return found;
  const types = new Set(wanted);
  return overlap(found.types, types) ? null : `${pathText(path)} is ${names(found.types)}, but must be ${names(types)} here.`;
}

/** Returns null if the value can have one of the types, or cannot be read at all; otherwise the reason why not. */
export function operandTypeProblem(operand: Operand, scope: Scope, wanted: ReadonlySet<SchemaType> | null): string | null {
  const problems: TypeProblem[] = [];
  const found = typeOfOperand(operand, scope, problems);
  if (problems.length > 0 || overlap(withoutNull(found.types), wanted)) return null;
  return `${describe(operand, found)} cannot be used here: the value must be ${names(wanted)}.`;
}

/** Returns the schema of the items of the list at the path; null if its schema does not define them. */
export function itemSchema(path: readonly string[], scope: Scope): SchemaNode | null {
  const found = resolvePath(path, scope);
  return typeof found === "string" ? null : (found.node?.items ?? null);
}

function unknownPath(found: ValueType | string): TypeProblem[] {
  return typeof found === "string" ? [{ code: "UNKNOWN_PATH", message: found }] : [];
}

/** Returns the type of the value. Adds a problem if the value cannot be read or computed. */
function typeOfOperand(operand: Operand, scope: Scope, problems: TypeProblem[]): ValueType {
  if ("value" in operand) return typed(typeOfJson(operand.value));
  if ("path" in operand) {
    const found = resolvePath(operand.path, scope);
    problems.push(...unknownPath(found));
    return typeof found === "string" ? ANY : found;
  }
  if ("call" in operand) return typeOfCall(operand, scope, problems);
  if ("if" in operand) {
    problems.push(...checkCondition(operand.if, scope));
    const [a, b] = [typeOfOperand(operand.yes, scope, problems), typeOfOperand(operand.no, scope, problems)];
    return a.types && b.types ? { types: new Set([...a.types, ...b.types]), node: null } : ANY;
  }
  const inside = insideOf(operand, scope, problems);
  if ("to" in operand) return { ...typed("array"), items: typeOfOperand(operand.to, inside, problems) };
  problems.push(...checkCondition(operand.where, inside));
  const item = inside.locals?.get(operand.as);
  return { ...typed("array"), ...(item && { items: item }) };
}

/** Returns the scope in which the items of the list are known by their name. */
function insideOf({ each, as }: { readonly each: Operand; readonly as: string }, scope: Scope, problems: TypeProblem[]): Scope {
  const list = typeOfOperand(each, scope, problems);
  if (list.types && !list.types.has("array"))
    problems.push({ code: "BAD_CONDITION", message: `${describe(each, list)} is not a list, so it has no items.` });
  return { ...scope, locals: new Map([...(scope.locals ?? []), [as, itemType(list)]]) };
}

const NUMBERS: ReadonlySet<SchemaType> = new Set(["number", "integer"]);
const TEXTS: ReadonlySet<SchemaType> = new Set(["string"]);
const SIZED: ReadonlySet<SchemaType> = new Set(["string", "array", "object"]);
const SIGNS: Readonly<Partial<Record<Call, string>>> = { add: "+", sub: "-", mul: "*", div: "/", mod: "%" };

function typeOfCall({ call, args }: Extract<Operand, { call: Call }>, scope: Scope, problems: TypeProblem[]): ValueType {
  const before = problems.length;
  const types = args.map((arg) => typeOfOperand(arg, scope, problems));
  const [first = ANY, second = ANY] = types;
  const bad = (message: string): void => {
    // Report one mistake once: problems of inner parts have already been added.
    if (problems.length === before) problems.push({ code: "BAD_CONDITION", message });
  };
  const shown = (index: number): string => (args[index] ? describe(args[index], types[index] ?? ANY) : "Nothing");
  if (call === "later" || call === "earlier") {
    const text = args[1] && "value" in args[1] ? args[1].value : null;
    const verb = call === "later" ? "added to" : "subtracted from";
    if (typeof text !== "string" || !parsePeriod(text))
      bad(`${shown(1)} is not a valid duration. Use a duration of at most ten years, for example PT4H, P2D or 2 working days.`);
    else if (!overlap(first.types, TEXTS) || isOtherFormat(first))
      bad(`The duration ${text} cannot be ${verb} ${shown(0)}, which is not a time.`);
    return typed("string");
  }
  const sign = SIGNS[call];
  if (sign !== undefined) {
    const areNumbers = overlap(first.types, NUMBERS) && overlap(second.types, NUMBERS);
    const areTexts = call === "add" && overlap(first.types, TEXTS) && overlap(second.types, TEXTS);
    if (!areNumbers && !areTexts) bad(`The operator "${sign}" cannot be applied to ${shown(0)} and ${shown(1)}.`);
    return areNumbers && areTexts ? ANY : typed(areTexts ? "string" : "number");
  }
  if (call === "size") {
    if (!overlap(first.types, SIZED)) bad(`${shown(0)} is neither text nor a list, so it has no size.`);
    return typed("integer");
  }
  if (first.types && !first.types.has("array")) bad(`${shown(0)} is not a list, so it has no ${call}.`);
  const item = itemType(first);
  const isOrdered = overlap(item.types, NUMBERS) || (call !== "sum" && overlap(item.types, TEXTS));
  if (!isOrdered) bad(`The items of ${shown(0)} are ${names(item.types)}, so ${call} cannot be applied to them.`);
  return call === "sum" ? typed("number") : { types: item.types, node: null };
}

/** Text whose format says that it is no time. */
const isOtherFormat = ({ node }: ValueType): boolean =>
  typeof node?.format === "string" && node.format !== "date" && node.format !== "date-time";

function compareProblem(op: string, leftOperand: Operand, left: ValueType, rightOperand: Operand, right: ValueType): string | null {
  const l = describe(leftOperand, left);
  const r = describe(rightOperand, right);
  if (op === "in") {
    if (right.types && !right.types.has("array")) return `${r} is not a list, so nothing can be "in" it.`;
    if ("value" in rightOperand && Array.isArray(rightOperand.value) && left.types) {
      const items: readonly Json[] = rightOperand.value;
      const wrong = items.find((item) => !overlap(new Set([typeOfJson(item)]), left.types));
      if (wrong !== undefined) return `${l} can never be ${quote(wrong)}.`;
    }
    return null;
  }
  if (op === "contains") {
    return left.types && !left.types.has("array") && !left.types.has("string")
      ? `${l} is neither text nor a list, so it cannot contain anything.`
      : null;
  }
  if (op === "startsWith" || op === "endsWith") {
    const [wrong] = [overlap(left.types, TEXTS) ? null : l, overlap(right.types, TEXTS) ? null : r].filter((one) => one !== null);
    return wrong === undefined ? null : `${wrong} is not text, but ${op}() compares text.`;
  }
  if (op === "eq" || op === "ne") {
    if (!overlap(left.types, right.types) && !isNull(left) && !isNull(right)) return `${l} can never equal ${r}.`;
    return enumProblem(left, leftOperand, rightOperand) ?? enumProblem(right, rightOperand, leftOperand);
  }
  const ordered = (type: ValueType): boolean =>
    !type.types || type.types.has("number") || type.types.has("integer") || type.types.has("string");
  if (!ordered(left)) return `${l} has no order, so it cannot be compared with ${r}.`;
  if (!ordered(right)) return `${r} has no order, so ${l} cannot be compared with it.`;
  return overlap(withoutNull(left.types), withoutNull(right.types)) ? null : `${l} cannot be compared with ${r}.`;
}

function enumProblem(type: ValueType, operand: Operand, other: Operand): string | null {
  if (!type.node?.enum || !("value" in other) || !("path" in operand) || other.value === null) return null;
  if (type.node.enum.includes(other.value)) return null;
  const texts = type.node.enum.filter((one) => typeof one === "string");
  return `${pathText(operand.path)} can never be ${quote(other.value)}.${typeof other.value === "string" ? didYouMean(other.value, texts) : ""}`;
}

function describe(operand: Operand, type: ValueType): string {
  return "value" in operand ? quote(operand.value) : `${operandText(operand)} (${names(type.types)})`;
}
