import { DateTimeScalar, JsonScalar } from "@weft/shared";
import { GraphQLError, isScalarType } from "graphql";
import type { GraphQLScalarType, GraphQLSchema, ValueNode } from "graphql";

/**
 * A supergraph names scalars and does not say what they take. What a client writes into its document would then first be refused by the subgraph, as a
 * mistake in a document that the gateway had written: INTERNAL. With the scalars' own reading it is a mistake of the client's document, told with its place.
 */
export function readLiterals(schema: GraphQLSchema): void {
  for (const scalar of [DateTimeScalar, JsonScalar]) {
    const known = schema.getType(scalar.name);
    if (isScalarType(known)) known.parseLiteral = reading(scalar);
  }
}

/** Without the scalar's own code and cause: it is the document that is not valid, and graphql-js adds no place to an error of its own kind. */
function reading(scalar: GraphQLScalarType): GraphQLScalarType["parseLiteral"] {
  return (node: ValueNode, variables) => {
    try {
      return scalar.parseLiteral(node, variables);
    } catch (error) {
      throw new GraphQLError(error instanceof Error ? error.message : String(error), { nodes: node });
    }
  };
}
