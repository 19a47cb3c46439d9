import { Kind, valueFromASTUntyped } from "graphql";
import type { FieldNode, GraphQLField, OperationDefinitionNode, ValueNode } from "graphql";

/** Variables as received in the request. */
export type Variables = Readonly<Record<string, unknown>>;

/** Values of the variables, and a function that is called with each variable from which a page size comes. */
export interface PageVariables {
  readonly variables: Variables;
  readonly onVariable: (name: string) => void;
}

/** Page size that `ConnectionArgs` of packages/api uses if neither `first` nor `last` is given, and the maximum page size. */
const defaultSize = 20;
const largestSize = 100;

/**
 * Returns how many nodes a field can return, according to its page arguments. Undefined for a field without pages. Sizes above the maximum count as
 * the maximum: the subgraph refuses them before it does any work, with a better message (BAD_USER_INPUT at `first`).
 */
export function pageSize(
  field: FieldNode,
  definition: GraphQLField<unknown, unknown>,
  { variables, onVariable }: PageVariables,
): number | undefined {
  const valueOf = (node: ValueNode): unknown => {
    if (node.kind !== Kind.VARIABLE) return valueFromASTUntyped(node);
    onVariable(node.name.value);
    return variables[node.name.value];
  };
  if (!definition.args.some(({ name }) => name === "first" || name === "last")) return undefined;
  const sizes = (field.arguments ?? [])
    .filter(({ name }) => name.value === "first" || name.value === "last")
    .flatMap(({ value }) => sizeOf(valueOf(value)) ?? []);
  return sizes.length === 0 ? defaultSize : Math.max(...sizes);
}

/**
 * Returns the page size that a value counts as. Undefined: it is no number, as null. Numbers that are no size, such as 1.5, are refused later, and count as the
 * maximum until then: a cost is a whole number.
 */
export function sizeOf(value: unknown): number | undefined {
  if (typeof value !== "number") return undefined;
  return Number.isInteger(value) ? Math.min(largestSize, Math.max(0, value)) : largestSize;
}

/** Returns the default values that an operation declares for its variables. */
export function defaultsOf(operation: OperationDefinitionNode): Variables {
  const defaults: Record<string, unknown> = {};
  for (const { variable, defaultValue } of operation.variableDefinitions ?? []) {
    if (defaultValue) defaults[variable.name.value] = valueFromASTUntyped(defaultValue);
  }
  return defaults;
}
