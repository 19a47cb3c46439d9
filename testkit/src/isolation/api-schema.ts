import { apiSchemaOf, gatewayOnlyElements, revealedSupergraph } from "@weft/gateway";
import {
  getNamedType,
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLOutputType,
  type GraphQLSchema,
  isCompositeType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
  isRequiredArgument,
  isUnionType,
  parse,
  visit,
} from "graphql";
import { composedSupergraph } from "../composed-supergraph.js";
import type { TestUser } from "../test-user.js";

/** A field of Query, Mutation or Subscription. */
export interface RootField {
  readonly kind: "query" | "mutation" | "subscription";
  readonly name: string;
  /** Whether only the gateway calls it (`@GatewayOnly`). Clients do not see it, so use `callerOf`. */
  readonly isInternal: boolean;
  readonly field: GraphQLField<unknown, unknown>;
  /** Paths of the IDs in its arguments: `id`, `input.roleIds`, `filter.building.eq`. */
  readonly idPaths: readonly string[];
}

let composed: GraphQLSchema | undefined;

/**
 * Returns the schema of the subgraphs in the code: what clients see, and what only the gateway calls, so that tests of authorization try both. The
 * process builds the schema once.
 */
export function composedApi(): GraphQLSchema {
  return (composed ??= apiSchemaOf(revealedSupergraph(composedSupergraph())));
}

/** Returns the user as whom a test calls a root field: for fields that only the gateway calls, through the gateway's own calls. */
export const callerOf = ({ isInternal }: RootField, user: TestUser): TestUser => (isInternal ? user.internally : user);

export function rootFieldsOf(schema: GraphQLSchema): RootField[] {
  const roots = [
    ["query", schema.getQueryType()],
    ["mutation", schema.getMutationType()],
    ["subscription", schema.getSubscriptionType()],
  ] as const;
  const internal = gatewayOnlyElements(composedSupergraph()).fields;
  return roots.flatMap(([kind, type]) =>
    Object.values(type?.getFields() ?? {}).map((field) => ({
      kind,
      name: field.name,
      isInternal: internal.has(`${type?.name}.${field.name}`),
      field,
      // A filter within a mutation's input is the same as that of a list, where its IDs are tried.
      idPaths: idPathsOf(field).filter((path) => kind !== "mutation" || !path.startsWith("input.filter.")),
    })),
  );
}

/** Returns the arguments of type ID of fields below the root types, as `Type.field(argument)`. */
export function nestedIdArguments(schema: GraphQLSchema): string[] {
  const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()];
  return Object.values(schema.getTypeMap())
    .filter((type) => (isObjectType(type) || isInterfaceType(type)) && !roots.includes(type as never) && !type.name.startsWith("__"))
    .flatMap((type) =>
      Object.values(
        (isObjectType(type) || isInterfaceType(type) ? type.getFields() : {}) as Record<string, GraphQLField<unknown, unknown>>,
      ).map((field) => ({ type, field })),
    )
    .filter(({ type, field }) => !likeRoots.includes(`${type.name}.${field.name}`))
    .flatMap(({ type, field }) => idPathsOf(field).map((path) => `${type.name}.${field.name}(${path})`));
}

/** Nested fields with the filter of a root field, `workflowInstances`, in whose places the walk tries IDs. */
const likeRoots: readonly string[] = ["Asset.workflows", "Building.workflows"];

function idPathsOf(field: GraphQLField<unknown, unknown>): string[] {
  return field.args.flatMap((argument) => idPathsIn(argument.name, argument.type, new Set()));
}

/** `and`, `or` and `not` of a filter lead back to the filter, so each input type is entered once per path. */
function idPathsIn(path: string, type: GraphQLInputType, entered: ReadonlySet<string>): string[] {
  const named = getNamedType(type);
  if (named.name === "ID") return [path];
  if (!isInputObjectType(named) || entered.has(named.name)) return [];
  const within = new Set([...entered, named.name]);
  return Object.values(named.getFields()).flatMap((field) => idPathsIn(`${path}.${field.name}`, field.type, within));
}

/** Returns whether the value at a path of a field's arguments is a list. */
export function isListAt({ field }: RootField, path: string): boolean {
  const [name = "", ...rest] = path.split(".");
  let type: GraphQLInputType | undefined = field.args.find((argument) => argument.name === name)?.type;
  for (const part of rest) {
    const named = type && getNamedType(type);
    type = named && isInputObjectType(named) ? named.getFields()[part]?.type : undefined;
  }
  return String(type).startsWith("[");
}

/** Limit of the API. */
const maxSelections = 2_000;

/**
 * Returns an operation with one root field that takes every argument as a variable and selects all fields, down to `depth` objects, or fewer if the API
 * would refuse so many.
 */
export function operationFor(root: RootField, depth: number, given?: readonly string[]): string {
  const operation = operationOf(root, selectionOf(root.field.type, depth), given);
  return depth > 1 && selectionsIn(operation) > maxSelections ? operationFor(root, depth - 1, given) : operation;
}

function selectionsIn(operation: string): number {
  let count = 0;
  const add = (): void => void count++;
  visit(parse(operation), { Field: add, InlineFragment: add });
  return count;
}

/** Same as `operationFor`, with a custom selection. */
export function operationOf(
  { kind, name, field }: RootField,
  selection: string,
  given: readonly string[] = field.args.map((argument) => argument.name),
): string {
  const args = field.args.filter((argument) => given.includes(argument.name));
  const declared = args.map((argument) => `$${argument.name}: ${argument.type.toString()}`).join(", ");
  const passed = args.map((argument) => `${argument.name}: $${argument.name}`).join(", ");
  return `${kind} ${declared && `(${declared})`} { ${name}${passed && `(${passed})`}${selection} }`;
}

/**
 * Returns a selection of all leaves of a type and its objects down to `depth`. Pages do not count toward the depth, and pages below the first one
 * have two items.
 */
export function selectionOf(type: GraphQLOutputType, depth: number, isNested = false): string {
  const named = getNamedType(type);
  if (!isCompositeType(named)) return "";
  if (isUnionType(named)) {
    const members = named
      .getTypes()
      .map((member) => `... on ${member.name} { ${Object.hasOwn(member.getFields(), "id") ? "id" : "__typename"} }`);
    return ` { __typename ${members.join(" ")} }`;
  }
  const isPage = /(Connection|Edge)$/.test(named.name);
  const fields = Object.values(named.getFields()).flatMap((field) => {
    const args = field.args.some((argument: GraphQLArgument) => argument.name === "first") ? "(first: 2)" : "";
    if (field.args.some(isRequiredArgument) || isExternal(field)) return [];
    if (!isCompositeType(getNamedType(field.type))) return [field.name];
    // Each count costs a query. The counts of the lists themselves are enough.
    if (depth <= 0 && !isPage) return [];
    return [`${field.name}${args}${selectionOf(field.type, isPage ? depth : depth - 1, isNested || isPage)}`];
  });
  return ` { __typename ${fields.join(" ")} }`;
}

/** Returns whether a field of a stub can be resolved only by its owner. */
export function isExternal(field: GraphQLField<unknown, unknown>): boolean {
  return field.astNode?.directives?.some((directive) => directive.name.value === "external") === true;
}
