import { isIntrospectionType, isObjectType } from "graphql";
import type { GraphQLField, GraphQLObjectType, GraphQLSchema } from "graphql";
import { ruleIn } from "./allow.js";
import { requiresRecentLogin } from "./recent-login.js";
import type { Rule } from "./rule.js";

/** How a field is protected: by graphql-shield, by a guard evaluated once per request, or by its parent. */
export type RuleClass = "shield" | "guard" | "inherit";

export interface FieldRule {
  readonly type: string;
  readonly field: string;
  readonly rule: Rule;
  readonly class: RuleClass;
  /** Whether the field also requires a recent login. Only root fields, which always go through graphql-shield. */
  readonly needsRecentLogin?: boolean;
}

/**
 * Returns whether a root field can be used without a login. Rules on the viewer are evaluated without a viewer. A rule that reads the arguments
 * cannot be evaluated in advance and counts as requiring a login.
 */
export const needsNoLogin = ({ type, rule }: FieldRule): boolean =>
  rootNames.has(type) && rule.kind === "viewer" && rule.decide(null) === true;

const rootNames = new Set(["Query", "Mutation", "Subscription"]);

/**
 * Returns the rule of every field of every object type, from the decorators.
 * @throws at startup, with the names of all fields without a rule and of root fields that would inherit one
 */
export function readRules(schema: GraphQLSchema): FieldRule[] {
  const missing: string[] = [];
  const table = objectTypes(schema).flatMap((type) =>
    Object.values(type.getFields()).flatMap((field) => {
      const rule = ruleOf(type, field);
      if (!rule || (rule.kind === "inherit" && rootNames.has(type.name))) missing.push(`${type.name}.${field.name}`);
      const needsRecentLogin = requiresRecentLogin(field.extensions);
      if (needsRecentLogin && !rootNames.has(type.name))
        throw new Error(`${type.name}.${field.name} has @RequiresRecentLogin(), which only root fields can have.`);
      const row = rule && { type: type.name, field: field.name, rule, class: classOf(type.name, rule) };
      return row ? [{ ...row, ...(needsRecentLogin && { needsRecentLogin }) }] : [];
    }),
  );
  if (missing.length > 0) {
    throw new Error(
      `No rule for ${missing.join(", ")}. Put @Allow(…) on the field or on its object type. Root fields cannot inherit a rule.`,
    );
  }
  return table;
}

/** Returns the object types that clients can select from, ordered by name. */
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

/** Returns the class of a field. There are only a few root fields, so all of them go through graphql-shield as the outer line of defense. */
function classOf(type: string, rule: Rule): RuleClass {
  if (rule.kind === "inherit") return "inherit";
  return rule.kind === "object" || rootNames.has(type) ? "shield" : "guard";
}

/** Returns the label of all that a field requires. */
export const labelOf = ({ rule, needsRecentLogin }: FieldRule): string => (needsRecentLogin ? `${rule.label}, recentLogin` : rule.label);

/** Returns the table as text, one field per line: `Request.number guard can(request.read)`. */
export function printRules(table: readonly FieldRule[]): string {
  const rows = table.map((row) => [`${row.type}.${row.field}`, row.class, labelOf(row)] as const);
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, kind, label]) => `${name.padEnd(width)}  ${kind.padEnd(7)}  ${label}`).join("\n");
}
