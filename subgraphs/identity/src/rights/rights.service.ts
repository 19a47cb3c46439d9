import { Conflict, denialsOf, Forbidden, hasPermission, isPermission, quote, reachesAll, scopesOf } from "@weft/shared";
import type { Scope, Tx, Viewer } from "@weft/shared";
import type { Grant } from "./grant.js";
import {
  findAncestorKeys,
  findEffectiveGrantsOfRoles,
  findGrantsOfUser,
  findOverridesOfUsers,
  hasAdministrator,
  lockRightsOf,
} from "./rights.store.js";

export { findGrantsOfRoles, findOverridesOfUsers, lockRights, raiseRightsVersion } from "./rights.store.js";

/**
 * Whether the viewer holds a grant: in its scope, or in the whole tenant. Of what is denied him in part he holds nothing that he could give on: somebody
 * else whom he made would not be denied it.
 */
function holds(viewer: Viewer, { permission, scope }: Grant): boolean {
  if (denialsOf(viewer, permission).length > 0) return false;
  const held = scopesOf(viewer, permission);
  return held.includes("TENANT") || held.includes(scope);
}

/**
 * Rights are looked at when a request comes in, and are at most half a second old then. What somebody hands on stays, so it is handed on under the rights of
 * now: of two, the one who demotes a colleague and the colleague who is just making an accomplice, the one who commits first decides. In the transaction,
 * after `lockRights` where that is taken.
 * @throws Conflict for whom something has changed since
 */
export async function assertRightsOfNow(tx: Tx, { userId, vendorId, operatorId, rightsVersion }: Viewer): Promise<void> {
  // What an operator may is fixed, and handing on rights is no part of it; to people of a vendor the database refuses it.
  if (operatorId !== null || vendorId !== null) return;
  const now = await lockRightsOf(tx, userId);
  if (String(now) !== rightsVersion.split("/")[0]) throw new Conflict("Your own rights have changed in this moment: ask again.");
}

/**
 * Nobody gives what he does not have, to others or to himself: else creating a role and taking it would be a way up.
 * @throws Forbidden naming the first grant that the viewer lacks
 */
export function assertMayGrant(viewer: Viewer, grants: readonly Grant[]): void {
  const lacked = grants.find((grant) => !holds(viewer, grant));
  if (lacked) throw new Forbidden(`You cannot grant ${lacked.permission} in scope ${lacked.scope}: you do not hold it yourself.`);
}

/**
 * `assertMayGrant` for everything that the roles grant, by inheritance too. Definitions trust the names of roles too, also of one that grants nothing: a name
 * that somebody does not have himself he gives only if he may change roles anyway, or he could make himself the one who approves.
 * @throws Forbidden
 */
export async function assertMayGiveRoles(tx: Tx, viewer: Viewer, roleIds: readonly string[]): Promise<void> {
  const grants = await findEffectiveGrantsOfRoles(tx, roleIds);
  assertMayGrant(viewer, [...grants.values()].flat());
  if (reachesAll(viewer, "role.update")) return;
  const lacked = (await findAncestorKeys(tx, roleIds)).find((key) => !viewer.roles.includes(key));
  if (lacked !== undefined)
    throw new Forbidden(`You cannot give the role ${quote(lacked)}: you do not have it yourself, nor role.update in scope TENANT.`);
}

/**
 * Whoever may do less does not change whoever may do more: taking over an administrator's email would be a way up too. What is denied the other counts
 * as his all the same: so nobody lifts a denial from what he does not hold himself.
 * @throws Forbidden
 */
export async function assertNotAbove(
  tx: Tx,
  viewer: Viewer,
  { userId, roleIds }: { userId: string; roleIds: readonly string[] },
): Promise<void> {
  if (userId === viewer.userId) return;
  const grants = await findEffectiveGrantsOfRoles(tx, roleIds);
  const overrides = (await findOverridesOfUsers(tx, [userId])).get(userId) ?? [];
  const lacked = [...[...grants.values()].flat(), ...overrides.filter(({ effect }) => effect === "GRANT")].find(
    (grant) => !holds(viewer, grant),
  );
  if (lacked)
    throw new Forbidden(`You cannot change this user, who holds ${lacked.permission} in scope ${lacked.scope}, which you do not.`);
}

/**
 * Nor does he change what a role grants that has more than he: taking it away would be changing everybody who has the role.
 * @throws Forbidden
 */
export async function assertMayChangeRole(tx: Tx, viewer: Viewer, roleId: string): Promise<void> {
  const grants = (await findEffectiveGrantsOfRoles(tx, [roleId])).get(roleId) ?? [];
  const lacked = grants.find((grant) => !holds(viewer, grant));
  if (lacked)
    throw new Forbidden(
      `You cannot change what this role grants: it has ${lacked.permission} in scope ${lacked.scope}, which you do not hold.`,
    );
}

/**
 * Into a team that he is not in somebody puts others only with team.update: tasks wait for teams. And whoever sees by teams alone puts nobody
 * there at all: neither himself, nor a user whom he has made to look for him.
 * @throws Forbidden
 */
export function assertMayFillTeams(viewer: Viewer, teamIds: readonly string[]): void {
  if (teamIds.every((id) => viewer.teamIds.includes(id))) return;
  if (!hasPermission(viewer, "team.update"))
    throw new Forbidden("You can add people only to teams that you are in: for other teams you need the permission team.update.");
  const byTeam = narrowlyHeld(viewer, reachesThroughTeams);
  if (byTeam !== undefined)
    throw new Forbidden(`You can add people only to teams that you are in: your permission ${byTeam} reaches what your teams have.`);
}

/**
 * Nor does he put somebody there who sees by teams what he does not see himself: else whoever sees by teams alone would make a helper who does not, and be
 * put wherever he likes.
 * @throws Forbidden
 */
export async function assertMayJoin(tx: Tx, viewer: Viewer, { userId, teamId }: { userId: string; teamId: string }): Promise<void> {
  if (viewer.teamIds.includes(teamId)) return;
  const grants = await findGrantsOfUser(tx, userId);
  const everywhere = new Set(grants.filter(({ scope }) => scope === "TENANT").map(({ permission }) => permission));
  const lacked = grants.find(
    ({ permission, scope }) => reachesThroughTeams.includes(scope) && !everywhere.has(permission) && !reachesAll(viewer, permission),
  );
  if (lacked)
    throw new Forbidden(
      `You can add this user only to teams that you are in: he holds ${lacked.permission} in scope ${lacked.scope}, which reaches what teams have, and you do not hold it in scope TENANT.`,
    );
}

/**
 * Whoever sees only what is assigned to him makes nobody who works for a vendor: that one would look for him at what the vendor was given.
 * @throws Forbidden
 */
export function assertMayBindToVendor(viewer: Viewer): void {
  const assigned = narrowlyHeld(viewer, ["ASSIGNED"]);
  if (assigned !== undefined)
    throw new Forbidden(`You cannot make people of a vendor: your permission ${assigned} reaches what is assigned to you, and no more.`);
}

/** A permission that the viewer holds in one of the scopes, and not in the whole tenant. */
const narrowlyHeld = (viewer: Viewer, scopes: readonly Scope[]): string | undefined =>
  Object.keys(viewer.permissions).find((permission) => {
    const held = isPermission(permission) ? scopesOf(viewer, permission) : [];
    return !held.includes("TENANT") && held.some((scope) => scopes.includes(scope));
  });

/** What teams own, and what is assigned to them. */
const reachesThroughTeams: readonly Scope[] = ["TEAM", "ASSIGNED"];

/**
 * Who leaves a team is no longer denied what belongs to it: taking somebody out whom such a denial holds is giving him what it denies. Nobody who is
 * denied it does so, with himself least of all.
 * @throws Forbidden
 */
export async function assertMayTakeFromTeam(tx: Tx, viewer: Viewer, userId: string): Promise<void> {
  const overrides = (await findOverridesOfUsers(tx, [userId])).get(userId) ?? [];
  const lacked = overrides.find(
    (override) => override.effect === "DENY" && reachesThroughTeams.includes(override.scope) && !holds(viewer, override),
  );
  if (lacked)
    throw new Forbidden(
      `You cannot take this user out of a team: there ${lacked.permission} is denied in scope ${lacked.scope}, and you do not hold it yourself.`,
    );
}

/** After a change of rights, in its transaction and under `lockRights`: somebody must be left who can undo it. */
export async function assertAdministratorLeft(tx: Tx): Promise<void> {
  if (await hasAdministrator(tx)) return;
  throw new Conflict(
    "Nobody would be left who can change users and roles in the whole tenant. Give another active user such a role first.",
  );
}
