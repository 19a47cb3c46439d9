import { isIntrospectionType, isObjectType } from "graphql";
import type { GraphQLSchema } from "graphql";
import { Extensions } from "type-graphql";

const extension = "weft.cost";

/**
 * Declares what a field costs, apart from what is selected below it. Without it, an object costs 1, a value nothing, and a mutation 10. Use it for fields that
 * take more of the database or the processor than others: searches, counts, statistics.
 */
export const Cost = (weight: number): PropertyDecorator & MethodDecorator => Extensions({ [extension]: weight });

/** Returns what the fields of a subgraph declare, by `Type.field`. */
export function declaredCosts(schema: GraphQLSchema): ReadonlyMap<string, number> {
  const costs = new Map<string, number>();
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || isIntrospectionType(type)) continue;
    for (const { name, extensions } of Object.values(type.getFields())) {
      const weight = extensions[extension];
      if (typeof weight === "number") costs.set(`${type.name}.${name}`, weight);
    }
  }
  return costs;
}
