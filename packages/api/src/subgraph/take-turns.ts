import { defaultFieldResolver, getNamedType, isIntrospectionType, isLeafType, isObjectType } from "graphql";
import type { GraphQLField, GraphQLSchema } from "graphql";
import { fieldTurns } from "@weft/platform/computing";
import type { Context } from "../context/context.js";

/** Lets other operations be served between the fields of a large one. Leaves of objects only read a property, and never wait. */
export function takeTurns(schema: GraphQLSchema): void {
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || isIntrospectionType(type)) continue;
    const isRoot = type === schema.getQueryType();
    for (const field of Object.values(type.getFields())) if (isRoot || !isLeafType(getNamedType(field.type))) takeTurn(field);
  }
}

function takeTurn(field: GraphQLField<unknown, Context>): void {
  const resolve = field.resolve ?? defaultFieldResolver;
  field.resolve = (parent, args, ctx, info) => {
    const turn = fieldTurns.take(ctx.maybeViewer?.tenantId ?? "", ctx);
    return turn ? turn.then((): unknown => resolve(parent, args, ctx, info)) : resolve(parent, args, ctx, info);
  };
}
