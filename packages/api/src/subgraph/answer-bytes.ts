import { defaultFieldResolver, getNamedType, isIntrospectionType, isLeafType, isListType, isObjectType, isScalarType } from "graphql";
import type { GraphQLField, GraphQLSchema } from "graphql";
import type { Context } from "../context/context.js";
import { QueryLimitExceeded } from "@weft/shared/errors";

/** Quotes, colon and comma of a member. */
const signs = 4;
/** Approximate size of a number, a Boolean or an enum value. */
const shortValue = 8;

/** Stored in a property of the context instead of a WeakMap, because it is updated at every leaf of a large response. */
const bytes = Symbol("bytes of the answer");
type CountingContext = Context & { [bytes]?: number };

/**
 * Counts the bytes of a response while it is created: field names and values. Beyond the limit, texts and documents are returned empty, so that the
 * rest of the execution is inexpensive. The response is then rejected.
 */
export function boundBytes(schema: GraphQLSchema): void {
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || isIntrospectionType(type)) continue;
    for (const field of Object.values(type.getFields())) countBytes(field);
  }
}

/** Returns the number of bytes of the response so far. */
export const answerBytes = (ctx: CountingContext): number => ctx[bytes] ?? 0;

/** Returns whether the response exceeds the maximum size. */
const isTooLong = (ctx: Context): boolean => answerBytes(ctx) > ctx.services.config.limits.responseBytes;

/** Returns the error if the limit was exceeded, or null. Call it after the execution. */
export function bytesExceeded(ctx: Context): QueryLimitExceeded | null {
  const max = ctx.services.config.limits.responseBytes;
  return isTooLong(ctx) ? new QueryLimitExceeded({ limit: "responseBytes", actual: answerBytes(ctx), max }) : null;
}

function countBytes(field: GraphQLField<unknown, Context>): void {
  const resolve = field.resolve ?? defaultFieldResolver;
  const isLeaf = isLeafType(getNamedType(field.type));
  const empty = emptyValueOf(field);
  const count = (ctx: CountingContext, key: string | number, value: unknown): unknown => {
    const before = answerBytes(ctx) + String(key).length + signs;
    ctx[bytes] = before;
    if (!isLeaf) return value;
    // Values beyond the limit are not measured.
    if (isTooLong(ctx)) return empty === undefined ? value : empty;
    ctx[bytes] = before + bytesOf(value);
    return value;
  };
  field.resolve = (parent, args, ctx, info) => {
    const value: unknown = resolve(parent, args, ctx, info);
    const { key } = info.path;
    return value instanceof Promise ? value.then((loaded: unknown) => count(ctx, key, loaded)) : count(ctx, key, value);
  };
}

/** Returns the empty value of a field's type. Undefined if the field must return its real value. */
function emptyValueOf({ type }: GraphQLField<unknown, Context>): unknown {
  const named = getNamedType(type);
  if (isListType(type) || ("ofType" in type && isListType(type.ofType))) return [];
  if (!isScalarType(named)) return undefined;
  if (named.name === "String" || named.name === "ID") return "";
  return named.name === "JSON" ? {} : undefined;
}

/** Returns the approximate size of a value in JSON, in bytes. */
function bytesOf(value: unknown): number {
  if (typeof value === "string") return value.length;
  if (typeof value !== "object" || value === null) return shortValue;
  if (value instanceof Date) return shortValue * 3;
  return JSON.stringify(value).length;
}
