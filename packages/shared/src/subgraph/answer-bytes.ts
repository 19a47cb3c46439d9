import { defaultFieldResolver, getNamedType, isIntrospectionType, isLeafType, isListType, isObjectType, isScalarType } from "graphql";
import type { GraphQLField, GraphQLSchema } from "graphql";
import type { Context } from "../context/context.js";
import { QueryLimitExceeded } from "../errors/errors.js";

/** Quotes, colon and comma of a member. */
const signs = 4;
/** A number, a boolean or a name of an enum: near enough. */
const shortValue = 8;

/** In a property of the context, not in a WeakMap: it is counted at every leaf of a large answer. */
const bytes = Symbol("bytes of the answer");
type CountingContext = Context & { [bytes]?: number };

/**
 * Counts the bytes of an answer while it is made: names and values of its fields. Beyond the bound texts and documents come empty, so that what is still being
 * made costs little; the answer is then refused.
 */
export function boundBytes(schema: GraphQLSchema): void {
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || isIntrospectionType(type)) continue;
    for (const field of Object.values(type.getFields())) countBytes(field);
  }
}

/** Bytes of the call's answer so far. */
export const answerBytes = (ctx: CountingContext): number => ctx[bytes] ?? 0;

/** Whether the answer is longer than any that is sent. */
const isTooLong = (ctx: Context): boolean => answerBytes(ctx) > ctx.services.config.limits.responseBytes;

/** Why the answer must not be given, once the call has run; null when it was within the bound. */
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
    // What is too long already is not measured any more.
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

/** What a field can say instead of much; undefined where it has to say what it has. */
function emptyValueOf({ type }: GraphQLField<unknown, Context>): unknown {
  const named = getNamedType(type);
  if (isListType(type) || ("ofType" in type && isListType(type.ofType))) return [];
  if (!isScalarType(named)) return undefined;
  if (named.name === "String" || named.name === "ID") return "";
  return named.name === "JSON" ? {} : undefined;
}

/** About as many bytes as it has in JSON. */
function bytesOf(value: unknown): number {
  if (typeof value === "string") return value.length;
  if (typeof value !== "object" || value === null) return shortValue;
  if (value instanceof Date) return shortValue * 3;
  return JSON.stringify(value).length;
}
