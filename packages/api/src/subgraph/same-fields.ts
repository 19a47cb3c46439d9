import { defaultFieldResolver, isObjectType } from "graphql";
import type { GraphQLResolveInfo, GraphQLSchema } from "graphql";
import type { Context } from "../context/context.js";

const answers = new WeakMap<Context, Map<string, unknown>>();

/**
 * Root fields of a query that request the same data under several names are resolved once. Queries write nothing and read a single snapshot, so every
 * further execution would return the same result.
 */
export function answerOnce(schema: GraphQLSchema): void {
  const query = schema.getQueryType();
  if (!isObjectType(query)) return;
  for (const field of Object.values(query.getFields())) {
    if (field.name === "_entities" || field.name === "_service") continue;
    const resolve = field.resolve ?? defaultFieldResolver;
    field.resolve = (parent, args: Readonly<Record<string, unknown>>, ctx: Context, info) => {
      if (isAlone(info)) return resolve(parent, args, ctx, info);
      const known = answers.get(ctx) ?? new Map<string, unknown>();
      answers.set(ctx, known);
      const key = `${field.name} ${JSON.stringify(args)}`;
      if (!known.has(key)) known.set(key, resolve(parent, args, ctx, info));
      return known.get(key);
    };
  }
}

const isAlone = ({ operation: { operation, selectionSet } }: GraphQLResolveInfo): boolean =>
  operation !== "query" || (selectionSet.selections.length === 1 && selectionSet.selections[0]?.kind === "Field");
