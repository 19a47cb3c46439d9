import { hasPermission, isOfVendor, reachesAll } from "@weft/shared";
import type { Permission, Scope, Tx, Viewer } from "@weft/shared";
import { sql } from "drizzle-orm";
import type { SQL } from "drizzle-orm";
import { PermissionScope } from "../roles/role.type.js";
import { isForVendors, tenantWidePermissions } from "./access-rules.js";
import type { ObjectType } from "./access-rules.js";
import { evaluateOn } from "./access.store.js";
import { AccessExplanation, AccessLink, AccessLinkKind } from "./access.type.js";
import { viewerOf } from "./subjects.js";
import type { Subject, SubjectGrant } from "./subjects.js";

/** What is asked about each subject. */
export interface Question {
  readonly permission: Permission;
  readonly object: { readonly type: ObjectType; readonly id: string } | null;
}

/** The scopes in which a permission opens anything. */
export const openingScopes = (permission: Permission): readonly Scope[] =>
  tenantWidePermissions.has(permission) ? ["TENANT"] : ["OWN", "ASSIGNED", "TEAM", "TENANT"];

/** Whether somebody with these rights can use the permission at all, as the rules of the operations ask. */
const canOpen = (viewer: Viewer, permission: Permission): boolean =>
  tenantWidePermissions.has(permission) ? reachesAll(viewer, permission) : hasPermission(viewer, permission);

const distinct = (list: readonly { readonly scope: Scope }[]): Scope[] => [...new Set(list.map(({ scope }) => scope))];

/**
 * Decides about many subjects in one statement, with the predicates of the object's store, each filled in for its subject.
 * @returns null when there is no such object
 */
export async function decide(tx: Tx, asker: Viewer, question: Question, subjects: readonly Subject[]): Promise<AccessExplanation[] | null> {
  const { permission, object } = question;
  const asked = subjects.map((subject) => {
    const [granted, denied] = [distinct(subject.grants), distinct(subject.denials)];
    const whole = viewerOf(subject, asker, permission, { granted, denied });
    return { subject, granted, denied, whole, opens: canOpen(whole, permission) };
  });
  const predicates = asked.flatMap(({ subject, granted, denied, whole, opens }): SQL[] => {
    if (!object) return [];
    const { inScope, forVendor } = object.type.rules;
    const alone = (scope: Scope) => inScope(viewerOf(subject, asker, permission, { granted: [scope] }), permission);
    return [
      opens ? inScope(whole, permission) : sql`false`,
      isOfVendor(whole) ? forVendor(whole, permission) : sql`true`,
      ...granted.map(alone),
      ...denied.map(alone),
    ];
  });
  const answers = object ? await evaluateOn(tx, object.type.rules, object.id, predicates) : [];
  if (!answers) return null;
  let at = 0;
  return asked.map(({ subject, granted, denied, opens }) => {
    if (!object) return explain(subject, question, { reaches: opens, isGiven: true, granted: new Map(), denied: new Map() });
    const [reaches = false, isGiven = false, ...each] = answers.slice(at, (at += 2 + granted.length + denied.length));
    const byScope = (scopes: readonly Scope[], from: number) => new Map(scopes.map((scope, index) => [scope, each[from + index] ?? false]));
    return explain(subject, question, { reaches, isGiven, granted: byScope(granted, 0), denied: byScope(denied, granted.length) });
  });
}

interface Findings {
  /** All grants together, less the denials. */
  readonly reaches: boolean;
  /** What is left of it to a vendor's user. */
  readonly isGiven: boolean;
  /** Whether the object is in each scope; empty without an object. */
  readonly granted: ReadonlyMap<Scope, boolean>;
  readonly denied: ReadonlyMap<Scope, boolean>;
}

function explain({ user, grants, denials }: Subject, { permission, object }: Question, findings: Findings): AccessExplanation {
  const { reaches, isGiven } = findings;
  const link = (kind: AccessLinkKind, isHeld: boolean, message: string, of?: { via?: readonly string[]; scope: Scope }): AccessLink =>
    Object.assign(new AccessLink(), {
      kind,
      role: of?.via?.at(-1) ?? null,
      via: of?.via && of.via.length > 1 ? [...of.via] : [],
      scope: of ? PermissionScope[of.scope] : null,
      permission,
      holds: isHeld,
      message,
    });
  const objectName = object?.type.typeName ?? "object";
  const opening = openingScopes(permission);
  const isActive = user.status === "ACTIVE";
  const isLeft = user.vendorId === null || (isForVendors(permission) && isGiven);
  const chain = [
    link(AccessLinkKind.USER_STATUS, isActive, isActive ? "The user is ACTIVE." : `The user is ${user.status}: only an ACTIVE user acts.`),
  ];
  if (grants.length === 0) chain.push(link(AccessLinkKind.NO_GRANT, false, `Nothing grants the user ${permission}.`));
  for (const grant of grants) {
    const opens = opening.includes(grant.scope);
    const message = `${grantMessage(grant, permission, user)}${opens ? "." : ", but operations ask for it in scope TENANT."}`;
    chain.push(link(kindOf(grant), opens, message, grant));
  }
  for (const [scope, isReached] of findings.granted)
    chain.push(link(AccessLinkKind.SCOPE, isReached, scopeMessage(scope, isReached), { scope }));
  for (const denial of denials) {
    const isReached = findings.denied.get(denial.scope);
    const isTaken = tenantWidePermissions.has(permission) || (isReached ?? !reaches);
    const { scope, reason } = denial;
    const message = `The user is denied ${permission} in scope ${scope}${denialReach(isReached)}.${reason === "" ? "" : ` Reason: ${reason}`}`;
    chain.push(link(AccessLinkKind.USER_DENIAL, !isTaken, message, { scope }));
  }
  if (user.vendorId !== null) chain.push(link(AccessLinkKind.VENDOR_LIMIT, isLeft, vendorMessage(permission, isLeft)));
  return Object.assign(new AccessExplanation(), { isAllowed: isActive && reaches && isLeft, decidedBy: decidedBy(), chain });

  function scopeMessage(scope: Scope, isReached: boolean): string {
    if (scope === "TENANT") return "The scope TENANT reaches everything of the tenant.";
    return `What the scope ${scope} reaches ${isReached ? "has" : "does not have"} the ${objectName} in it.`;
  }

  function denialReach(isReached: boolean | undefined): string {
    // A narrower denial leaves no whole.
    if (tenantWidePermissions.has(permission)) return ", and operations ask for the whole of it";
    if (isReached === undefined) return "";
    return isReached ? `, which has the ${objectName} in it` : `, which does not have the ${objectName} in it`;
  }

  function decidedBy(): AccessLinkKind {
    if (!isActive) return AccessLinkKind.USER_STATUS;
    const [first] = grants;
    if (!first) return AccessLinkKind.NO_GRANT;
    const opener = grants.find(({ scope }) => opening.includes(scope));
    if (!opener) return kindOf(first);
    if (!reaches) {
      const isReachedByGrant = !object || grants.some(({ scope }) => opening.includes(scope) && findings.granted.get(scope) === true);
      return isReachedByGrant && denials.length > 0 ? AccessLinkKind.USER_DENIAL : AccessLinkKind.SCOPE;
    }
    if (!isLeft) return AccessLinkKind.VENDOR_LIMIT;
    return object ? AccessLinkKind.SCOPE : kindOf(opener);
  }
}

const kindOf = ({ via }: SubjectGrant): AccessLinkKind => (via.length === 0 ? AccessLinkKind.USER_GRANT : AccessLinkKind.ROLE_GRANT);

function grantMessage({ via, scope }: SubjectGrant, permission: Permission, { type }: Subject["user"]): string {
  const role = via.at(-1);
  if (type === "OPERATOR") return `A platform operator who acts here holds ${permission} in scope ${scope}`;
  if (role === undefined) return `The user was granted ${permission} in scope ${scope}`;
  const inherited = via.length > 1 ? `, which the user has by inheritance (${via.join(" → ")}),` : "";
  return `The role ${role}${inherited} grants ${permission} in scope ${scope}`;
}

function vendorMessage(permission: Permission, isLeft: boolean): string {
  if (!isForVendors(permission)) return `People of a vendor may not use ${permission}, whatever roles they have.`;
  return isLeft ? "The user works for a vendor, which was given this." : "The user works for a vendor, which was not given this.";
}
