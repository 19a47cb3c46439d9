import { isAbstractType, isIntrospectionType, isObjectType, TypeInfo, visit, visitWithTypeInfo } from "graphql";
import type { DocumentNode, GraphQLSchema } from "graphql";

/** Names of the fields that a document selects of each object type, anywhere in it. Types of which it selects nothing are missing. */
export type SelectedFields = ReadonlyMap<string, ReadonlySet<string>>;

/**
 * Returns the selected fields of a valid document. A field of an interface counts for each of its types, and one that `@skip` or `@include` leaves
 * out counts as selected. So the result can be too large, but nothing that an operation of the document asks for is missing.
 */
export function selectedFieldsOf(schema: GraphQLSchema, document: DocumentNode): SelectedFields {
  const selected = new Map<string, Set<string>>();
  const types = new TypeInfo(schema);
  visit(
    document,
    visitWithTypeInfo(types, {
      Field({ name }) {
        const parent = types.getParentType();
        if (!parent || isIntrospectionType(parent) || name.value.startsWith("__")) return;
        for (const type of isAbstractType(parent) ? schema.getPossibleTypes(parent) : isObjectType(parent) ? [parent] : []) {
          const fields = selected.get(type.name) ?? new Set();
          selected.set(type.name, fields.add(name.value));
        }
      },
    }),
  );
  return selected;
}
