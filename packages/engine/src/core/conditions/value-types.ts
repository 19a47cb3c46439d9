/** What is known about the types of values that conditions read. */
import type { Json } from "../model/json.js";
import { didYouMean, quote } from "../model/problems.js";
import type { CompiledSchema, SchemaNode, SchemaType } from "../model/schema.js";
import { typeName } from "../schema/validate.js";
import { FIXED_PATHS } from "./context.js";
import { pathText } from "../model/condition.js";

/**
 * What an expression at this place can read. `input` is available only in actions of a transition that has one, `comment` only in actions: a `when`
 * must be evaluated before anybody has entered input or a comment, because otherwise the available transitions could not be listed.
 */
export type Scope = {
  readonly data: CompiledSchema | null;
  readonly input: CompiledSchema | null;
  readonly isAction: boolean;
  /** Set if one value is computed for each item of a list: the schema of `item`, or null if it is unknown. `index` is available too. */
  readonly item?: SchemaNode | null | undefined;
  /** Names of the items of lists, within the expressions for each item. */
  readonly locals?: ReadonlyMap<string, ValueType> | undefined;
  /** In forms: the transition with which the form is submitted. */
  readonly hasTransition?: true | undefined;
};

/** The types that a value can have, and its schema if it has one. Null: unknown (any). */
export type ValueType = {
  readonly types: ReadonlySet<SchemaType> | null;
  readonly node: SchemaNode | null;
  /** Type of the items of a list that a condition builds. */
  readonly items?: ValueType;
};

export const ANY: ValueType = { types: null, node: null };

export const typed = (...types: readonly SchemaType[]): ValueType => ({ types: new Set(types), node: null });

/** Returns the type of the items of a list. */
export function itemType({ items, node }: ValueType): ValueType {
  if (items) return items;
  return node?.items ? { types: node.items.types, node: node.items } : ANY;
}

/** Returns what a path reads, or the reason why it cannot be read. */
export function resolvePath(path: readonly string[], scope: Scope): ValueType | string {
  const [root = ""] = path;
  const local = scope.locals?.get(root);
  if (local) return path.length === 1 ? local : local.node ? walk(local.node, path) : ANY;
  if (root === "data") return scope.data ? walk(scope.data.root, path) : ANY;
  if (root === "input") {
    return scope.input
      ? walk(scope.input.root, path)
      : "There is no input here. Only the actions of a transition that declares an `input` can read it.";
  }
  if (scope.item !== undefined && root === "item") return scope.item ? walk(scope.item, path) : ANY;
  if (scope.item !== undefined && path.length === 1 && root === "index") return { types: new Set(["integer"]), node: null };
  if (scope.hasTransition && path.length === 1 && root === "transition") return { types: new Set(["string"]), node: null };
  if (root === "comment" && !scope.isAction)
    return "A condition cannot read the comment: conditions are evaluated before the comment is written.";
  const fixed = FIXED_PATHS.get(path.join("."));
  if (fixed === "strings") return { types: new Set(["array"]), node: null };
  if (fixed) return { types: new Set([fixed, "null"]), node: null };
  const inData = scope.data?.root.properties.has(root) ? ` Did you mean ${quote(`data.${pathText(path)}`)}?` : null;
  return `There is no ${quote(pathText(path))}.${inData ?? didYouMean(path.join("."), FIXED_PATHS.keys())}`;
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

export function names(types: ReadonlySet<SchemaType> | null): string {
  return types ? [...types].map(typeName).join(" or ") : "anything";
}

export function isNull(type: ValueType): boolean {
  return type.types?.size === 1 && type.types.has("null");
}

export function withoutNull(types: ReadonlySet<SchemaType> | null): ReadonlySet<SchemaType> | null {
  return types && new Set([...types].filter((type) => type !== "null"));
}

/** An unknown type can be anything; a whole number is a number. */
export function overlap(a: ReadonlySet<SchemaType> | null, b: ReadonlySet<SchemaType> | null): boolean {
  if (!a || !b) return true;
  const wide = (type: SchemaType): SchemaType => (type === "integer" ? "number" : type);
  return [...a].some((type) => [...b].some((other) => wide(type) === wide(other)));
}

export function typeOfJson(value: Json): SchemaType {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  if (typeof value === "string") return "string";
  if (typeof value === "number") return Number.isInteger(value) ? "integer" : "number";
  return typeof value === "boolean" ? "boolean" : "object";
}
