import { rule as shieldRule } from "graphql-shield";
import type { and } from "graphql-shield";
import { Internal, MfaRequired, Unauthenticated, type WeftError } from "@weft/shared/errors";
import type { Viewer } from "@weft/shared/viewer";

/** A rule in graphql-shield's form. */
export type ShieldRule = Parameters<typeof and>[number];

/** Context that every rule can read. For object rules, the request's context has more members. */
export interface RuleContext {
  readonly maybeViewer: Viewer | null;
}

/** True if allowed, otherwise the error of the field. */
export type RuleDecision = true | WeftError;

/** A rule that depends only on the viewer. Evaluated once per request. */
export interface ViewerRule {
  readonly kind: "viewer";
  readonly label: string;
  decide(viewer: Viewer | null): RuleDecision;
  readonly shield: ShieldRule;
}

/** A rule that reads the parent or the arguments. Evaluated for each field by graphql-shield. */
export interface ObjectRule {
  readonly kind: "object";
  readonly label: string;
  check(parent: unknown, args: unknown, context: RuleContext): RuleDecision | Promise<RuleDecision>;
  readonly shield: ShieldRule;
}

/** Viewers who can see the parent can see the field. */
export interface InheritRule {
  readonly kind: "inherit";
  readonly label: "inherit";
}

export type CheckedRule = ViewerRule | ObjectRule;
export type Rule = CheckedRule | InheritRule;

// graphql-shield rejects two rules with the same name in a tree.
let made = 0;
const uniqueName = (label: string) => `${label} #${++made}`;

/**
 * Creates a rule on the viewer. Use `authenticated` and `can` if possible. Refuses restricted sessions, whatever the rule decides.
 * @param options `forRestricted`: decides about restricted sessions, too
 */
export function viewerRule(
  label: string,
  decideFor: (viewer: Viewer | null) => RuleDecision,
  { forRestricted = false }: { readonly forRestricted?: boolean } = {},
): ViewerRule {
  const decide = (viewer: Viewer | null): RuleDecision => (forRestricted ? null : restricted(viewer)) ?? decideFor(viewer);
  const shield = shieldRule(uniqueName(label), { cache: "no_cache" })((_parent, _args, context: RuleContext) =>
    decide(context.maybeViewer),
  );
  return { kind: "viewer", label, decide, shield };
}

/** Creates a rule on parent, arguments and context that returns a decision. `objectRule` is the usual form. Options as for `viewerRule`. */
export function checkRule(
  label: string,
  checkFor: ObjectRule["check"],
  { forRestricted = false }: { readonly forRestricted?: boolean } = {},
): ObjectRule {
  const check: ObjectRule["check"] = (parent, args, context) =>
    (forRestricted ? null : restricted(context.maybeViewer)) ?? checkFor(parent, args, context);
  // An error inside a rule stays an internal error. By default, graphql-shield would treat it as a denial and hide it.
  const shield = shieldRule(uniqueName(label), { cache: "no_cache" })(async (parent: unknown, args: unknown, context: RuleContext) => {
    try {
      return await check(parent, args, context);
    } catch (error) {
      return error instanceof Error ? error : new Internal(error);
    }
  });
  return { kind: "object", label, check, shield };
}

/** Evaluates a rule of either kind. */
export function decisionOf(rule: CheckedRule, parent: unknown, args: unknown, context: RuleContext): RuleDecision | Promise<RuleDecision> {
  return rule.kind === "viewer" ? rule.decide(context.maybeViewer) : rule.check(parent, args, context);
}

/** Returns the error for a missing login, or null if the viewer is logged in. */
export const loggedOut = (viewer: Viewer | null): Unauthenticated | null => (viewer ? null : new Unauthenticated());

/** Returns the error for a session that can only enrol a second factor, or null for all others. */
const restricted = (viewer: Viewer | null): MfaRequired | null => (viewer?.isRestricted ? new MfaRequired() : null);
