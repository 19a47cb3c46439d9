import { NotFound } from "@weft/shared/errors";
import { GraphQLError, Kind, OperationTypeNode, getArgumentValues } from "graphql";
import type { DocumentNode, FieldNode, GraphQLFormattedError, GraphQLSchema, OperationDefinitionNode, SelectionSetNode } from "graphql";
import type { Variables } from "../limits/page-size.js";

/** An operation and its response. */
export interface AnsweredOperation {
  readonly schema: GraphQLSchema;
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  readonly variables: Variables;
  readonly data: Readonly<Record<string, unknown>> | null | undefined;
  readonly errors: readonly GraphQLFormattedError[];
}

/**
 * Returns NOT_FOUND for each root field `node` that is null without an error. The subgraph that answers `node` knows only the kind of an ID. The
 * owner of the entity knows whether the object exists, but it can only answer null. Both are visible together only here. A failure already has an
 * error at the field. If an error has no path, nothing is known about the field.
 */
export function missingNodes({ schema, document, operation, variables, data, errors }: AnsweredOperation): GraphQLError[] {
  const definition = schema.getQueryType()?.getFields()["node"];
  if (!definition || !data || operation.operation !== OperationTypeNode.QUERY) return [];
  if (errors.some(({ path }) => !path?.length)) return [];
  const reported = new Set<unknown>(errors.map(({ path }) => path?.[0]));
  const missing = new Map<string, GraphQLError>();
  for (const field of rootFields(operation.selectionSet, document)) {
    const key = field.alias?.value ?? field.name.value;
    if (field.name.value !== "node" || data[key] !== null || reported.has(key) || missing.has(key)) continue;
    const { id } = getArgumentValues(definition, field, variables);
    missing.set(key, new GraphQLError("not found", { path: [key], originalError: new NotFound("Node", String(id)) }));
  }
  return [...missing.values()];
}

/** Fields omitted by a directive are not in the data either. Validation guarantees that fragments are not cyclic. */
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
