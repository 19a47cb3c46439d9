import { Kind, valueFromASTUntyped } from "graphql";
import type { FieldNode, GraphQLField, OperationDefinitionNode } from "graphql";

/** Variables as they came with the request. */
export type Variables = Readonly<Record<string, unknown>>;

/** What `ConnectionArgs` of shared gives when neither `first` nor `last` is said, and the most it takes. */
const defaultSize = 20;
const largestSize = 100;

/**
 * How many nodes a field can bring by its page arguments; undefined for a field without pages. Sizes over the largest count as the
 * largest: the subgraph refuses them with the better message (BAD_USER_INPUT at `first`) before it does any work.
 */
export function pageSize(field: FieldNode, definition: GraphQLField<unknown, unknown>, variables: Variables): number | undefined {
  if (!definition.args.some(({ name }) => name === "first" || name === "last")) return undefined;
  const sizes = (field.arguments ?? [])
    .filter(({ name }) => name.value === "first" || name.value === "last")
    .map(({ value }) => (value.kind === Kind.VARIABLE ? variables[value.name.value] : valueFromASTUntyped(value)))
    .filter((value): value is number => typeof value === "number" && Number.isFinite(value));
  return sizes.length === 0 ? defaultSize : Math.min(largestSize, Math.max(0, ...sizes));
}

/** The default values that an operation declares for its variables. */
export function defaultsOf(operation: OperationDefinitionNode): Variables {
  const defaults: Record<string, unknown> = {};
  for (const { variable, defaultValue } of operation.variableDefinitions ?? []) {
    if (defaultValue) defaults[variable.name.value] = valueFromASTUntyped(defaultValue);
  }
  return defaults;
}
