import { createResolversMap } from "type-graphql";
import { buildSubgraphSchema } from "@apollo/subgraph";
import { isObjectType, parse } from "graphql";
import type { GraphQLSchema } from "graphql";
import type { Context } from "../context/context.js";
import { applyRules } from "../rules/apply-rules.js";
import type { RulesMode } from "../rules/apply-rules.js";
import { printRules, readRules } from "../rules/rule-table.js";
import type { FieldRule } from "../rules/rule-table.js";
import { boundBytes } from "./answer-bytes.js";
import { subgraphExecutor } from "./execute.js";
import type { SubgraphRequest, SubgraphResponse } from "./execute.js";
import { boundLists } from "./list-bounds.js";
import { printSdl } from "./print-sdl.js";
import { assertRepresentations, referenceResolvers } from "./references.js";
import type { References } from "./references.js";
import { answerOnce } from "./same-fields.js";
import { buildDecoratedSchema } from "./type-graphql-schema.js";
import type { ResolverClass } from "./type-graphql-schema.js";

/** What a subgraph's entry takes; the composition roots hand it on. */
export interface SubgraphOptions {
  /** `compiled` unless a test compares. */
  readonly rulesMode?: RulesMode;
}

export interface SubgraphDefinition extends SubgraphOptions {
  readonly name: string;
  /** An explicit list, never a glob. */
  readonly resolvers: readonly ResolverClass[];
  /** Types that no field reaches, as members of unions and interfaces. */
  readonly orphanedTypes?: readonly ResolverClass[];
  /** How each entity with a resolvable key is found. */
  readonly references?: References;
}

/** A subgraph, ready to answer in this process or to be served. */
export interface Subgraph {
  readonly name: string;
  /** For composition. */
  readonly sdl: string;
  /** The federated schema, rules applied. */
  readonly schema: GraphQLSchema;
  /** The rule of each field. */
  readonly rules: readonly FieldRule[];
  /** Answers one operation; errors are masked and logged. Never rejects. */
  readonly execute: (request: SubgraphRequest) => Promise<SubgraphResponse>;
}

/**
 * Builds a subgraph from its decorated classes: their schema gives the SDL and the rules, the SDL gives the federated schema, and the rules
 * are applied to that.
 * @throws when a field has no rule or an entity no reference loader, naming it
 */
export function defineSubgraph({
  name,
  resolvers,
  orphanedTypes = [],
  references = {},
  rulesMode = "compiled",
}: SubgraphDefinition): Subgraph {
  const decorated = buildDecoratedSchema(resolvers, orphanedTypes);
  const rules = readRules(decorated);
  const sdl = printSdl(decorated, rules);
  const byReference = referenceResolvers(decorated, references);
  const fields = createResolversMap(decorated) as Record<string, object>;
  const withReferences = Object.fromEntries(
    Object.entries(fields).map(([type, resolve]) => [type, type in byReference ? { ...resolve, ...byReference[type] } : resolve]),
  );
  const schema = buildSubgraphSchema({ typeDefs: parse(sdl), resolvers: withReferences as never });
  boundEntities(schema, references);
  boundLists(schema);
  answerOnce(schema);
  boundBytes(schema);
  applyRules(schema, rules, rulesMode);
  return { name, sdl, schema, rules, execute: subgraphExecutor(name, schema) };
}

/** The rules of all fields as text, a field a line. */
export const describeRules = (subgraph: Subgraph): string => printRules(subgraph.rules);

function boundEntities(schema: GraphQLSchema, references: References): void {
  const query = schema.getQueryType();
  const field = isObjectType(query) ? query.getFields()["_entities"] : undefined;
  const resolve = field?.resolve;
  if (!field || !resolve) return;
  field.resolve = (parent, args: { representations: never[] }, ctx: Context, info) => {
    assertRepresentations(args.representations, references, ctx.services.config.limits.nodes);
    return resolve(parent, args, ctx, info);
  };
}
