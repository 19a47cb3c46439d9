import { hasPermission, type Permission, reachesAll, type Scope, scopes, type Viewer } from "@weft/shared/viewer";
import { isOfVendor } from "@weft/platform/access";
import type { Tx } from "@weft/platform/db";
import { sql } from "drizzle-orm";
import type { SQL } from "drizzle-orm";
import { PermissionScope } from "../roles/role.type.js";
import { isForVendors, tenantWidePermissions } from "./access-rules.js";
import type { ObjectType } from "./access-rules.js";
import { evaluateOn } from "./access.store.js";
import { AccessExplanation, AccessStep, AccessStepKind } from "./access.type.js";
import { viewerOf } from "./subjects.js";
import type { Subject, SubjectGrant } from "./subjects.js";

/** The question to answer about each subject. */
export interface Question {
  readonly permission: Permission;
  readonly object: { readonly type: ObjectType; readonly id: string } | null;
}

/** Scopes in which a permission has an effect. */
export const openingScopes = (permission: Permission): readonly Scope[] => (tenantWidePermissions.has(permission) ? ["TENANT"] : scopes);

/** Returns whether a user with these rights can use the permission at all, according to the rules of the operations. */
const canOpen = (viewer: Viewer, permission: Permission): boolean =>
  tenantWidePermissions.has(permission) ? reachesAll(viewer, permission) : hasPermission(viewer, permission);

const distinct = (list: readonly { readonly scope: Scope }[]): Scope[] => [...new Set(list.map(({ scope }) => scope))];

/**
 * Decides about many subjects in one statement, using the predicates of the object's store, one set per subject.
 * @returns null if the object does not exist
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
    const byScope = (some: readonly Scope[], from: number) => new Map(some.map((scope, index) => [scope, each[from + index] ?? false]));
    return explain(subject, question, { reaches, isGiven, granted: byScope(granted, 0), denied: byScope(denied, granted.length) });
  });
}

interface Findings {
  /** Whether all grants together, minus the denials, reach the object. */
  readonly reaches: boolean;
  /** Whether the limits of vendors leave the object accessible. */
  readonly isGiven: boolean;
  /** Whether the object is in each scope. Empty without an object. */
  readonly granted: ReadonlyMap<Scope, boolean>;
  readonly denied: ReadonlyMap<Scope, boolean>;
}

function explain({ user, grants, denials }: Subject, { permission, object }: Question, findings: Findings): AccessExplanation {
  const { reaches, isGiven } = findings;
  const link = (kind: AccessStepKind, isHeld: boolean, message: string, of?: { via?: readonly string[]; scope: Scope }): AccessStep =>
    Object.assign(new AccessStep(), {
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
  const steps = [
    link(
      AccessStepKind.USER_STATUS,
      isActive,
      isActive ? "The user is ACTIVE." : `The user is ${user.status}. Only users with the status ACTIVE can act.`,
    ),
  ];
  if (grants.length === 0) steps.push(link(AccessStepKind.NO_GRANT, false, `Nothing grants ${permission} to the user.`));
  for (const grant of grants) {
    const opens = opening.includes(grant.scope);
    const message = `${grantMessage(grant, permission, user)}${opens ? "." : ", but operations require it in scope TENANT."}`;
    steps.push(link(kindOf(grant), opens, message, grant));
  }
  for (const [scope, isReached] of findings.granted)
    steps.push(link(AccessStepKind.SCOPE, isReached, scopeMessage(scope, isReached), { scope }));
  for (const denial of denials) {
    const isReached = findings.denied.get(denial.scope);
    const isTaken = tenantWidePermissions.has(permission) || (isReached ?? !reaches);
    const { scope, reason } = denial;
    const message = `${permission} is denied to the user in scope ${scope}${denialReach(isReached)}.${reason === "" ? "" : ` Reason: ${reason}`}`;
    steps.push(link(AccessStepKind.USER_DENIAL, !isTaken, message, { scope }));
  }
  if (user.vendorId !== null) steps.push(link(AccessStepKind.VENDOR_LIMIT, isLeft, vendorMessage(permission, isLeft)));
  return Object.assign(new AccessExplanation(), { isAllowed: isActive && reaches && isLeft, decidedBy: decidedBy(), steps });

  function scopeMessage(scope: Scope, isReached: boolean): string {
    if (scope === "TENANT") return "The scope TENANT includes everything in the tenant.";
    return `The scope ${scope} ${isReached ? "includes" : "does not include"} the ${objectName}.`;
  }

  function denialReach(isReached: boolean | undefined): string {
    // With a narrower denial, access no longer covers the whole tenant.
    if (tenantWidePermissions.has(permission)) return ", and operations require the whole tenant";
    if (isReached === undefined) return "";
    return isReached ? `, which includes the ${objectName}` : `, which does not include the ${objectName}`;
  }

  function decidedBy(): AccessStepKind {
    if (!isActive) return AccessStepKind.USER_STATUS;
    const [first] = grants;
    if (!first) return AccessStepKind.NO_GRANT;
    const opener = grants.find(({ scope }) => opening.includes(scope));
    if (!opener) return kindOf(first);
    if (!reaches) {
      const isReachedByGrant = !object || grants.some(({ scope }) => opening.includes(scope) && findings.granted.get(scope) === true);
      return isReachedByGrant && denials.length > 0 ? AccessStepKind.USER_DENIAL : AccessStepKind.SCOPE;
    }
    if (!isLeft) return AccessStepKind.VENDOR_LIMIT;
    return object ? AccessStepKind.SCOPE : kindOf(opener);
  }
}

const kindOf = ({ via }: SubjectGrant): AccessStepKind => (via.length === 0 ? AccessStepKind.USER_GRANT : AccessStepKind.ROLE_GRANT);

function grantMessage({ via, scope }: SubjectGrant, permission: Permission, { type }: Subject["user"]): string {
  const role = via.at(-1);
  if (type === "OPERATOR") return `A platform operator who acts here has ${permission} in scope ${scope}`;
  if (role === undefined) return `The user was granted ${permission} in scope ${scope}`;
  const inherited = via.length > 1 ? `, which the user has through inheritance (${via.join(" → ")}),` : "";
  return `The role ${role}${inherited} grants ${permission} in scope ${scope}`;
}

function vendorMessage(permission: Permission, isLeft: boolean): string {
  if (!isForVendors(permission)) return `Users of a vendor cannot use ${permission}, regardless of their roles.`;
  return isLeft ? "The user works for a vendor to which this was assigned." : "The user works for a vendor to which this was not assigned.";
}
