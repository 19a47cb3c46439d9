import { Conflict, Forbidden, quote } from "@weft/shared/errors";
import { denialsOf, hasPermission, reachesAll, type Scope, scopesOf, type Viewer } from "@weft/shared/viewer";
import type { Tx } from "@weft/platform/db";
import { narrowlyHeld } from "@weft/platform/rights";
import type { Grant } from "./grant.js";
import {
  findAncestorKeys,
  findEffectiveGrantsOfRoles,
  findGrantsOfEmployees,
  findGrantsOfHolders,
  findNarrowGrantsOfUsers,
  findOverridesOfUsers,
  findAdministrators,
} from "./rights.store.js";

export { assertCurrentRights, lockRights, raiseRightsVersion } from "@weft/platform/rights";
export { findAdministrators, findGrantsOfRoles, findOverridesOfUsers, hasAdministratorWithLogin } from "./rights.store.js";

/**
 * Returns whether the viewer holds a grant, in its scope or in the entire tenant. If a part is denied to the viewer, the viewer cannot pass the
 * permission on, because a user created by the viewer would not have the denial. In scope BUILDING it covers other buildings for another user, so only
 * those who hold it in the entire tenant pass it on.
 */
function holds(viewer: Viewer, { permission, scope }: Grant): boolean {
  if (denialsOf(viewer, permission).length > 0) return false;
  const held = scopesOf(viewer, permission);
  return held.includes("TENANT") || (scope !== "BUILDING" && held.includes(scope));
}

/**
 * Checks that the viewer holds all grants. Users cannot grant what they do not have, to others or to themselves. Otherwise they could escalate their
 * privileges by creating and assigning a role.
 * @throws Forbidden naming the first grant that the viewer lacks
 */
export function assertMayGrant(viewer: Viewer, grants: readonly Grant[]): void {
  const lacked = grants.find((grant) => !holds(viewer, grant));
  if (lacked) throw new Forbidden(`You cannot grant ${lacked.permission} in scope ${lacked.scope}, because you do not have it yourself.`);
}

/**
 * Applies `assertMayGrant` to everything that the roles grant, including by inheritance. Definitions also refer to roles by name, even to roles that
 * grant nothing. So users can assign a role that they do not have only if they can change roles; otherwise they could make themselves approvers. The
 * roles of its user are not those of an API key.
 * @throws Forbidden
 */
export async function assertMayGiveRoles(tx: Tx, viewer: Viewer, roleIds: readonly string[]): Promise<void> {
  const grants = await findEffectiveGrantsOfRoles(tx, roleIds);
  assertMayGrant(viewer, [...grants.values()].flat());
  if (reachesAll(viewer, "role.update")) return;
  const held = viewer.apiKey === null ? viewer.roles : [];
  const lacked = (await findAncestorKeys(tx, roleIds)).find((key) => !held.includes(key));
  if (lacked !== undefined)
    throw new Forbidden(`You cannot assign the role ${quote(lacked)}: you have neither the role nor role.update in scope TENANT.`);
}

/**
 * Checks that the viewer does not change a user who has more rights. Taking over an administrator's email address would be a privilege escalation
 * too. Grants count even if they are denied to the user, so nobody can lift a denial of a permission that they do not hold.
 * @throws Forbidden
 */
export async function assertNotAbove(
  tx: Tx,
  viewer: Viewer,
  { userId, roleIds }: { userId: string; roleIds: readonly string[] },
): Promise<void> {
  if (userId === viewer.userId) {
    if (viewer.apiKey !== null) throw new Forbidden("An API key cannot change the account of its user.");
    return;
  }
  const grants = await findEffectiveGrantsOfRoles(tx, roleIds);
  const overrides = (await findOverridesOfUsers(tx, [userId])).get(userId) ?? [];
  const lacked = [...[...grants.values()].flat(), ...overrides.filter(({ effect }) => effect === "GRANT")].find(
    (grant) => !holds(viewer, grant),
  );
  if (lacked)
    throw new Forbidden(`You cannot change this user, who has ${lacked.permission} in scope ${lacked.scope}, which you do not have.`);
}

/**
 * Checks that the viewer holds everything that any employee has, before a change with which the viewer could log in as each of them.
 * @throws Forbidden
 */
export async function assertNotBelowAnyone(tx: Tx, viewer: Viewer): Promise<void> {
  const lacked = (await findGrantsOfEmployees(tx)).find((grant) => !holds(viewer, grant));
  if (lacked)
    throw new Forbidden(
      `You cannot change how users log in: some of them have ${lacked.permission} in scope ${lacked.scope}, which you do not have.`,
    );
}

/**
 * Checks that the viewer holds everything that the role grants before changing its permissions, which would change all users who have the role.
 * @throws Forbidden
 */
export async function assertMayChangeRole(tx: Tx, viewer: Viewer, roleId: string): Promise<void> {
  const grants = (await findEffectiveGrantsOfRoles(tx, [roleId])).get(roleId) ?? [];
  const lacked = grants.find((grant) => !holds(viewer, grant));
  if (lacked)
    throw new Forbidden(
      `You cannot change the permissions of this role: it grants ${lacked.permission} in scope ${lacked.scope}, which you do not have.`,
    );
}

/**
 * Checks that the viewer holds everything that each user with the role has, before a change of how they log in. They can have more rights than the role.
 * @throws Forbidden
 */
export async function assertNotBelowHolders(tx: Tx, viewer: Viewer, roleId: string): Promise<void> {
  const lacked = (await findGrantsOfHolders(tx, roleId)).find((grant) => !holds(viewer, grant));
  if (lacked)
    throw new Forbidden(
      `You cannot change how users with this role log in: some of them have ${lacked.permission} in scope ${lacked.scope}, which you do not have.`,
    );
}

/**
 * Checks that the viewer can add users to the teams. Adding users to other teams than one's own requires team.update, because tasks are offered to
 * teams. Viewers whose permissions are limited to their teams cannot do so at all, neither for themselves nor for a user they created to look on
 * their behalf. The teams of its user are not those of an API key.
 * @throws Forbidden
 */
export function assertMayFillTeams(viewer: Viewer, teamIds: readonly string[]): void {
  const own = viewer.apiKey === null ? viewer.teamIds : [];
  if (teamIds.every((id) => own.includes(id))) return;
  if (!hasPermission(viewer, "team.update"))
    throw new Forbidden("You can only add users to your own teams. Other teams require the permission team.update.");
  const byTeam = narrowlyHeld(viewer, reachesThroughTeams);
  if (byTeam !== undefined)
    throw new Forbidden(`You can only add users to your own teams, because your permission ${byTeam} is limited to your teams.`);
}

/**
 * Checks that the viewer does not give a user more access than the viewer has by adding that user to a team. Otherwise viewers limited to their teams
 * could create a helper without that limit, who could then add them to any team.
 * @throws Forbidden
 */
export async function assertMayJoin(
  tx: Tx,
  viewer: Viewer,
  { userIds, teamId }: { userIds: readonly string[]; teamId: string },
): Promise<void> {
  if (viewer.teamIds.includes(teamId) || userIds.length === 0) return;
  const grants = await findNarrowGrantsOfUsers(tx, userIds, reachesThroughTeams);
  const lacked = grants.find(({ permission }) => !reachesAll(viewer, permission));
  if (lacked)
    throw new Forbidden(
      `You can only add this user to your own teams: the user has ${lacked.permission} in scope ${lacked.scope}, which covers work of teams, and you do not have it in scope TENANT.`,
    );
}

/**
 * Checks that viewers who see only what is assigned to them do not create users of a vendor, who could look at the vendor's work on their behalf.
 * @throws Forbidden
 */
export function assertMayBindToVendor(viewer: Viewer): void {
  const assigned = narrowlyHeld(viewer, ["ASSIGNED"]);
  if (assigned !== undefined)
    throw new Forbidden(`You cannot create users of a vendor: your permission ${assigned} is limited to what is assigned to you.`);
}

/** Scopes that cover what teams own and what is assigned to them. */
const reachesThroughTeams: readonly Scope[] = ["TEAM", "ASSIGNED"];

/**
 * Checks that removing a user from a team lifts no denial that the viewer could not lift. Denials in the scope of a team no longer apply after the
 * user leaves it, so removing the user grants what was denied. Users with such a denial cannot do this for anybody, including themselves.
 * @throws Forbidden
 */
export async function assertMayTakeFromTeam(tx: Tx, viewer: Viewer, userIds: readonly string[]): Promise<void> {
  const overrides = [...(await findOverridesOfUsers(tx, userIds)).values()].flat();
  const lacked = overrides.find(
    (override) => override.effect === "DENY" && reachesThroughTeams.includes(override.scope) && !holds(viewer, override),
  );
  if (lacked)
    throw new Forbidden(
      `You cannot remove this user from a team: membership there denies ${lacked.permission} in scope ${lacked.scope}, which you do not have yourself.`,
    );
}

/** Call after a change of rights, in its transaction and under `lockRights`. Checks that an administrator is left who can undo the change. */
export async function assertAdministratorLeft(tx: Tx): Promise<void> {
  if ((await findAdministrators(tx, 1)).length > 0) return;
  throw new Conflict(
    "No active user would be left who can change users and roles in the whole tenant. Assign such a role to another active user first.",
  );
}
