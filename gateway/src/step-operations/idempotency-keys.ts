import { getNamedType, isInputObjectType, Kind, print, valueFromASTUntyped, visit } from "graphql";
import type {
  ArgumentNode,
  ASTNode,
  DocumentNode,
  FieldNode,
  FragmentDefinitionNode,
  GraphQLSchema,
  ObjectValueNode,
  OperationDefinitionNode,
  SelectionNode,
  VariableDefinitionNode,
} from "graphql";
import { fragmentsByName } from "../fragments-of.js";

type Variables = Readonly<Record<string, unknown>>;

/** The variables of an operation, with those that keys have been added to under new names. */
interface Keyed {
  readonly variables: Record<string, unknown>;
  readonly definitions: Map<string, VariableDefinitionNode>;
  readonly replaced: Set<string>;
  /** Names of the new variables, by that of the variable and the key. */
  readonly names: Map<string, string>;
}

/**
 * Gives the mutations of an operation the idempotency key of its step, where their input has one and the author has set none. Another attempt of the step
 * then returns the result of the first. Each gets its own key, and therefore a variable of its own. Fields of one name in the result are one mutation. Those
 * that the operation selects itself have the first keys, and those of its fragments the next ones.
 */
export function withIdempotencyKeys(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  { variables, key }: { readonly variables: Variables; readonly key: string },
): { readonly query: string; readonly variables: Variables } {
  const declared = (operation.variableDefinitions ?? []).map((definition) => [definition.variable.name.value, definition] as const);
  const keyed: Keyed = { variables: { ...variables }, definitions: new Map(declared), replaced: new Set(), names: new Map() };
  const keys = new Map<string, string>();
  const withOwnKey = (field: FieldNode): FieldNode => {
    if (!takesKey(schema, field)) return field;
    const name = (field.alias ?? field.name).value;
    const own = keys.get(name) ?? (keys.size === 0 ? key : `${key}-${keys.size}`);
    keys.set(name, own);
    return { ...field, arguments: field.arguments?.map((argument) => withKey(argument, keyed, own)) ?? [] };
  };
  const fragments = fragmentsByName(document);
  /** Those that the operation spreads, with keys. Each once, however often it is spread. */
  const spread = new Map<string, FragmentDefinitionNode>();
  const inFragments = (selection: SelectionNode): SelectionNode => {
    if (selection.kind === Kind.FIELD) return withOwnKey(selection);
    if (selection.kind === Kind.INLINE_FRAGMENT) return withSelections(selection, inFragments);
    const fragment = fragments.get(selection.name.value);
    if (fragment === undefined || spread.has(selection.name.value)) return selection;
    // Also ends cycles, which validation refuses later.
    spread.set(selection.name.value, fragment);
    spread.set(selection.name.value, withSelections(fragment, inFragments));
    return selection;
  };
  const own = withSelections(operation, (selection) => (selection.kind === Kind.FIELD ? withOwnKey(selection) : selection));
  const { selectionSet } = withSelections(own, (selection) => (selection.kind === Kind.FIELD ? selection : inFragments(selection)));
  const others = document.definitions
    .filter((definition) => definition !== operation)
    .map((definition) => (definition.kind === Kind.FRAGMENT_DEFINITION && spread.get(definition.name.value)) || definition);
  const used = variablesIn([selectionSet, ...others]);
  for (const name of keyed.replaced)
    if (!used.has(name)) {
      keyed.definitions.delete(name);
      delete keyed.variables[name];
    }
  const changed = { ...operation, selectionSet, variableDefinitions: [...keyed.definitions.values()] };
  return { query: print({ ...document, definitions: [changed, ...others] }), variables: keyed.variables };
}

const withSelections = <Node extends { readonly selectionSet: OperationDefinitionNode["selectionSet"] }>(
  node: Node,
  change: (selection: SelectionNode) => SelectionNode,
): Node => ({ ...node, selectionSet: { ...node.selectionSet, selections: node.selectionSet.selections.map(change) } });

function takesKey(schema: GraphQLSchema, { name }: FieldNode): boolean {
  const field = schema.getMutationType()?.getFields()[name.value];
  const input = field?.args.find((argument) => argument.name === "input");
  const type = input && getNamedType(input.type);
  return isInputObjectType(type) && "idempotencyKey" in type.getFields();
}

function variablesIn(nodes: readonly ASTNode[]): ReadonlySet<string> {
  const names = new Set<string>();
  for (const node of nodes) visit(node, { Variable: ({ name }) => void names.add(name.value) });
  return names;
}

function withKey(argument: ArgumentNode, keyed: Keyed, key: string): ArgumentNode {
  if (argument.name.value !== "input") return argument;
  const { value } = argument;
  if (value.kind === Kind.OBJECT && !value.fields.some(({ name }) => name.value === "idempotencyKey")) {
    const field = {
      kind: Kind.OBJECT_FIELD,
      name: { kind: Kind.NAME, value: "idempotencyKey" },
      value: { kind: Kind.STRING, value: key },
    } as const;
    return { ...argument, value: { ...value, fields: [...value.fields, field] } satisfies ObjectValueNode };
  }
  if (value.kind !== Kind.VARIABLE) return argument;
  const name = value.name.value;
  const definition = keyed.definitions.get(name);
  const input = Object.hasOwn(keyed.variables, name)
    ? keyed.variables[name]
    : definition?.defaultValue && valueFromASTUntyped(definition.defaultValue);
  if (!definition || typeof input !== "object" || input === null || Array.isArray(input) || Object.hasOwn(input, "idempotencyKey"))
    return argument;
  const place = `${name} ${key}`;
  const own = keyed.names.get(place) ?? freeName(name, keyed.definitions);
  keyed.names.set(place, own);
  const node = { kind: Kind.VARIABLE, name: { kind: Kind.NAME, value: own } } as const;
  const { defaultValue: _unused, ...rest } = definition;
  keyed.definitions.set(own, { ...rest, variable: node });
  keyed.variables[own] = { ...input, idempotencyKey: key };
  keyed.replaced.add(name);
  return { ...argument, value: node };
}

function freeName(name: string, taken: ReadonlyMap<string, unknown>): string {
  let number = 1;
  while (taken.has(`${name}_${number}`)) number++;
  return `${name}_${number}`;
}
