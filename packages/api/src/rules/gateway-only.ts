import { isObjectType } from "graphql";
import type { GraphQLSchema } from "graphql";
import { Extensions } from "type-graphql";

const extension = "weft.gatewayOnly";

/** The `@tag` of root fields that only the gateway calls, and of types that only these fields use. */
export const gatewayOnlyTag = "internal";

/**
 * Hides a root field from clients: only the gateway calls it, for a route or an event. The field and the types that only such fields use are
 * `@inaccessible` in the supergraph. The API schema does not contain them. The rule of the field applies as to every other field.
 */
export const GatewayOnly = (): PropertyDecorator & MethodDecorator => Extensions({ [extension]: true });

/** Returns the declared root fields of a subgraph, as `Type.field`. */
export function gatewayOnlyFields(schema: GraphQLSchema): ReadonlySet<string> {
  const roots = [schema.getQueryType(), schema.getMutationType()].filter((type) => isObjectType(type));
  return new Set(
    roots.flatMap((type) =>
      Object.values(type.getFields()).flatMap(({ name, extensions }) => (extensions[extension] === true ? [`${type.name}.${name}`] : [])),
    ),
  );
}
