import { DateTimeScalar, JsonScalar, SafeIntScalar } from "@weft/api/scalars";
import { GraphQLError, isScalarType } from "graphql";
import type { GraphQLScalarType, GraphQLSchema, ValueNode } from "graphql";

/**
 * A supergraph declares scalars without saying which values they accept. Invalid literals in a client's document would first be refused by the
 * subgraph, as an error in a document that the gateway wrote: INTERNAL. With the parsers of the scalars, they are reported as errors in the client's
 * document, with their location.
 */
export function readLiterals(schema: GraphQLSchema): void {
  for (const scalar of [DateTimeScalar, JsonScalar, SafeIntScalar]) {
    const known = schema.getType(scalar.name);
    if (isScalarType(known)) known.parseLiteral = reading(scalar);
  }
}

/** Drops the scalar's own code and cause. The document is not valid, and graphql-js adds no location to errors of its own class. */
function reading(scalar: GraphQLScalarType): GraphQLScalarType["parseLiteral"] {
  return (node: ValueNode, variables) => {
    try {
      return scalar.parseLiteral(node, variables);
    } catch (error) {
      throw new GraphQLError(error instanceof Error ? error.message : String(error), { nodes: node });
    }
  };
}
