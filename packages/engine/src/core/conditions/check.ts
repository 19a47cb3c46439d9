/** Types of conditions, checked against the data schema when a definition is compiled: what this accepts cannot fail later for its form. */
import type { CompiledSchema, SchemaNode, SchemaType } from "../schema/types.js";
import { typeName } from "../schema/validate.js";
import { didYouMean, quote } from "../problems.js";
import type { Json } from "../json.js";
import { FIXED_PATHS } from "./context.js";
import { pathText, type Condition, type Operand } from "./tree.js";

/**
 * What an expression at this place may read. `input` only in actions of a transition that has one; `comment` only in actions: a `when`
 * must be decided before anybody has written input or comment, else what is available could not be listed.
 */
export type Scope = {
  readonly data: CompiledSchema | null;
  readonly input: CompiledSchema | null;
  readonly isAction: boolean;
  /** Where one value is made for each of a list: the schema of `item`, null when it is not known. `index` can be read there too. */
  readonly item?: SchemaNode | null | undefined;
  /** In forms: with which transition they are filled in. */
  readonly hasTransition?: true | undefined;
};

/** The types that a value may have, its schema where it has one; null: not known (any). */
type ValueType = { readonly types: ReadonlySet<SchemaType> | null; readonly node: SchemaNode | null };

export type TypeProblem = { readonly code: "UNKNOWN_PATH" | "BAD_CONDITION"; readonly message: string };

const ANY: ValueType = { types: null, node: null };

/** Every problem of the condition. */
export function checkCondition(condition: Condition, scope: Scope): TypeProblem[] {
  switch (condition.op) {
    case "and":
    case "or":
      return condition.args.flatMap((arg) => checkCondition(arg, scope));
    case "not":
      return checkCondition(condition.arg, scope);
    case "has":
      return unknownPath(resolvePath(condition.path, scope));
    case "eq":
    case "ne":
    case "gt":
    case "gte":
    case "lt":
    case "lte":
    case "in":
    case "contains": {
      const left = typeOfOperand(condition.left, scope);
      const right = typeOfOperand(condition.right, scope);
      const unknown = [...unknownPath(left), ...unknownPath(right)];
      if (typeof left === "string" || typeof right === "string") return unknown;
      const message = compareProblem(condition.op, condition.left, left, condition.right, right);
      return message === null ? [] : [{ code: "BAD_CONDITION", message }];
    }
    default:
      return condition satisfies never;
  }
}

/** Problems of a value that is to be written to `target` (undefined: anywhere). */
export function checkOperand(operand: Operand, scope: Scope, target?: readonly string[]): TypeProblem[] {
  const value = typeOfOperand(operand, scope);
  if (typeof value === "string") return unknownPath(value);
  const place = target ? resolvePath(target, scope) : ANY;
  if (typeof place === "string") return unknownPath(place);
  if (overlap(value.types, place.types) || !target) return [];
  return [
    {
      code: "BAD_CONDITION",
      message: `${describe(operand, value)} cannot be written to ${pathText(target)}, which is ${names(place.types)}.`,
    },
  ];
}

/** null when the path may be read, else why not. */
export function pathProblem(path: readonly string[], scope: Scope): string | null {
  const found = resolvePath(path, scope);
  return typeof found === "string" ? found : null;
}

/** null when the value at the path can be of one of the types, else why not. */
export function valueProblem(path: readonly string[], scope: Scope, wanted: readonly SchemaType[]): string | null {
  const found = resolvePath(path, scope);
  if (typeof found === "string") return found;
  const types = new Set(wanted);
  return overlap(found.types, types) ? null : `${pathText(path)} is ${names(found.types)}; here it has to be ${names(types)}.`;
}

/** What a list at the path has for each item; null when its schema does not say. */
export function itemSchema(path: readonly string[], scope: Scope): SchemaNode | null {
  const found = resolvePath(path, scope);
  return typeof found === "string" ? null : (found.node?.items ?? null);
}

function unknownPath(found: ValueType | string): TypeProblem[] {
  return typeof found === "string" ? [{ code: "UNKNOWN_PATH", message: found }] : [];
}

function typeOfOperand(operand: Operand, scope: Scope): ValueType | string {
  return "path" in operand ? resolvePath(operand.path, scope) : { types: new Set([typeOfJson(operand.value)]), node: null };
}

function resolvePath(path: readonly string[], scope: Scope): ValueType | string {
  const [root = ""] = path;
  if (root === "data") return scope.data ? walk(scope.data.root, path) : ANY;
  if (root === "input") {
    return scope.input
      ? walk(scope.input.root, path)
      : "There is no input here. Only the actions of a transition that declares an `input` can read it.";
  }
  if (scope.item !== undefined && root === "item") return scope.item ? walk(scope.item, path) : ANY;
  if (scope.item !== undefined && path.length === 1 && root === "index") return { types: new Set(["integer"]), node: null };
  if (scope.hasTransition && path.length === 1 && root === "transition") return { types: new Set(["string"]), node: null };
  if (root === "comment" && !scope.isAction) return "A condition cannot read the comment: it is decided before a comment is written.";
  const fixed = FIXED_PATHS.get(path.join("."));
  if (fixed === "strings") return { types: new Set(["array"]), node: null };
  if (fixed) return { types: new Set([fixed, "null"]), node: null };
  return `There is no ${quote(pathText(path))}.${didYouMean(path.join("."), [...FIXED_PATHS.keys(), `data.${path.join(".")}`])}`;
}

function walk(root: SchemaNode, path: readonly string[]): ValueType | string {
  let node = root;
  for (const [index, part] of path.entries()) {
    if (index === 0) continue;
    const next = node.properties.get(part);
    if (next) node = next;
    else if (node.types && !node.types.has("object")) {
      return `${quote(pathText(path.slice(0, index)))} is ${names(node.types)}, so it has no ${quote(part)}.`;
    } else if (node.additional === true) return ANY;
    else if (node.additional === false) {
      return `There is no ${quote(pathText(path.slice(0, index + 1)))}: the schema of ${path[0]} does not declare it.${didYouMean(part, node.properties.keys())}`;
    } else node = node.additional;
  }
  return { types: node.types, node };
}

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
  return "path" in operand ? `${pathText(operand.path)} (${names(type.types)})` : quote(operand.value);
}

function names(types: ReadonlySet<SchemaType> | null): string {
  return types ? [...types].map(typeName).join(" or ") : "anything";
}

function isNull(type: ValueType): boolean {
  return type.types?.size === 1 && type.types.has("null");
}

function withoutNull(types: ReadonlySet<SchemaType> | null): ReadonlySet<SchemaType> | null {
  return types && new Set([...types].filter((type) => type !== "null"));
}

/** An unknown type may be anything; a whole number is a number. */
function overlap(a: ReadonlySet<SchemaType> | null, b: ReadonlySet<SchemaType> | null): boolean {
  if (!a || !b) return true;
  const wide = (type: SchemaType): SchemaType => (type === "integer" ? "number" : type);
  return [...a].some((type) => [...b].some((other) => wide(type) === wide(other)));
}

function typeOfJson(value: Json): SchemaType {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  if (typeof value === "string") return "string";
  if (typeof value === "number") return Number.isInteger(value) ? "integer" : "number";
  return typeof value === "boolean" ? "boolean" : "object";
}
