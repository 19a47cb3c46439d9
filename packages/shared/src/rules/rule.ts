import { rule as shieldRule } from "graphql-shield";
import type { and } from "graphql-shield";
import { Internal, Unauthenticated } from "../errors/errors.js";
import type { WeftError } from "../errors/errors.js";
import type { Viewer } from "../viewer/viewer.js";

/** A rule as graphql-shield has it. */
export type ShieldRule = Parameters<typeof and>[number];

/** What every rule may read; the request's context has more, for object rules. */
export interface RuleContext {
  readonly maybeViewer: Viewer | null;
}

/** Allowed, or the error that the field answers with. */
export type Verdict = true | WeftError;

/** Depends on the viewer alone: decided once per request. */
export interface ViewerRule {
  readonly kind: "viewer";
  readonly label: string;
  decide(viewer: Viewer | null): Verdict;
  readonly shield: ShieldRule;
}

/** Reads the parent or the arguments: decided for each field by graphql-shield. */
export interface ObjectRule {
  readonly kind: "object";
  readonly label: string;
  check(parent: unknown, args: unknown, context: RuleContext): Verdict | Promise<Verdict>;
  readonly shield: ShieldRule;
}

/** Whoever may see the parent may see the field. */
export interface InheritRule {
  readonly kind: "inherit";
  readonly label: "inherit";
}

export type CheckedRule = ViewerRule | ObjectRule;
export type Rule = CheckedRule | InheritRule;

// graphql-shield refuses two rules of one name in a tree.
let made = 0;
const uniqueName = (label: string) => `${label} #${++made}`;

/** A rule on the viewer. Use `authenticated` and `can` before making one. */
export function viewerRule(label: string, decide: (viewer: Viewer | null) => Verdict): ViewerRule {
  const shield = shieldRule(uniqueName(label), { cache: "no_cache" })((_parent, _args, context: RuleContext) =>
    decide(context.maybeViewer),
  );
  return { kind: "viewer", label, decide, shield };
}

/** A rule on parent, arguments and context, in verdicts; `objectRule` is the everyday form. */
export function checkRule(label: string, check: ObjectRule["check"]): ObjectRule {
  // A fault inside a rule is a fault: shield by itself would call it a refusal and hide it.
  const shield = shieldRule(uniqueName(label), { cache: "no_cache" })(async (parent: unknown, args: unknown, context: RuleContext) => {
    try {
      return await check(parent, args, context);
    } catch (error) {
      return error instanceof Error ? error : new Internal(error);
    }
  });
  return { kind: "object", label, check, shield };
}

/** Decides a rule of either kind. */
export function verdictOf(rule: CheckedRule, parent: unknown, args: unknown, context: RuleContext): Verdict | Promise<Verdict> {
  return rule.kind === "viewer" ? rule.decide(context.maybeViewer) : rule.check(parent, args, context);
}

/** The verdict on who is not logged in, or null. */
export const loggedOut = (viewer: Viewer | null): Unauthenticated | null => (viewer ? null : new Unauthenticated());
