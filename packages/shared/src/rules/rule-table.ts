import { isIntrospectionType, isObjectType } from "graphql";
import type { GraphQLField, GraphQLObjectType, GraphQLSchema } from "graphql";
import { ruleIn } from "./allow.js";
import type { Rule } from "./rule.js";

/** How a field is guarded: by graphql-shield, by a guard decided once per request, or by its parent. */
export type RuleClass = "shield" | "guard" | "inherit";

export interface FieldRule {
  readonly type: string;
  readonly field: string;
  readonly rule: Rule;
  readonly class: RuleClass;
}

/**
 * Whether nobody in particular may ask for a root field. Rules on the viewer answer for nobody; one that reads the arguments cannot tell beforehand, and counts as one
 * that needs a login.
 */
export const needsNoLogin = ({ type, rule }: FieldRule): boolean =>
  rootNames.has(type) && rule.kind === "viewer" && rule.decide(null) === true;

const rootNames = new Set(["Query", "Mutation", "Subscription"]);

/**
 * The rule of every field of every object type, from the decorators.
 * @throws at start, naming each field that has no rule, and root fields that would inherit from nobody
 */
export function readRules(schema: GraphQLSchema): FieldRule[] {
  const missing: string[] = [];
  const table = objectTypes(schema).flatMap((type) =>
    Object.values(type.getFields()).flatMap((field) => {
      const rule = ruleOf(type, field);
      if (!rule || (rule.kind === "inherit" && rootNames.has(type.name))) missing.push(`${type.name}.${field.name}`);
      return rule ? [{ type: type.name, field: field.name, rule, class: classOf(type.name, rule) }] : [];
    }),
  );
  if (missing.length > 0) {
    throw new Error(`No rule: ${missing.join(", ")}. Put @Allow(…) on the field or on its object type; a root field cannot inherit.`);
  }
  return table;
}

/** Object types that clients can select from, in the order of their names. */
export function objectTypes(schema: GraphQLSchema): GraphQLObjectType[] {
  const types = Object.values(schema.getTypeMap()).filter((type) => isObjectType(type) && !isIntrospectionType(type));
  return (types as GraphQLObjectType[]).sort((a, b) => (a.name < b.name ? -1 : 1));
}

function ruleOf(type: GraphQLObjectType, field: GraphQLField<unknown, unknown>): Rule | undefined {
  const fromInterfaces = type.getInterfaces().flatMap((shared) => [shared.getFields()[field.name]?.extensions ?? {}, shared.extensions]);
  for (const extensions of [field.extensions, type.extensions, ...fromInterfaces]) {
    const rule = ruleIn(extensions);
    if (rule) return rule;
  }
  return undefined;
}

/** Each field is in exactly one class. Root fields are few and go through shield whatever their rule: it is the outer wall. */
function classOf(type: string, rule: Rule): RuleClass {
  if (rule.kind === "inherit") return "inherit";
  return rule.kind === "object" || rootNames.has(type) ? "shield" : "guard";
}

/** The table as text, one field a line: `Request.number  guard  can(request.read)`. */
export function printRules(table: readonly FieldRule[]): string {
  const rows = table.map((row) => [`${row.type}.${row.field}`, row.class, row.rule.label] as const);
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, kind, label]) => `${name.padEnd(width)}  ${kind.padEnd(7)}  ${label}`).join("\n");
}
