import { Kind, parse } from "graphql";

/**
 * Returns the name and the kind of the operation in a document, which the gateway has validated.
 * @throws GraphQLError if it has no operation
 */
export function operationIn(text: string): { readonly name: string | null; readonly kind: string } {
  const operation = parse(text, { noLocation: true }).definitions.find((definition) => definition.kind === Kind.OPERATION_DEFINITION);
  return { name: operation?.name?.value ?? null, kind: (operation?.operation ?? "query").toUpperCase() };
}
