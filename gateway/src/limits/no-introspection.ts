import { HeaderMap } from "@apollo/server";
import { errorRegistry, Forbidden } from "@weft/shared";
import { GraphQLError } from "graphql";
import type { ASTVisitor, ValidationContext } from "graphql";

/** Where the schema is, when queries do not show it. */
export const introspectionRefusal =
  "This installation does not show its schema to queries. The file schema.graphql of its release has all of it.";

/** A validation rule that refuses `__schema` and `__type`, wherever they stand; once, with FORBIDDEN. `__typename` passes. */
export function noIntrospection(context: ValidationContext): ASTVisitor {
  let isReported = false;
  return {
    Field(node) {
      if (isReported || (node.name.value !== "__schema" && node.name.value !== "__type")) return;
      isReported = true;
      const http = { status: errorRegistry.FORBIDDEN.httpStatus, headers: new HeaderMap() };
      context.reportError(
        new GraphQLError(introspectionRefusal, { nodes: [node], originalError: new Forbidden(introspectionRefusal), extensions: { http } }),
      );
    },
  };
}
