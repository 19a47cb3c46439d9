import DataLoader from "dataloader";
import { isObjectType, Kind } from "graphql";
import type { ConstDirectiveNode, GraphQLObjectType, GraphQLSchema } from "graphql";
import type { Context } from "../context/context.js";
import { BadUserInput, QueryLimitExceeded, quote } from "@weft/shared/errors";
import { idTypeOf, parseAnyId } from "@weft/shared/ids";

/**
 * Finds the objects of a type by their UUIDs, in the order of the keys. Null for objects that the viewer cannot see. It is not protected by
 * graphql-shield, so it must use the aggregate's `visible` predicate.
 */
export type ReferenceLoader = (ctx: Context, uuids: readonly string[]) => Promise<readonly (object | null)[]>;

/** Reference loaders by GraphQL type name. */
export type References = Readonly<Record<string, ReferenceLoader>>;

interface Representation {
  readonly __typename: string;
  readonly id?: unknown;
  readonly nodeKey?: unknown;
}

/**
 * Returns a `__resolveReference` resolver per type, batched within a request.
 * @throws at startup if an entity has no reference loader, or a name is not an entity
 */
export function referenceResolvers(
  schema: GraphQLSchema,
  references: References,
): Record<string, { __resolveReference: (reference: Representation, ctx: Context) => unknown }> {
  const entities = Object.values(schema.getTypeMap()).filter((type) => isObjectType(type) && isResolvable(type));
  const missing = entities.filter(({ name }) => !Object.hasOwn(references, name)).map(({ name }) => name);
  if (missing.length > 0)
    throw new Error(`No reference loader for ${missing.join(", ")}: without one, federation returns any key unchecked.`);
  const unknown = Object.keys(references).filter((name) => !entities.some((type) => type.name === name));
  if (unknown.length > 0) throw new Error(`References of ${unknown.join(", ")}: the subgraph has no such entity with a resolvable @key.`);
  return Object.fromEntries(
    entities.map(({ name }) => [name, { __resolveReference: referenceResolver(name, references[name] as ReferenceLoader) }]),
  );
}

/** Checks the number and types of the representations of `_entities` before any resolver runs. */
export function assertRepresentations(representations: readonly Representation[], references: References, max: number): void {
  if (representations.length > max) throw new QueryLimitExceeded({ limit: "representations", actual: representations.length, max });
  const unknown = representations.find(({ __typename }) => !Object.hasOwn(references, String(__typename)));
  if (!unknown) return;
  const name = unknown.__typename as unknown;
  const what = typeof name === "string" ? `${quote(name)} is not an entity of this subgraph` : "A representation has no __typename";
  throw new BadUserInput([{ path: "representations", message: `${what}.` }]);
}

function referenceResolver(typeName: string, load: ReferenceLoader): (reference: Representation, ctx: Context) => unknown {
  const idType = idTypeOf(typeName);
  const loaders = new WeakMap<Context, DataLoader<string, object | null>>();
  return ({ id, nodeKey }, ctx) => {
    const parsed = parseAnyId(id ?? nodeKey);
    // Two keys that differ are forged. Only the keys of a representation are read.
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
