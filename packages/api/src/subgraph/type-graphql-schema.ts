import { buildSchemaSync } from "type-graphql";
import type { GraphQLSchema } from "graphql";

/** A decorated class. */
export type ResolverClass = abstract new (...args: never[]) => object;

type Options = Parameters<typeof buildSchemaSync>[0];

interface FieldMetadata {
  readonly name: string;
  readonly schemaName: string;
  simple?: boolean;
}

/** Subscriptions are declared here and run by the gateway, but type-graphql requires a pub/sub. */
const neverPublishes = {
  publish: () => undefined,
  subscribe: () => ({ [Symbol.asyncIterator]: () => ({ next: () => Promise.resolve({ done: true as const, value: undefined }) }) }),
};

/** Builds the schema of the decorated classes, with the rules in its extensions. */
export function buildDecoratedSchema(resolvers: readonly ResolverClass[], orphanedTypes: readonly ResolverClass[]): GraphQLSchema {
  const [first, ...more] = resolvers;
  if (!first) throw new Error("A subgraph needs at least one resolver class.");
  readPropertiesDirectly();
  return buildSchemaSync({
    resolvers: [first, ...more] as unknown as Options["resolvers"],
    orphanedTypes: [...orphanedTypes],
    // Services parse their input; class-validator is not used. skipCheck: federation's directives are unknown to graphql-js.
    validate: false,
    skipCheck: true,
    pubSub: neverPublishes,
  });
}

/**
 * type-graphql wraps every plain field in an async function (for middleware and authorization). These are not used here and make large lists slow.
 * The `simple` option leaves plain fields to graphql-js. It is set here for all fields instead of on each class.
 */
function readPropertiesDirectly(): void {
  const { TypeGraphQLMetadataStorage: storage } = globalThis as { TypeGraphQLMetadataStorage?: { fields: FieldMetadata[] } };
  for (const field of storage?.fields ?? []) if (field.name === field.schemaName) field.simple ??= true;
}
