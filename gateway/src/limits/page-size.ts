import type { ListSize } from "@weft/api/cost";
import { Kind, getNamedType, getNullableType, isListType, isObjectType, valueFromASTUntyped } from "graphql";
import type { FieldNode, GraphQLField, GraphQLNamedType, OperationDefinitionNode, ValueNode } from "graphql";

/** Variables as received in the request. */
export type Variables = Readonly<Record<string, unknown>>;

/** A variable from which a size comes, or a member of it. */
export interface SizeSource {
  readonly variable: string;
  readonly path: readonly string[];
}

/** Values of the variables, and a function that is called with each source of a size. */
export interface SizeVariables {
  readonly variables: Variables;
  readonly onSource: (source: SizeSource) => void;
}

/** What `ConnectionArgs` of packages/api uses if neither `first` nor `last` is given, and the maximum page size. */
const ofPages: ListSize = { by: ["first", "last"], initial: 20, maximum: 100 };

/** Longer lists are refused (`problemsOfLists`). */
const largest = 1_000;

/** How many items a field can return, according to its arguments. */
export interface Sizes {
  /** Items of the list or page that the field is. Undefined if nothing says it. */
  readonly own: number | undefined;
  /** Items of lists of the object that it returns, by their names. */
  readonly lists: ReadonlyMap<string, number>;
}

const unknownSizes: Sizes = { own: undefined, lists: new Map() };

/**
 * Returns how many items a field can return. Sizes above the maximum count as the maximum: the subgraph refuses them before it does any work, with a better
 * message (BAD_USER_INPUT at `first`).
 * @param declared what the field declares. Connections need not.
 */
export function sizesOfField(
  field: FieldNode,
  definition: GraphQLField<unknown, unknown>,
  declared: readonly ListSize[],
  variables: SizeVariables,
): Sizes {
  const sizes = declared.length === 0 && isPaged(definition) ? [ofPages] : declared;
  if (sizes.length === 0) return unknownSizes;
  let own: number | undefined;
  const lists = new Map<string, number>();
  for (const size of sizes) {
    const items = itemsOf(field, size, variables);
    if (!size.fields) own = Math.max(own ?? 0, items);
    for (const name of size.fields ?? []) lists.set(name, Math.max(lists.get(name) ?? 0, items));
  }
  return { own, lists };
}

function itemsOf(field: FieldNode, { by, initial, maximum, needs }: ListSize, variables: SizeVariables): number {
  const given = (path: string): unknown => givenAt(field, path.split("."), variables);
  // Both are read in any case: the sources that are found when a document is measured first are those by which it is known later.
  const [needed, sizes] = [needs === undefined || given(needs), by.flatMap((path) => sizeOf(given(path)) ?? [])];
  if (isOmitted(needed)) return 0;
  return sizes.length === 0 ? initial : Math.min(maximum, Math.max(...sizes));
}

const isOmitted = (value: unknown): boolean => value === undefined || value === null;

/** Whether a type is a page of items. */
export const isConnection = (type: GraphQLNamedType): boolean => isObjectType(type) && type.name.endsWith("Connection");

/** On a field that returns neither, `first` need not be a number of objects in the answer. */
const isPaged = ({ type, args }: GraphQLField<unknown, unknown>): boolean =>
  (isConnection(getNamedType(type)) || isListType(getNullableType(type))) && args.some(({ name }) => name === "first" || name === "last");

/** Returns what is given for an argument, or for a member of it. */
function givenAt({ arguments: given = [] }: FieldNode, [argument = "", ...path]: readonly string[], by: SizeVariables): unknown {
  let node: ValueNode | undefined = given.find(({ name }) => name.value === argument)?.value;
  for (const [depth, member] of path.entries()) {
    if (node?.kind === Kind.VARIABLE) return ofVariable({ variable: node.name.value, path: path.slice(depth) }, by);
    node = node?.kind === Kind.OBJECT ? node.fields.find(({ name }) => name.value === member)?.value : undefined;
  }
  if (node?.kind === Kind.VARIABLE) return ofVariable({ variable: node.name.value, path: [] }, by);
  // The items of a list are not needed, only their number.
  return node?.kind === Kind.LIST ? node.values : node && valueFromASTUntyped(node);
}

function ofVariable(source: SizeSource, { variables, onSource }: SizeVariables): unknown {
  onSource(source);
  return sizeAt(source, variables);
}

/** Returns what variables contain at a source. */
function sizeAt({ variable, path }: SizeSource, variables: Variables): unknown {
  // Not what every object inherits: a variable can be called `toString`.
  let value: unknown = variables;
  for (const member of [variable, ...path])
    value = typeof value === "object" && value !== null && Object.hasOwn(value, member) ? (value as Variables)[member] : undefined;
  return value;
}

/** Returns in which way a source of sizes can change them: two values with the same key count as the same. */
export function sizeKey(source: SizeSource, variables: Variables): string {
  // Whatever else than a number or a list is given replaces the default value of the variable, and counts as omitted, or as an argument that needs no size.
  if (sizeAt({ ...source, path: [] }, variables) === undefined) return "default";
  const value = sizeAt(source, variables);
  return isOmitted(value) ? "none" : String(sizeOf(value) ?? "given");
}

/**
 * Returns the size that a value counts as: a number, or the length of a list. Undefined: it is neither, as null. Numbers that are no size, such as 1.5, are
 * refused later, and count as the maximum until then: a cost is a whole number.
 */
function sizeOf(value: unknown): number | undefined {
  if (Array.isArray(value)) return Math.min(largest, value.length);
  if (typeof value !== "number") return undefined;
  return Number.isInteger(value) ? Math.min(largest, Math.max(0, value)) : largest;
}

/** Returns the default values that an operation declares for its variables. */
export function defaultsOf(operation: OperationDefinitionNode): Variables {
  const defaults: Record<string, unknown> = {};
  for (const { variable, defaultValue } of operation.variableDefinitions ?? []) {
    if (defaultValue) defaults[variable.name.value] = valueFromASTUntyped(defaultValue);
  }
  return defaults;
}
