import { HeaderMap } from "@apollo/server";
import { errorRegistry, Forbidden } from "@weft/shared/errors";
import { GraphQLError } from "graphql";
import type { ASTVisitor, ValidationContext } from "graphql";

/** Says where to find the schema if introspection is disabled. */
export const introspectionRefusal =
  "Introspection is disabled on this installation. The release contains the complete schema in the file schema.graphql, and that of the vendor portal in dist/vendor-portal.graphql.";

/** A validation rule that refuses `__schema` and `__type` anywhere in the document, once, with FORBIDDEN. `__typename` is allowed. */
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
