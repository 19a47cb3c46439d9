import { NotFound } from "@weft/shared";
import { GraphQLError, Kind, OperationTypeNode, getArgumentValues } from "graphql";
import type { DocumentNode, FieldNode, GraphQLFormattedError, GraphQLSchema, OperationDefinitionNode, SelectionSetNode } from "graphql";
import type { Variables } from "../limits/page-size.js";

/** What was asked, and what came. */
export interface AnsweredOperation {
  readonly schema: GraphQLSchema;
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  readonly variables: Variables;
  readonly data: Readonly<Record<string, unknown>> | null | undefined;
  readonly errors: readonly GraphQLFormattedError[];
}

/**
 * NOT_FOUND for each root field `node` that came to nothing without a word. The subgraph that answers `node` knows the kind of an id alone;
 * whether there is such a thing its owner knows, who as an entity's owner can only answer null. Both are seen together only here.
 * Whatever failed has an error at the field already, or one without a place, and then nothing is known.
 */
export function missingNodes({ schema, document, operation, variables, data, errors }: AnsweredOperation): GraphQLError[] {
  const definition = schema.getQueryType()?.getFields()["node"];
  if (!definition || !data || operation.operation !== OperationTypeNode.QUERY) return [];
  if (errors.some(({ path }) => !path?.length)) return [];
  const told = new Set<unknown>(errors.map(({ path }) => path?.[0]));
  const missing = new Map<string, GraphQLError>();
  for (const field of rootFields(operation.selectionSet, document)) {
    const key = field.alias?.value ?? field.name.value;
    if (field.name.value !== "node" || data[key] !== null || told.has(key) || missing.has(key)) continue;
    const { id } = getArgumentValues(definition, field, variables);
    missing.set(key, new GraphQLError("not found", { path: [key], originalError: new NotFound("Node", String(id)) }));
  }
  return [...missing.values()];
}

/** What a directive has left out is not in the data either. Validation has seen to it that fragments end. */
function rootFields({ selections }: SelectionSetNode, document: DocumentNode): FieldNode[] {
  return selections.flatMap((selection) => {
    if (selection.kind === Kind.FIELD) return [selection];
    if (selection.kind === Kind.INLINE_FRAGMENT) return rootFields(selection.selectionSet, document);
    const fragment = document.definitions.find(
      (definition) => definition.kind === Kind.FRAGMENT_DEFINITION && definition.name.value === selection.name.value,
    );
    return fragment && "selectionSet" in fragment && fragment.selectionSet ? rootFields(fragment.selectionSet, document) : [];
  });
}
