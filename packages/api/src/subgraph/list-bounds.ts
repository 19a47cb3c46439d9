import {
  defaultFieldResolver,
  getNamedType,
  getNullableType,
  isCompositeType,
  isIntrospectionType,
  isListType,
  isObjectType,
} from "graphql";
import type { GraphQLField, GraphQLSchema } from "graphql";
import type { Context } from "../context/context.js";
import { QueryLimitExceeded } from "@weft/shared/errors";

/**
 * Maximum number of objects in the lists of one call, as a multiple of the node limit for pages. Pages are counted before the execution. Lists
 * without a page size (members of teams, tasks, history) can only be counted during it. Nested lists multiply: the teams of the members of a user's
 * teams were a million objects at an allowed depth.
 */
const objectsPerNode = 5;

const counted = new WeakMap<Context, { objects: number }>();

/**
 * Counts the objects in the lists that resolvers return. Beyond the limit, lists are returned empty, so that the call ends soon. The response is then
 * rejected.
 */
export function boundLists(schema: GraphQLSchema): void {
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || isIntrospectionType(type)) continue;
    // Entities are limited by the number of their keys.
    for (const field of Object.values(type.getFields())) if (field.name !== "_entities" && isListOfObjects(field)) countItems(field);
  }
}

/** Returns the error if the limit was exceeded, or null. Call it after the execution. */
export function listsExceeded(ctx: Context): QueryLimitExceeded | null {
  const max = maxObjects(ctx);
  const actual = counted.get(ctx)?.objects ?? 0;
  return actual > max ? new QueryLimitExceeded({ limit: "objects", actual, max }) : null;
}

const maxObjects = (ctx: Context): number => ctx.services.config.limits.nodes * objectsPerNode;

const isListOfObjects = ({ type }: GraphQLField<unknown, Context>): boolean =>
  isListType(getNullableType(type)) && isCompositeType(getNamedType(type));

function countItems(field: GraphQLField<unknown, Context>): void {
  const resolve = field.resolve ?? defaultFieldResolver;
  field.resolve = (parent, args, ctx, info) => {
    const items: unknown = resolve(parent, args, ctx, info);
    return items instanceof Promise ? items.then((loaded: unknown) => within(ctx, loaded)) : within(ctx, items);
  };
}

function within(ctx: Context, items: unknown): unknown {
  if (!Array.isArray(items)) return items;
  let count = counted.get(ctx);
  if (!count) counted.set(ctx, (count = { objects: 0 }));
  count.objects += items.length;
  return count.objects > maxObjects(ctx) ? [] : items;
}
