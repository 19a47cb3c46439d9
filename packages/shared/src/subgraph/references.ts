import DataLoader from "dataloader";
import { isObjectType, Kind } from "graphql";
import type { ConstDirectiveNode, GraphQLObjectType, GraphQLSchema } from "graphql";
import type { Context } from "../context/context.js";
import { BadUserInput, quote, QueryLimitExceeded } from "../errors/errors.js";
import { idTypeOf } from "../ids/entity-types.js";
import { parseAnyId } from "../ids/type-ids.js";

/**
 * Finds the objects of a type by their UUIDs, in the order of the keys; null for what the viewer does not see. graphql-shield does not stand
 * before it: it must use the aggregate's `visible` predicate.
 */
export type ReferenceLoader = (ctx: Context, uuids: readonly string[]) => Promise<readonly (object | null)[]>;

/** By the name of the GraphQL type. */
export type References = Readonly<Record<string, ReferenceLoader>>;

interface Representation {
  readonly __typename: string;
  readonly id?: unknown;
  readonly nodeKey?: unknown;
}

/** Resolvers `__resolveReference` per type, batched within a request. @throws at start when an entity has none, or a name fits no entity */
export function referenceResolvers(
  schema: GraphQLSchema,
  references: References,
): Record<string, { __resolveReference: (reference: Representation, ctx: Context) => unknown }> {
  const entities = Object.values(schema.getTypeMap()).filter((type) => isObjectType(type) && isResolvable(type));
  const missing = entities.filter(({ name }) => !Object.hasOwn(references, name)).map(({ name }) => name);
  if (missing.length > 0)
    throw new Error(
      `No reference loader for ${missing.join(", ")}: without one federation hands back whatever key it was given, unchecked.`,
    );
  const unknown = Object.keys(references).filter((name) => !entities.some((type) => type.name === name));
  if (unknown.length > 0) throw new Error(`References of ${unknown.join(", ")}: the subgraph has no such entity with a resolvable @key.`);
  return Object.fromEntries(
    entities.map(({ name }) => [name, { __resolveReference: referenceResolver(name, references[name] as ReferenceLoader) }]),
  );
}

/** Bounds what `_entities` is asked, before any resolver runs. */
export function assertRepresentations(representations: readonly Representation[], references: References, max: number): void {
  if (representations.length > max) throw new QueryLimitExceeded({ limit: "representations", actual: representations.length, max });
  const unknown = representations.find(({ __typename }) => !Object.hasOwn(references, String(__typename)));
  if (!unknown) return;
  const name = unknown.__typename as unknown;
  const what = typeof name === "string" ? `${quote(name)} is no entity of this subgraph` : "A representation has no __typename";
  throw new BadUserInput([{ path: "representations", message: `${what}.` }]);
}

function referenceResolver(typeName: string, load: ReferenceLoader): (reference: Representation, ctx: Context) => unknown {
  const idType = idTypeOf(typeName);
  const loaders = new WeakMap<Context, DataLoader<string, object | null>>();
  return ({ id, nodeKey }, ctx) => {
    const parsed = parseAnyId(id ?? nodeKey);
    // Two keys that disagree are forged; only keys are read of a representation, whatever else it holds.
    if (parsed?.type !== idType || (id !== undefined && nodeKey !== undefined && id !== nodeKey)) return null;
    let loader = loaders.get(ctx);
    if (!loader) loaders.set(ctx, (loader = new DataLoader((uuids) => load(ctx, uuids))));
    return loader.load(parsed.uuid);
  };
}

function isResolvable(type: GraphQLObjectType): boolean {
  const keys = (type.astNode?.directives ?? []).filter((directive) => directive.name.value === "key");
  return keys.some((key) => !hasFalse(key));
}

const hasFalse = (key: ConstDirectiveNode): boolean =>
  (key.arguments ?? []).some(({ name, value }) => name.value === "resolvable" && value.kind === Kind.BOOLEAN && !value.value);
