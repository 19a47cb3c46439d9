import {
  type GraphQLInputType,
  type GraphQLSchema,
  isEnumType,
  isInputObjectType,
  isInputType,
  isListType,
  isNonNullType,
  isRequiredInputField,
  Kind,
  parse,
  typeFromAST,
} from "graphql";
import type { Variables } from "../limits/page-size.js";
import type { PlannedOperation } from "../limits/planning.js";

/**
 * Returns values for the required variables of an operation, so that it can be planned without those of a client. They fit their types and mean nothing.
 * Undefined if the document is not valid in this schema.
 */
export function placeholderVariables(schema: GraphQLSchema, { query, operationName }: PlannedOperation): Variables | undefined {
  const operation = parse(query, { noLocation: true }).definitions.find(
    (definition) =>
      definition.kind === Kind.OPERATION_DEFINITION && (operationName === undefined || definition.name?.value === operationName),
  );
  if (operation?.kind !== Kind.OPERATION_DEFINITION) return undefined;
  const values: Record<string, unknown> = {};
  for (const { variable, type: node, defaultValue } of operation.variableDefinitions ?? []) {
    const type = typeFromAST(schema, node);
    if (!type || !isInputType(type)) return undefined;
    if (isNonNullType(type) && defaultValue === undefined) values[variable.name.value] = placeholder(type);
  }
  return values;
}

function placeholder(type: GraphQLInputType): unknown {
  if (isNonNullType(type)) return placeholder(type.ofType);
  if (isListType(type)) return [];
  if (isEnumType(type)) return type.getValues()[0]?.value;
  if (isInputObjectType(type)) {
    const required = Object.values(type.getFields()).filter(isRequiredInputField);
    return Object.fromEntries(required.map((field) => [field.name, placeholder(field.type)]));
  }
  // Int and Float accept no text, and String and ID no number. Custom scalars of a supergraph accept everything.
  return type.name === "Int" || type.name === "Float" ? 0 : type.name === "Boolean" ? false : "0";
}
