import { getNamedType, isInputObjectType, Kind, print } from "graphql";
import type { ArgumentNode, DocumentNode, FieldNode, GraphQLSchema, ObjectValueNode, OperationDefinitionNode } from "graphql";

type Variables = Readonly<Record<string, unknown>>;

/**
 * Gives the mutations of an operation the idempotency key of its step, where their input has one and the author has set none. Another attempt of the step
 * then returns the result of the first. Only fields that the operation itself selects get one.
 */
export function withIdempotencyKeys(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  { variables, key }: { readonly variables: Variables; readonly key: string },
): { readonly query: string; readonly variables: Variables } {
  const given: Record<string, unknown> = { ...variables };
  let place = 0;
  const selections = operation.selectionSet.selections.map((selection) => {
    if (selection.kind !== Kind.FIELD || !takesKey(schema, selection)) return selection;
    const own = place === 0 ? key : `${key}-${place}`;
    place++;
    return { ...selection, arguments: selection.arguments?.map((argument) => withKey(argument, given, own)) ?? [] };
  });
  const changed = { ...operation, selectionSet: { ...operation.selectionSet, selections } };
  const definitions = document.definitions.map((definition) => (definition === operation ? changed : definition));
  return { query: print({ ...document, definitions }), variables: given };
}

function takesKey(schema: GraphQLSchema, { name }: FieldNode): boolean {
  const field = schema.getMutationType()?.getFields()[name.value];
  const input = field?.args.find((argument) => argument.name === "input");
  const type = input && getNamedType(input.type);
  return isInputObjectType(type) && "idempotencyKey" in type.getFields();
}

function withKey(argument: ArgumentNode, variables: Record<string, unknown>, key: string): ArgumentNode {
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
  const input = Object.hasOwn(variables, name) ? variables[name] : undefined;
  if (typeof input === "object" && input !== null && !Array.isArray(input) && !Object.hasOwn(input, "idempotencyKey"))
    variables[name] = { ...input, idempotencyKey: key };
  return argument;
}
