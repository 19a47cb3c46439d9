import { valueFromASTUntyped, visit } from "graphql";
import type { DocumentNode } from "graphql";
import type { Variables } from "./limits/page-size.js";

/** Returns the values of the argument `input` of mutations in a document, by their names, with the variables and their defaults filled in. */
export function inputsOf(document: DocumentNode, variables: Variables, mutations: readonly string[]): unknown[] {
  const inputs: unknown[] = [];
  let given: Variables = variables;
  visit(document, {
    OperationDefinition({ variableDefinitions = [] }) {
      const defaults = variableDefinitions.flatMap(({ variable, defaultValue }) =>
        defaultValue ? [[variable.name.value, valueFromASTUntyped(defaultValue)] as const] : [],
      );
      given = { ...Object.fromEntries(defaults), ...variables };
    },
    Field(node) {
      if (!mutations.includes(node.name.value)) return;
      const input = node.arguments?.find(({ name }) => name.value === "input");
      if (input) inputs.push(valueFromASTUntyped(input.value, given));
    },
  });
  return inputs;
}

/** Returns a member of an object. Undefined if it is none, or has none of the name. */
export const member = (value: unknown, name: string): unknown =>
  typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>)[name] : undefined;
