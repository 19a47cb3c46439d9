import { defaultFieldResolver, isObjectType } from "graphql";
import type { GraphQLField, GraphQLFieldResolver, GraphQLSchema } from "graphql";
import { deny, shield } from "graphql-shield";
import type { IRules } from "graphql-shield";
import { Forbidden } from "../errors/errors.js";
import type { RuleContext, ShieldRule, Verdict, ViewerRule } from "./rule.js";
import type { FieldRule } from "./rule-table.js";
import { anyone, authenticated } from "./rules.js";

/**
 * `compiled`: each field by its class. `shield`: every field through graphql-shield, its fallback deny; the same answers, 2.4 times as dear on
 * large results. A test holds the two against each other.
 */
export type RulesMode = "compiled" | "shield";

type Resolver = GraphQLFieldResolver<unknown, RuleContext>;
/** What graphql-shield generates for a field: it decides, then calls the resolver that it was given. */
type Middleware = (resolve: Resolver, ...args: Parameters<Resolver>) => unknown;

/** What federation adds to the root: the document is public to the verified gateway, entities only to who is logged in. */
const federationRules: ReadonlyMap<string, ShieldRule> = new Map([
  ["Query._service", anyone.shield],
  ["Query._entities", authenticated.shield],
  ["_Service.sdl", anyone.shield],
]);

/**
 * Applies the rules to the federated schema, in place: the rules were read from the type-graphql schema, whose extensions do not survive the
 * SDL. One shield rule wraps a whole schema, so its middleware is generated for all fields and applied to those that need it only.
 */
export function applyRules(schema: GraphQLSchema, table: readonly FieldRule[], mode: RulesMode): void {
  const tree: Record<string, Record<string, ShieldRule>> = {};
  for (const { type, field, rule } of table) (tree[type] ??= {})[field] = rule.kind === "inherit" ? anyone.shield : rule.shield;
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
        throw new Error(`${name} has no rule: it is in the federated schema, but not in the one with the decorators.`);
    }
  }
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
 * A request's verdicts so far, by the place of the rule. A list in a property of the context, not a Map in a WeakMap: this lookup stands before
 * every leaf of a large answer.
 */
const verdicts = Symbol("verdicts");
type DecidingContext = RuleContext & { [verdicts]?: Verdict[] };

const places = new Map<ViewerRule, number>();

/** The same for all fields with the rule: there are some dozens in a process. */
function placeOf(rule: ViewerRule): number {
  const place = places.get(rule) ?? places.size;
  places.set(rule, place);
  return place;
}

/** Synchronous, so that a plain field of a large list stays a plain field. */
function wrapWithGuard(field: GraphQLField<unknown, RuleContext>, rule: ViewerRule): void {
  const resolve: Resolver = field.resolve ?? defaultFieldResolver;
  const place = placeOf(rule);
  field.resolve = (parent, args, context: DecidingContext, info) => {
    const decided = (context[verdicts] ??= []);
    const verdict = (decided[place] ??= rule.decide(context.maybeViewer));
    if (verdict !== true) throw verdict;
    return resolve(parent, args, context, info);
  };
}
