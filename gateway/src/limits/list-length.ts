import type { Problem } from "@weft/shared";
import { isInputObjectType, isInputType, isListType, isNonNullType, Kind, typeFromAST } from "graphql";
import type { DocumentNode, GraphQLInputType, GraphQLSchema } from "graphql";
import type { Variables } from "./page-size.js";

/**
 * Items of one list. A body of a million bytes holds tens of thousands of them, and whoever reads a list looks each item up, words a problem for it, or
 * binds it. Lists inside a JSON value are the bounds of that scalar; lists in the text of an operation those of its tokens.
 */
const longest = 1_000;
const enough = 20;

/** Lists among the variables that are longer than any field can mean. Walks the declared types, so that JSON values are not entered. */
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
    if (value.length > longest) problems.push({ path, message: `The list has ${value.length} items; ${longest} are allowed.` });
    else value.forEach((item, at) => walk(type.ofType, item, `${path}.${at}`, problems));
  } else if (isInputObjectType(type) && !Array.isArray(value)) {
    const fields = type.getFields();
    for (const [name, below] of Object.entries(value)) {
      const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
      if (field) walk(field.type, below, `${path}.${name}`, problems);
    }
  }
}
