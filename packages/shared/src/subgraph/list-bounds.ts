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
import { QueryLimitExceeded } from "../errors/errors.js";

/**
 * Objects in lists that one call may bring, as a multiple of the nodes that its pages may. Pages are counted before anything runs; what has
 * no page size (members of teams, tasks, history) only shows when it is there, and lists in lists multiply: the teams of the members of the
 * teams of a user were a million objects at a depth that is allowed.
 */
const objectsPerNode = 5;

const counted = new WeakMap<Context, { objects: number }>();

/** Counts the objects in the lists that resolvers give. Beyond the bound lists come empty, so that a call ends soon; its answer is then refused. */
export function boundLists(schema: GraphQLSchema): void {
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || isIntrospectionType(type)) continue;
    // Entities are bounded by the number of their keys.
    for (const field of Object.values(type.getFields())) if (field.name !== "_entities" && isListOfObjects(field)) countItems(field);
  }
}

/** Why the answer must not be given, once the call has run; null when it was within the bound. */
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
