import { gatewayOnlyTag } from "@weft/api/rules";
import { GraphQLObjectType, GraphQLSchema, Kind, parse } from "graphql";
import type { DefinitionNode } from "graphql";
import { keptForLast } from "./kept-for-last.js";
import { isTagged, rootFieldsTagged } from "./tagged-fields.js";

// What `@GatewayOnly` hides from clients: root fields that only the gateway calls, and types that only they use.

/** In a supergraph, directives of fields are on the line of the field, and those of types on lines of their own. */
const hidden = new RegExp(String.raw`\s@inaccessible(?=(?:\s+@\w+(?:\([^)]*\))?)*?\s+@tag\(name: "${gatewayOnlyTag}"\))`, "g");

/** Returns the supergraph in which this is accessible. Everything else that is `@inaccessible` stays so. */
export const revealedSupergraph = (supergraphSdl: string): string => supergraphSdl.replaceAll(hidden, "");

interface Hidden {
  /** As `Type.field`. */
  readonly fields: ReadonlySet<string>;
  readonly types: ReadonlySet<string>;
}

/** Returns what is hidden. */
export const gatewayOnlyElements = keptForLast((supergraphSdl: string): Hidden => ({
  fields: rootFieldsTagged(supergraphSdl, gatewayOnlyTag),
  types: new Set(parse(supergraphSdl, { noLocation: true }).definitions.flatMap((definition) => taggedType(definition) ?? [])),
}));

const taggedType = (definition: DefinitionNode): string | undefined =>
  "name" in definition &&
  definition.name &&
  "directives" in definition &&
  definition.kind !== Kind.DIRECTIVE_DEFINITION &&
  isTagged(definition, gatewayOnlyTag)
    ? definition.name.value
    : undefined;

/** Tests create many gateways over one schema. */
const known = new WeakMap<GraphQLSchema, GraphQLSchema>();

/** Returns the schema for clients: the schema of a revealed supergraph without what is hidden. All other types are the same objects. */
export function schemaForClients(schema: GraphQLSchema, { fields, types }: Hidden): GraphQLSchema {
  if (fields.size === 0) return schema;
  const before = known.get(schema);
  if (before) return before;
  const config = schema.toConfig();
  const roots = [config.query, config.mutation, config.subscription];
  const shown = <Root extends GraphQLObjectType | null | undefined>(root: Root): GraphQLObjectType | Root => {
    if (!root) return root;
    const { fields: all, ...rest } = root.toConfig();
    const own = Object.entries(all).filter(([name]) => !fields.has(`${root.name}.${name}`));
    return new GraphQLObjectType({ ...rest, fields: Object.fromEntries(own) });
  };
  const forClients = new GraphQLSchema({
    ...config,
    query: shown(config.query),
    mutation: shown(config.mutation),
    subscription: shown(config.subscription),
    types: config.types.filter((type) => !types.has(type.name) && !roots.some((root) => root === type)),
    // As it was with the hidden elements. A root field that still used a hidden type would be an error of composition.
    assumeValid: true,
  });
  known.set(schema, forClients);
  return forClients;
}
