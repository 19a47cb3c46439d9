import { Forbidden } from "../errors/errors.js";
import { parseAnyId } from "../ids/type-ids.js";
import { permissionCatalogue } from "../viewer/permissions.js";
import type { Permission } from "../viewer/permissions.js";
import { hasPermission, reachesAll } from "../viewer/viewer.js";
import type { Viewer } from "../viewer/viewer.js";
import { checkRule, loggedOut, verdictOf, viewerRule } from "./rule.js";
import type { CheckedRule, InheritRule, ObjectRule, RuleContext, Verdict, ViewerRule } from "./rule.js";

/** Everybody, logged in or not: login, health, what has no owner. */
export const anyone: ViewerRule = viewerRule("anyone", () => true);

/** Whoever is logged in. */
export const authenticated: ViewerRule = viewerRule("authenticated", (viewer) => loggedOut(viewer) ?? true);

/** Whoever is logged in and works for the tenant itself: the database hides from a vendor's people what would be told here. */
export const staff: ViewerRule = viewerRule("staff", (viewer) => {
  if (!viewer) return loggedOut(viewer) ?? true;
  return viewer.vendorId === null || new Forbidden("People of a vendor may not do this.");
});

/** As the parent: for fields of an object that was reached through a rule or a `visible` predicate. Not for root fields. */
export const inherit: InheritRule = { kind: "inherit", label: "inherit" };

/** Whoever leads a team; which one is the service's question. Beside a permission, which it stands in for within the team. */
export const leadsATeam: ViewerRule = viewerRule("leadsATeam", (viewer) =>
  viewer ? viewer.ledTeamIds.length > 0 || new Forbidden("You lead no team.") : (loggedOut(viewer) ?? true),
);

const permissionRules = new Map<string, ViewerRule>();

/** Whoever holds the permission, in any scope; which objects it reaches is decided by the aggregate's `visible` predicate. */
export const can = (permission: Permission): ViewerRule =>
  permissionRule(permission, `can(${permission})`, {
    isHeld: (viewer) => hasPermission(viewer, permission),
    refusal: `You do not hold the permission ${permission}.`,
  });

/** Whoever holds the permission in the whole tenant, no part of it denied: for what has no owner, team or assignee, where a narrower scope would reach everything. */
export const canInTenant = (permission: Permission): ViewerRule =>
  permissionRule(permission, `canInTenant(${permission})`, {
    isHeld: (viewer) => reachesAll(viewer, permission),
    refusal: `You do not hold the permission ${permission} in scope TENANT.`,
  });

function permissionRule(
  permission: Permission,
  label: string,
  { isHeld, refusal }: { isHeld: (viewer: Viewer) => boolean; refusal: string },
): ViewerRule {
  const known = permissionRules.get(label);
  if (known) return known;
  if (!Object.hasOwn(permissionCatalogue, permission))
    throw new Error(`${label}: the permission catalogue has no such permission (${JSON.stringify(permission)}).`);
  const made = viewerRule(label, (viewer) => (viewer ? isHeld(viewer) || new Forbidden(refusal) : (loggedOut(viewer) ?? true)));
  permissionRules.set(label, made);
  return made;
}

/**
 * A rule that reads the parent or the arguments. It runs for each field on its own (never cached), and only for who is logged in;
 * false is FORBIDDEN, an exception stays what it is.
 */
export function objectRule<Parent = unknown, Args = unknown, Ctx extends RuleContext = RuleContext>(
  name: string,
  check: (parent: Parent, args: Args, context: Ctx) => boolean | Promise<boolean>,
): ObjectRule {
  const verdict = (allowed: boolean): Verdict => allowed || new Forbidden();
  return checkRule(name, (parent, args, context) => {
    const refused = loggedOut(context.maybeViewer);
    if (refused) return refused;
    const allowed = check(parent as Parent, args as Args, context as Ctx);
    return typeof allowed === "boolean" ? verdict(allowed) : allowed.then(verdict);
  });
}

/** The parent is the viewer's own user. */
export const self: ObjectRule = objectRule<{ id?: unknown }>("self", (parent, _args, { maybeViewer }) => {
  const id = parseAnyId(parent.id);
  return id?.type === "user" && id.uuid === maybeViewer?.userId;
});

/**
 * One of the rules suffices. Rules on the viewer are asked first: they cost nothing. The answer to a refusal is that of the last of them, which names what
 * one could hold; a rule on the object says no more than no.
 */
export function anyOf(...rules: readonly [CheckedRule, ...CheckedRule[]]): CheckedRule {
  return combine("anyOf", rules, (verdict) => verdict === true);
}

/** All rules must allow; the first refusal is the answer. */
export function allOf(...rules: readonly [CheckedRule, ...CheckedRule[]]): CheckedRule {
  return combine("allOf", rules, (verdict) => verdict !== true);
}

function combine(name: string, rules: readonly CheckedRule[], settles: (verdict: Verdict) => boolean): CheckedRule {
  const ordered = [...rules].sort((a, b) => Number(a.kind === "object") - Number(b.kind === "object"));
  const label = `${name}(${rules.map((rule) => rule.label).join(", ")})`;
  if (ordered.every((rule) => rule.kind === "viewer")) {
    return viewerRule(label, (viewer) => {
      let verdict: Verdict = true;
      for (const rule of ordered) {
        verdict = rule.decide(viewer);
        if (settles(verdict)) return verdict;
      }
      return verdict;
    });
  }
  return checkRule(label, async (parent, args, context) => {
    let verdict: Verdict = true;
    let ofViewer: Verdict | undefined;
    for (const rule of ordered) {
      verdict = await verdictOf(rule, parent, args, context);
      if (settles(verdict)) return verdict;
      if (rule.kind === "viewer") ofViewer = verdict;
    }
    return ofViewer ?? verdict;
  });
}
