import { isOfVendor } from "@weft/shared";
import type { Permission, Scope, Tx, Viewer } from "@weft/shared";
import { sql } from "drizzle-orm";
import type { SQL } from "drizzle-orm";
import { PermissionScope } from "../roles/role.type.js";
import { isForVendors, tenantWidePermissions } from "./access-rules.js";
import type { ObjectType } from "./access-rules.js";
import { evaluateOn, viewerOf } from "./access.store.js";
import type { Subject } from "./access.store.js";
import { AccessExplanation, AccessLink, AccessLinkKind } from "./access.type.js";

/** What is asked about each subject. */
export interface Question {
  readonly permission: Permission;
  readonly object: { readonly type: ObjectType; readonly id: string } | null;
}

/** The scopes in which a permission opens anything. */
export const openingScopes = (permission: Permission): readonly Scope[] =>
  tenantWidePermissions.has(permission) ? ["TENANT"] : ["OWN", "ASSIGNED", "TEAM", "TENANT"];

/**
 * Decides about many subjects in one statement, with the predicates of the object's store, each filled in for its subject.
 * @returns null when there is no such object
 */
export async function decide(tx: Tx, asker: Viewer, question: Question, subjects: readonly Subject[]): Promise<AccessExplanation[] | null> {
  const { permission, object } = question;
  const opening = openingScopes(permission);
  const asked = subjects.map((subject) => ({ subject, scopes: [...new Set(subject.grants.map(({ scope }) => scope))] }));
  const predicates = asked.flatMap(({ subject, scopes }): SQL[] => {
    if (!object) return [];
    const { inScope, forVendor } = object.type.rules;
    const held = scopes.filter((scope) => opening.includes(scope));
    const as = (...some: Scope[]) => viewerOf(subject, asker, permission, some);
    const whole = as(...held);
    return [
      inScope(whole, permission),
      isOfVendor(whole) ? forVendor(whole, permission) : sql`true`,
      ...scopes.map((scope) => inScope(as(scope), permission)),
    ];
  });
  const answers = object ? await evaluateOn(tx, object.type.rules, object.id, predicates) : [];
  if (!answers) return null;
  let at = 0;
  return asked.map(({ subject, scopes }) => {
    const canOpen = subject.grants.some(({ scope }) => opening.includes(scope));
    if (!object) return explain(subject, question, { reaches: canOpen, isGiven: true, byScope: new Map() });
    const [reaches = false, isGiven = false, ...each] = answers.slice(at, (at += 2 + scopes.length));
    return explain(subject, question, { reaches, isGiven, byScope: new Map(scopes.map((scope, index) => [scope, each[index] ?? false])) });
  });
}

interface Findings {
  /** All grants together. */
  readonly reaches: boolean;
  /** What is left of it to a vendor's user. */
  readonly isGiven: boolean;
  readonly byScope: ReadonlyMap<Scope, boolean>;
}

function explain({ user, grants }: Subject, { permission, object }: Question, { reaches, isGiven, byScope }: Findings): AccessExplanation {
  const link = (kind: AccessLinkKind, isHeld: boolean, message: string, grant?: { role: string | null; scope: Scope }): AccessLink =>
    Object.assign(new AccessLink(), {
      kind,
      role: grant?.role ?? null,
      scope: grant ? PermissionScope[grant.scope] : null,
      permission,
      holds: isHeld,
      message,
    });
  const opening = openingScopes(permission);
  const isActive = user.status === "ACTIVE";
  const isLeft = user.vendorId === null || (isForVendors(permission) && isGiven);
  const chain = [
    link(AccessLinkKind.USER_STATUS, isActive, isActive ? "The user is ACTIVE." : `The user is ${user.status}: only an ACTIVE user acts.`),
  ];
  if (grants.length === 0) chain.push(link(AccessLinkKind.NO_GRANT, false, `None of the user's roles grants ${permission}.`));
  for (const grant of grants) {
    const opens = opening.includes(grant.scope);
    const but = opens ? "." : ", but operations ask for it in scope TENANT.";
    chain.push(link(AccessLinkKind.ROLE_GRANT, opens, `The role ${grant.role} grants ${permission} in scope ${grant.scope}${but}`, grant));
  }
  for (const [scope, isReached] of byScope) {
    const message = `${scope === "TENANT" ? "The scope TENANT reaches everything of the tenant" : `What the scope ${scope} reaches ${isReached ? "has" : "does not have"} the ${object?.type.typeName ?? "object"} in it`}.`;
    chain.push(link(AccessLinkKind.SCOPE, isReached, message, { role: null, scope }));
  }
  if (user.vendorId !== null) chain.push(link(AccessLinkKind.VENDOR_LIMIT, isLeft, vendorMessage(permission, isLeft)));
  const explanation = new AccessExplanation();
  return Object.assign(explanation, { isAllowed: isActive && reaches && isLeft, decidedBy: decidedBy(), chain });

  function decidedBy(): AccessLinkKind {
    if (!isActive) return AccessLinkKind.USER_STATUS;
    if (grants.length === 0) return AccessLinkKind.NO_GRANT;
    if (!grants.some(({ scope }) => opening.includes(scope))) return AccessLinkKind.ROLE_GRANT;
    if (!reaches) return AccessLinkKind.SCOPE;
    if (!isLeft) return AccessLinkKind.VENDOR_LIMIT;
    return object ? AccessLinkKind.SCOPE : AccessLinkKind.ROLE_GRANT;
  }
}

function vendorMessage(permission: Permission, isLeft: boolean): string {
  if (!isForVendors(permission)) return `People of a vendor may not use ${permission}, whatever roles they have.`;
  return isLeft ? "The user works for a vendor, which was given this." : "The user works for a vendor, which was not given this.";
}
