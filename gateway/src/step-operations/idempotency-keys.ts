import { getNamedType, isInputObjectType, Kind, print, valueFromASTUntyped, visit } from "graphql";
import type {
  ArgumentNode,
  ASTNode,
  DocumentNode,
  FieldNode,
  GraphQLSchema,
  ObjectValueNode,
  OperationDefinitionNode,
  VariableDefinitionNode,
} from "graphql";

type Variables = Readonly<Record<string, unknown>>;

/** The variables of an operation, with those that keys have been added to under new names. */
interface Keyed {
  readonly variables: Record<string, unknown>;
  readonly definitions: Map<string, VariableDefinitionNode>;
  readonly replaced: Set<string>;
}

/**
 * Gives the mutations of an operation the idempotency key of its step, where their input has one and the author has set none. Another attempt of the step
 * then returns the result of the first. Each gets its own key, and therefore a variable of its own. Only fields that the operation itself selects get one,
 * not those of its fragments.
 */
export function withIdempotencyKeys(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  { variables, key }: { readonly variables: Variables; readonly key: string },
): { readonly query: string; readonly variables: Variables } {
  const declared = (operation.variableDefinitions ?? []).map((definition) => [definition.variable.name.value, definition] as const);
  const keyed: Keyed = { variables: { ...variables }, definitions: new Map(declared), replaced: new Set() };
  let place = 0;
  const selections = operation.selectionSet.selections.map((selection) => {
    if (selection.kind !== Kind.FIELD || !takesKey(schema, selection)) return selection;
    const own = place === 0 ? key : `${key}-${place}`;
    place++;
    return { ...selection, arguments: selection.arguments?.map((argument) => withKey(argument, keyed, own)) ?? [] };
  });
  const selectionSet = { ...operation.selectionSet, selections };
  const others = document.definitions.filter((definition) => definition !== operation);
  const used = variablesIn([selectionSet, ...others]);
  for (const name of keyed.replaced)
    if (!used.has(name)) {
      keyed.definitions.delete(name);
      delete keyed.variables[name];
    }
  const changed = { ...operation, selectionSet, variableDefinitions: [...keyed.definitions.values()] };
  const definitions = document.definitions.map((definition) => (definition === operation ? changed : definition));
  return { query: print({ ...document, definitions }), variables: keyed.variables };
}

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
  const own = freeName(name, keyed.definitions);
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
