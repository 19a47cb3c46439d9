import { Forbidden } from "@weft/shared/errors";
import { parseAnyId } from "@weft/shared/ids";
import { hasPermission, type Permission, permissionCatalog, reachesAll, type Viewer } from "@weft/shared/viewer";
import { checkRule, loggedOut, decisionOf, viewerRule } from "./rule.js";
import type { CheckedRule, InheritRule, ObjectRule, RuleContext, RuleDecision, ViewerRule } from "./rule.js";

/** Everyone, logged in or not: for login, health and fields without an owner. */
export const anyone: ViewerRule = viewerRule("anyone", () => true, { forRestricted: true });

/** Every logged-in user, including those who must enrol a second factor first. Only for what they need for that. */
export const loggedIn: ViewerRule = viewerRule("loggedIn", (viewer) => loggedOut(viewer) ?? true, { forRestricted: true });

/** Every logged-in user. */
export const authenticated: ViewerRule = viewerRule("authenticated", (viewer) => loggedOut(viewer) ?? true);

/** Logged-in users who are not users of a vendor. Row-level security hides from users of a vendor the data that these fields would reveal. */
export const staff: ViewerRule = viewerRule("staff", (viewer) => {
  if (!viewer) return loggedOut(viewer) ?? true;
  return viewer.vendorId === null || new Forbidden("Users of a vendor are not allowed to do this.");
});

/**
 * Users who are logged in themselves, not by an API key: for accounts, logins and keys, and for work that later runs with all rights of its author,
 * which a key does not have. Combine it with a permission.
 */
export const inPerson: ViewerRule = viewerRule("inPerson", isPerson);

/** Like `inPerson`, and also for those who must enrol a second factor first. Only for what they need for that. */
export const ownLogin: ViewerRule = viewerRule("ownLogin", isPerson, { forRestricted: true });

function isPerson(viewer: Viewer | null): RuleDecision {
  if (!viewer) return loggedOut(viewer) ?? true;
  return viewer.apiKey === null || new Forbidden("API keys cannot do this. Log in as a user.");
}

/** Same rule as the parent, for fields of objects that were reached through a rule or a `visible` predicate. Not for root fields. */
export const inherit: InheritRule = { kind: "inherit", label: "inherit" };

/** Users who lead a team; the service checks which one. Combine it with a permission, which it replaces within the team. */
export const leadsATeam: ViewerRule = viewerRule("leadsATeam", (viewer) =>
  viewer ? viewer.ledTeamIds.length > 0 || new Forbidden("You do not lead any team.") : (loggedOut(viewer) ?? true),
);

const permissionRules = new Map<string, ViewerRule>();

/** Users with the permission, in any scope. The aggregate's `visible` predicate determines the objects that it applies to. */
export const can = (permission: Permission): ViewerRule =>
  permissionRule(permission, `can(${permission})`, {
    isHeld: (viewer) => hasPermission(viewer, permission),
    refusal: `You do not have the permission ${permission}.`,
  });

/**
 * Users with the permission in the whole tenant, without denials. For objects without owner, team or assignee, where a narrower scope would cover
 * everything.
 */
export const canInTenant = (permission: Permission): ViewerRule =>
  permissionRule(permission, `canInTenant(${permission})`, {
    isHeld: (viewer) => reachesAll(viewer, permission),
    refusal: `You do not have the permission ${permission} in scope TENANT.`,
  });

function permissionRule(
  permission: Permission,
  label: string,
  { isHeld, refusal }: { isHeld: (viewer: Viewer) => boolean; refusal: string },
): ViewerRule {
  const known = permissionRules.get(label);
  if (known) return known;
  if (!Object.hasOwn(permissionCatalog, permission)) throw new Error(`${label}: unknown permission (${JSON.stringify(permission)}).`);
  const made = viewerRule(label, (viewer) => (viewer ? isHeld(viewer) || new Forbidden(refusal) : (loggedOut(viewer) ?? true)));
  permissionRules.set(label, made);
  return made;
}

/**
 * Creates a rule that reads the parent or the arguments. It runs separately for each field (never cached), and only for logged-in users. False means
 * FORBIDDEN; an exception is passed on unchanged.
 */
export function objectRule<Parent = unknown, Args = unknown, Ctx extends RuleContext = RuleContext>(
  name: string,
  check: (parent: Parent, args: Args, context: Ctx) => boolean | Promise<boolean>,
): ObjectRule {
  const decision = (allowed: boolean): RuleDecision => allowed || new Forbidden();
  return checkRule(name, (parent, args, context) => {
    const refused = loggedOut(context.maybeViewer);
    if (refused) return refused;
    const allowed = check(parent as Parent, args as Args, context as Ctx);
    return typeof allowed === "boolean" ? decision(allowed) : allowed.then(decision);
  });
}

/** The parent is the viewer's own user. */
export const self: ObjectRule = objectRule<{ id?: unknown }>("self", (parent, _args, { maybeViewer }) => {
  const id = parseAnyId(parent.id);
  return id?.type === "user" && id.uuid === maybeViewer?.userId;
});

/**
 * At least one of the rules must allow. Rules on the viewer are evaluated first, because they are free. If all deny, the error is that of the last
 * rule on the viewer, which names the missing permission; rules on the object have only a generic error.
 */
export function anyOf(...rules: readonly [CheckedRule, ...CheckedRule[]]): CheckedRule {
  return combine("anyOf", rules, (decision) => decision === true);
}

/** All rules must allow. The first denial is the result. */
export function allOf(...rules: readonly [CheckedRule, ...CheckedRule[]]): CheckedRule {
  return combine("allOf", rules, (decision) => decision !== true);
}

function combine(name: string, rules: readonly CheckedRule[], settles: (decision: RuleDecision) => boolean): CheckedRule {
  const ordered = [...rules].sort((a, b) => Number(a.kind === "object") - Number(b.kind === "object"));
  const label = `${name}(${rules.map((rule) => rule.label).join(", ")})`;
  // Each of the rules decides about restricted sessions.
  const forRestricted = true;
  if (ordered.every((rule) => rule.kind === "viewer")) {
    const decide = (viewer: Viewer | null): RuleDecision => {
      let decision: RuleDecision = true;
      for (const rule of ordered) {
        decision = rule.decide(viewer);
        if (settles(decision)) return decision;
      }
      return decision;
    };
    return viewerRule(label, decide, { forRestricted });
  }
  const check: ObjectRule["check"] = async (parent, args, context) => {
    let decision: RuleDecision = true;
    let ofViewer: RuleDecision | undefined;
    for (const rule of ordered) {
      decision = await decisionOf(rule, parent, args, context);
      if (settles(decision)) return decision;
      if (rule.kind === "viewer") ofViewer = decision;
    }
    return ofViewer ?? decision;
  };
  return checkRule(label, check, { forRestricted });
}
