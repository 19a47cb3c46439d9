import type { Permission, Scope, UserType, Viewer } from "@weft/shared/viewer";
import type { Tx } from "@weft/platform/db";
import { ancestorPaths } from "../roles/hierarchy/hierarchy.js";
import type { ParentsByRole } from "../roles/hierarchy/hierarchy.js";
import { findParentsOf } from "../roles/hierarchy/hierarchy.service.js";
import type { UserRow } from "../users/user-list.service.js";
import { selectSubjectRows } from "./access.store.js";
import type { HeldRole } from "./access.store.js";

/** A grant of the permission in question. */
export interface SubjectGrant {
  readonly scope: Scope;
  /** Role keys from the user's role to the granting role, both included. Empty if the permission was granted to the user directly. */
  readonly via: readonly string[];
}

/** A denial of the permission in question. */
export interface SubjectDenial {
  readonly scope: Scope;
  readonly reason: string;
}

/** A user with everything that determines access by one permission. */
export interface Subject {
  readonly user: UserRow;
  /** Role keys, including inherited roles. */
  readonly roles: readonly string[];
  readonly teamIds: readonly string[];
  readonly grants: readonly SubjectGrant[];
  readonly denials: readonly SubjectDenial[];
}

/** Returns users with everything that determines access by a permission. See `selectSubjectRows`. */
export async function findSubjects(tx: Tx, permission: Permission, slice: Parameters<typeof selectSubjectRows>[2]): Promise<Subject[]> {
  const rows = await selectSubjectRows(tx, permission, slice);
  // Every path to a role's ancestors consists of roles that the user has through it.
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

/** Returns the shortest path from a role that the user has directly. */
function wayTo({ id, key, isOwn }: HeldRole, held: readonly HeldRole[], parents: ParentsByRole): string[] {
  if (isOwn) return [key];
  const ways = held.filter((role) => role.isOwn).flatMap((role) => [ancestorPaths(parents, role.id).get(id) ?? []]);
  const [shortest = []] = ways.filter((way) => way.length > 0).toSorted((one, other) => one.length - other.length);
  const keys = new Map(held.map((role) => [role.id, role.key]));
  return shortest.map((step) => keys.get(step) ?? "");
}

/** Returns the subject as the gateway would compute it, with grants and denials of this permission in these scopes and no other permissions. */
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
    apiKey: null,
    operatorId: null,
    authenticatedAt: null,
    isRestricted: false,
    roles: [...roles],
    teamIds: [...teamIds],
    ledTeamIds: [],
    permissions: { [permission]: [...granted] },
    denials: { [permission]: [...denied] },
    rightsVersion: "",
  };
}
