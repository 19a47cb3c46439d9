import type { Problem } from "@weft/shared/errors";
import { isInputObjectType, isInputType, isListType, isNonNullType, Kind, typeFromAST } from "graphql";
import type { DocumentNode, GraphQLInputType, GraphQLSchema } from "graphql";
import type { Variables } from "./page-size.js";

/**
 * Maximum number of items in a list. A body of a million bytes can contain tens of thousands, and each item may cost a lookup, a problem message, or
 * a bound parameter. Lists inside a JSON value are limited by that scalar, and lists in the text of an operation by its token limit.
 */
const longest = 1_000;
const enough = 20;

/** Returns problems for lists in the variables that are longer than any field accepts. Follows the declared types and does not enter JSON values. */
export function problemsOfLists(schema: GraphQLSchema, document: DocumentNode, variables: Variables): Problem[] {
  const problems: Problem[] = [];
  for (const definition of document.definitions) {
    if (definition.kind !== Kind.OPERATION_DEFINITION) continue;
    for (const { variable, type } of definition.variableDefinitions ?? []) {
      const name = variable.name.value;
      const declared = typeFromAST(schema, type);
      if (isInputType(declared)) walk(declared, variables[name], name, problems);
    }
  }
  return problems;
}

function walk(type: GraphQLInputType, value: unknown, path: string, problems: Problem[]): void {
  if (value === null || typeof value !== "object" || problems.length >= enough) return;
  if (isNonNullType(type)) return walk(type.ofType, value, path, problems);
  if (isListType(type)) {
    if (!Array.isArray(value)) return walk(type.ofType, value, path, problems);
    if (value.length > longest) problems.push({ path, message: `The list has ${value.length} items. The maximum is ${longest}.` });
    else value.forEach((item, at) => walk(type.ofType, item, `${path}.${at}`, problems));
  } else if (isInputObjectType(type) && !Array.isArray(value)) {
    const fields = type.getFields();
    for (const [name, below] of Object.entries(value)) {
      const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
      if (field) walk(field.type, below, `${path}.${name}`, problems);
    }
  }
}
