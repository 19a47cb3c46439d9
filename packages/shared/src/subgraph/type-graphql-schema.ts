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

/** Subscriptions are declared here and run by the gateway: type-graphql wants something to publish with all the same. */
const neverPublishes = {
  publish: () => undefined,
  subscribe: () => ({ [Symbol.asyncIterator]: () => ({ next: () => Promise.resolve({ done: true as const, value: undefined }) }) }),
};

/** The schema of the decorated classes, with the rules in its extensions. */
export function buildDecoratedSchema(resolvers: readonly ResolverClass[], orphanedTypes: readonly ResolverClass[]): GraphQLSchema {
  const [first, ...more] = resolvers;
  if (!first) throw new Error("A subgraph has at least one resolver class.");
  readPropertiesDirectly();
  return buildSchemaSync({
    resolvers: [first, ...more] as unknown as Options["resolvers"],
    orphanedTypes: [...orphanedTypes],
    // Services parse what they are given; class-validator is not used. skipCheck: federation's directives are unknown to graphql-js.
    validate: false,
    skipCheck: true,
    pubSub: neverPublishes,
  });
}

/**
 * type-graphql gives a plain field an async function of its own (middleware, authorisation), which we have no use for and which makes large
 * lists slow. Its `simple` option leaves such fields to graphql-js; it is set here for all, rather than repeated on each class.
 */
function readPropertiesDirectly(): void {
  const { TypeGraphQLMetadataStorage: storage } = globalThis as { TypeGraphQLMetadataStorage?: { fields: FieldMetadata[] } };
  for (const field of storage?.fields ?? []) if (field.name === field.schemaName) field.simple ??= true;
}
