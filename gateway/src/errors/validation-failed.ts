import { GraphQLError } from "graphql";

/** Adds the code, as Apollo Server does. Without introspection, it also removes hints at names. */
export function validationFailed(error: GraphQLError, mayHint: boolean): GraphQLError {
  const message = mayHint ? error.message : error.message.replace(/ ?Did you mean(.+?)\?$/, "");
  return new GraphQLError(message, { ...(error.nodes && { nodes: error.nodes }), extensions: { code: "GRAPHQL_VALIDATION_FAILED" } });
}
