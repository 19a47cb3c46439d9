import { Conflict, Forbidden, scopesOf } from "@weft/shared";
import type { Tx, Viewer } from "@weft/shared";
import type { Grant } from "./grant.js";
import { findGrantsOfRoles, hasAdministrator } from "./rights.store.js";

export { findGrantsOfRoles, lockRights, raiseRightsVersion } from "./rights.store.js";

/** Whether the viewer holds a grant: in its scope, or in the whole tenant. */
function holds(viewer: Viewer, { permission, scope }: Grant): boolean {
  const held = scopesOf(viewer, permission);
  return held.includes("TENANT") || held.includes(scope);
}

/**
 * Nobody gives what he does not have, to others or to himself: else creating a role and taking it would be a way up.
 * @throws Forbidden naming the first grant that the viewer lacks
 */
export function assertMayGrant(viewer: Viewer, grants: readonly Grant[]): void {
  const lacked = grants.find((grant) => !holds(viewer, grant));
  if (lacked) throw new Forbidden(`You cannot grant ${lacked.permission} in scope ${lacked.scope}: you do not hold it yourself.`);
}

/** `assertMayGrant` for everything that the roles grant. */
export async function assertMayGiveRoles(tx: Tx, viewer: Viewer, roleIds: readonly string[]): Promise<void> {
  const grants = await findGrantsOfRoles(tx, roleIds);
  assertMayGrant(viewer, [...grants.values()].flat());
}

/**
 * Whoever may do less does not change whoever may do more: taking over an administrator's email would be a way up too.
 * @throws Forbidden
 */
export async function assertNotAbove(
  tx: Tx,
  viewer: Viewer,
  { userId, roleIds }: { userId: string; roleIds: readonly string[] },
): Promise<void> {
  if (userId === viewer.userId) return;
  const grants = await findGrantsOfRoles(tx, roleIds);
  const lacked = [...grants.values()].flat().find((grant) => !holds(viewer, grant));
  if (lacked)
    throw new Forbidden(`You cannot change this user, who holds ${lacked.permission} in scope ${lacked.scope}, which you do not.`);
}

/**
 * Whoever sees by teams alone puts nobody into a team that he is not in: neither himself, nor a user whom he has made to look for him.
 * @throws Forbidden
 */
export function assertMayFillTeams(viewer: Viewer, teamIds: readonly string[]): void {
  if (teamIds.every((id) => viewer.teamIds.includes(id))) return;
  const byTeam = Object.entries(viewer.permissions).find(([, scopes]) => scopes.includes("TEAM") && !scopes.includes("TENANT"));
  if (byTeam)
    throw new Forbidden(`You can add people only to teams that you are in: your permission ${byTeam[0]} reaches what your teams have.`);
}

/** After a change of rights, in its transaction and under `lockRights`: somebody must be left who can undo it. */
export async function assertAdministratorLeft(tx: Tx): Promise<void> {
  if (await hasAdministrator(tx)) return;
  throw new Conflict(
    "Nobody would be left who can change users and roles in the whole tenant. Give another active user such a role first.",
  );
}
