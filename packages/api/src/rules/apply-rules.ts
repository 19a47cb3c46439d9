import { defaultFieldResolver, isObjectType } from "graphql";
import type { GraphQLField, GraphQLFieldResolver, GraphQLSchema } from "graphql";
import { deny, shield } from "graphql-shield";
import type { IRules } from "graphql-shield";
import { Forbidden } from "@weft/shared/errors";
import type { RuleContext, ShieldRule, RuleDecision, ViewerRule } from "./rule.js";
import type { FieldRule } from "./rule-table.js";
import { recentLogin } from "./recent-login.js";
import { allOf, anyone, authenticated } from "./rules.js";

/**
 * `compiled`: each field according to its class. `shield`: every field through graphql-shield with a deny fallback. The results are the same, but it
 * is 2.4 times as expensive for large results. A test compares the two modes.
 */
export type RulesMode = "compiled" | "shield";

type Resolver = GraphQLFieldResolver<unknown, RuleContext>;
/** Function that graphql-shield generates for a field. It evaluates the rule and then calls the given resolver. */
type Middleware = (resolve: Resolver, ...args: Parameters<Resolver>) => unknown;

/** Root fields added by federation. The document is public to the verified gateway; entities require a login. */
const federationRules: ReadonlyMap<string, ShieldRule> = new Map([
  ["Query._service", anyone.shield],
  ["Query._entities", authenticated.shield],
  ["_Service.sdl", anyone.shield],
]);

/**
 * Applies the rules to the federated schema, in place. The rules come from the type-graphql schema, because its extensions do not survive the
 * conversion to SDL. graphql-shield wraps a whole schema, so its middleware is generated for all fields and applied only to those that need it.
 */
export function applyRules(schema: GraphQLSchema, table: readonly FieldRule[], mode: RulesMode): void {
  const tree: Record<string, Record<string, ShieldRule>> = {};
  for (const row of table) (tree[row.type] ??= {})[row.field] = shieldOf(row);
  for (const [name, rule] of federationRules) {
    const [type = "", field = ""] = name.split(".");
    if (fieldOf(schema, type, field)) (tree[type] ??= {})[field] = rule;
  }
  const generated = shield(tree as IRules, {
    allowExternalErrors: true,
    fallbackRule: deny,
    fallbackError: (error: unknown) => Promise.resolve(error instanceof Error ? error : new Forbidden()),
  }).generate(schema) as Record<string, Record<string, Middleware>>;
  const throughShield = new Set([
    ...(mode === "shield" ? table : table.filter((row) => row.class === "shield")).map(nameOf),
    ...federationRules.keys(),
  ]);
  const known = new Set(table.map(nameOf));
  const guards = new Map(table.filter((row) => row.class === "guard").map((row) => [nameOf(row), row.rule as ViewerRule]));
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || type.name.startsWith("__")) continue;
    for (const field of Object.values(type.getFields())) {
      const name = `${type.name}.${field.name}`;
      const middleware = generated[type.name]?.[field.name];
      const guard = guards.get(name);
      if (throughShield.has(name) && middleware) wrapWithShield(field, middleware);
      else if (guard) wrapWithGuard(field, guard);
      else if (!known.has(name))
        throw new Error(`${name} has no rule: it is in the federated schema, but not in the schema with the decorators.`);
    }
  }
}

/** The rule of the field comes first: a user without the permission must not learn that another login would help. */
function shieldOf({ rule, needsRecentLogin }: FieldRule): ShieldRule {
  if (rule.kind === "inherit") return anyone.shield;
  return needsRecentLogin ? allOf(rule, recentLogin).shield : rule.shield;
}

const nameOf = ({ type, field }: FieldRule) => `${type}.${field}`;

function fieldOf(schema: GraphQLSchema, typeName: string, field: string): GraphQLField<unknown, RuleContext> | undefined {
  const type = schema.getType(typeName);
  return isObjectType(type) ? type.getFields()[field] : undefined;
}

function wrapWithShield(field: GraphQLField<unknown, RuleContext>, middleware: Middleware): void {
  const resolve: Resolver = field.resolve ?? defaultFieldResolver;
  field.resolve = (parent, args, context, info) => middleware(resolve, parent, args, context, info);
}

/**
 * Decisions made so far in a request, indexed by the rule's position. An array in a property of the context instead of a Map in a WeakMap, because
 * this lookup precedes every leaf of a large response.
 */
const decisions = Symbol("decisions");
type DecidingContext = RuleContext & { [decisions]?: RuleDecision[] };

const places = new Map<ViewerRule, number>();

/** Returns the rule's position, which is the same for all fields with the rule. A process has only a few dozen. */
function placeOf(rule: ViewerRule): number {
  const place = places.get(rule) ?? places.size;
  places.set(rule, place);
  return place;
}

/** Synchronous, so that plain fields of a large list do not become asynchronous. */
function wrapWithGuard(field: GraphQLField<unknown, RuleContext>, rule: ViewerRule): void {
  const resolve: Resolver = field.resolve ?? defaultFieldResolver;
  const place = placeOf(rule);
  field.resolve = (parent, args, context: DecidingContext, info) => {
    const decided = (context[decisions] ??= []);
    const decision = (decided[place] ??= rule.decide(context.maybeViewer));
    if (decision !== true) throw decision;
    return resolve(parent, args, context, info);
  };
}
