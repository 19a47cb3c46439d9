import { createResolversMap } from "type-graphql";
import { buildSubgraphSchema } from "@apollo/subgraph";
import { isObjectType, parse } from "graphql";
import type { GraphQLSchema } from "graphql";
import type { Context } from "../context/context.js";
import { applyRules } from "../rules/apply-rules.js";
import type { RulesMode } from "../rules/apply-rules.js";
import { withholdFromOperators } from "../rules/operator-rule.js";
import { printRules, readRules } from "../rules/rule-table.js";
import type { FieldRule } from "../rules/rule-table.js";
import { boundBytes } from "./answer-bytes.js";
import { type Area, areaTags, type ResolversByArea } from "./areas.js";
import { subgraphExecutor } from "./execute.js";
import type { SubgraphRequest, SubgraphResponse } from "./execute.js";
import { boundLists } from "./list-bounds.js";
import { printSdl } from "./print-sdl.js";
import { requireReadableTexts } from "./readable-texts.js";
import { assertRepresentations, referenceResolvers } from "./references.js";
import type { ReferenceLoader, References } from "./references.js";
import { answerOnce } from "./same-fields.js";
import { takeTurns } from "./take-turns.js";
import { buildDecoratedSchema } from "./type-graphql-schema.js";
import type { ResolverClass } from "./type-graphql-schema.js";

/** Options of a subgraph's entry point. The composition roots pass them on. */
export interface SubgraphOptions {
  /** Default: `compiled`. Tests compare both modes. */
  readonly rulesMode?: RulesMode;
}

/** What a file of resolvers adds to its subgraph. */
export interface SubgraphModule {
  readonly resolvers: ResolversByArea;
  readonly references?: References;
}

export interface SubgraphDefinition extends SubgraphOptions {
  readonly name: string;
  /** An explicit list, never a glob. By area, if the root fields are part of the public API. */
  readonly resolvers: readonly ResolverClass[] | ResolversByArea;
  /** Types that are not reachable through fields, for example members of unions and interfaces. */
  readonly orphanedTypes?: readonly ResolverClass[];
  /** Reference loader of each entity with a resolvable key. */
  readonly references?: References;
}

/** A subgraph that can execute operations in this process or be served. */
export interface Subgraph {
  readonly name: string;
  /** SDL for composition. */
  readonly sdl: string;
  /** The federated schema, with rules applied. */
  readonly schema: GraphQLSchema;
  /** The rule of each field. */
  readonly rules: readonly FieldRule[];
  /** Executes one operation. Errors are masked and logged. Never rejects. */
  readonly execute: (request: SubgraphRequest) => Promise<SubgraphResponse>;
}

/** Joins the modules of a subgraph: the exports of its `modules.ts`. */
export function joinModules(modules: Readonly<Record<string, SubgraphModule>>): Required<SubgraphModule> {
  const resolvers: Partial<Record<Area, readonly ResolverClass[]>> = {};
  const references: Record<string, ReferenceLoader> = {};
  for (const module of Object.values(modules)) {
    for (const [area, classes] of Object.entries(module.resolvers) as [Area, readonly ResolverClass[]][])
      resolvers[area] = [...(resolvers[area] ?? []), ...classes];
    for (const [type, loader] of Object.entries(module.references ?? {})) {
      if (references[type]) throw new Error(`Two modules have a reference loader of ${type}.`);
      references[type] = loader;
    }
  }
  return { resolvers, references };
}

/**
 * Builds a subgraph from its decorated classes. Their schema provides the SDL and the rules. The federated schema is built from the SDL, and the
 * rules are applied to it.
 * @throws if a field has no rule or an entity has no reference loader, with its name
 */
export function defineSubgraph({
  name,
  resolvers,
  orphanedTypes = [],
  references = {},
  rulesMode = "compiled",
}: SubgraphDefinition): Subgraph {
  const byArea = isList(resolvers) ? {} : resolvers;
  const decorated = buildDecoratedSchema(isList(resolvers) ? resolvers : Object.values(resolvers).flat(), orphanedTypes);
  const rules = readRules(decorated);
  const sdl = printSdl(decorated, rules, areaTags(byArea));
  const byReference = referenceResolvers(decorated, references);
  const fields = createResolversMap(decorated) as Record<string, object>;
  const withReferences = Object.fromEntries(
    Object.entries(fields).map(([type, resolve]) => [type, type in byReference ? { ...resolve, ...byReference[type] } : resolve]),
  );
  const schema = buildSubgraphSchema({ typeDefs: parse(sdl), resolvers: withReferences as never });
  boundEntities(schema, references);
  boundLists(schema);
  takeTurns(schema);
  answerOnce(schema);
  boundBytes(schema);
  applyRules(schema, rules, rulesMode);
  withholdFromOperators(schema);
  requireReadableTexts(schema);
  return { name, sdl, schema, rules, execute: subgraphExecutor(name, schema) };
}

/** Returns the rules of all fields as text, one field per line. */
export const describeRules = (subgraph: Subgraph): string => printRules(subgraph.rules);

const isList = (resolvers: SubgraphDefinition["resolvers"]): resolvers is readonly ResolverClass[] => Array.isArray(resolvers);

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
