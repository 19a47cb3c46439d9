import type { Permission, Scope, Tx, UserType, Viewer } from "@weft/shared";
import { waysUp } from "../roles/hierarchy.js";
import type { ParentsByRole } from "../roles/hierarchy.js";
import { findParentsOf } from "../roles/hierarchy.service.js";
import type { UserRow } from "../users/user-list.service.js";
import { selectSubjectRows } from "./access.store.js";
import type { HeldRole } from "./access.store.js";

/** A grant of the permission that is asked about. */
export interface SubjectGrant {
  readonly scope: Scope;
  /** From the role that the user has to the one that grants it, both ends included: keys. Empty: it was granted to the user himself. */
  readonly via: readonly string[];
}

/** A denial of the permission that is asked about. */
export interface SubjectDenial {
  readonly scope: Scope;
  readonly reason: string;
}

/** A user with what decides about one permission. */
export interface Subject {
  readonly user: UserRow;
  /** Keys, inherited ones included. */
  readonly roles: readonly string[];
  readonly teamIds: readonly string[];
  readonly grants: readonly SubjectGrant[];
  readonly denials: readonly SubjectDenial[];
}

/** Users with what decides about a permission; see `selectSubjectRows`. */
export async function findSubjects(tx: Tx, permission: Permission, slice: Parameters<typeof selectSubjectRows>[2]): Promise<Subject[]> {
  const rows = await selectSubjectRows(tx, permission, slice);
  // Every way up from a role leads through roles that the user has by it.
  const climbing = rows.filter(({ roles }) => roles.some(({ isOwn, scopes }) => !isOwn && scopes.length > 0));
  const roleIds = new Set(climbing.flatMap(({ roles }) => roles.map(({ id }) => id)));
  const parents: ParentsByRole = roleIds.size > 0 ? await findParentsOf(tx, [...roleIds]) : new Map();
  return rows.map(({ user, roles, overrides, teamIds }) => ({
    user,
    roles: roles.map(({ key }) => key),
    teamIds,
    grants: [
      ...roles.flatMap((role) => role.scopes.map((scope) => ({ scope, via: wayTo(role, roles, parents) }))),
      ...overrides.filter(({ effect }) => effect === "GRANT").map(({ scope }) => ({ scope, via: [] })),
    ],
    denials: overrides.filter(({ effect }) => effect === "DENY"),
  }));
}

/** The shortest way from a role that the user has. */
function wayTo({ id, key, isOwn }: HeldRole, held: readonly HeldRole[], parents: ParentsByRole): string[] {
  if (isOwn) return [key];
  const ways = held.filter((role) => role.isOwn).flatMap((role) => [waysUp(parents, role.id).get(id) ?? []]);
  const [shortest = []] = ways.filter((way) => way.length > 0).toSorted((one, other) => one.length - other.length);
  const keys = new Map(held.map((role) => [role.id, role.key]));
  return shortest.map((step) => keys.get(step) ?? "");
}

/** The subject as the gateway would compute it, granted and denied the permission in these scopes and no other permission. */
export function viewerOf(
  { user, roles, teamIds }: Subject,
  asker: Viewer,
  permission: Permission,
  { granted, denied = [] }: { granted: readonly Scope[]; denied?: readonly Scope[] },
): Viewer {
  return {
    tenantId: asker.tenantId,
    tenantSlug: asker.tenantSlug,
    userId: user.id,
    userType: user.type as UserType,
    vendorId: user.vendorId,
    sessionId: asker.sessionId,
    operatorId: null,
    roles: [...roles],
    teamIds: [...teamIds],
    ledTeamIds: [],
    permissions: { [permission]: [...granted] },
    denials: { [permission]: [...denied] },
    rightsVersion: "",
  };
}
