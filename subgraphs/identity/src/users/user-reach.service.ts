import { Forbidden } from "@weft/shared/errors";
import { isPermission, type Permission, permissionCatalog, type Viewer } from "@weft/shared/viewer";
import type { Tx } from "@weft/platform/db";
import { assertMayBindToVendor, assertMayFillTeams, assertMayGiveRoles } from "../rights/rights.service.js";
import { findTeamIdsOfUser } from "./membership.store.js";
import { findVisibleUser, reachedBy } from "./user.store.js";
import type { UserRow } from "./user.store.js";

/** Permissions on users themselves, whose scope TEAM depends on team membership. */
const aboutUsers: readonly Permission[] = Object.keys(permissionCatalog)
  .filter(isPermission)
  .filter((permission) => permission.startsWith("user."));

/** Returns whether the viewer can see the user. */
export const seesUser = async (tx: Tx, viewer: Viewer, userId: string): Promise<boolean> =>
  (await findVisibleUser(tx, viewer, userId, "user.read")) !== null;

/**
 * Changes the members of a team. Fails if the viewer's own permissions would reach one of the users because of the change: adding users to one's own team
 * would be a way to see and change them, and removing them a way around denials within the team.
 * @throws Forbidden naming the permission
 */
export async function assertReachStays(
  tx: Tx,
  viewer: Viewer,
  { userIds, teamId }: { readonly userIds: readonly string[]; readonly teamId: string },
  change: () => Promise<void>,
): Promise<void> {
  const others = userIds.filter((id) => id !== viewer.userId);
  if (others.length === 0 || !viewer.teamIds.includes(teamId)) return change();
  const before = await reachedBy(tx, viewer, others, aboutUsers);
  await change();
  const after = await reachedBy(tx, viewer, others, aboutUsers);
  const gained = [...after].flatMap(([id, reached]) => reached.filter((permission) => !before.get(id)?.includes(permission)))[0];
  if (gained)
    throw new Forbidden(
      `This change would allow you to use ${gained} on the user, which you currently cannot. Ask somebody else to change the team.`,
    );
}

/**
 * Checks that the viewer can change the email address of a user. Whoever receives email at an address can accept its invitations, so changing it
 * gives away the user's roles, including role names in definitions, teams and vendor. The viewer must therefore be able to create such a user.
 * @throws Forbidden
 */
export async function assertMayReaddress(
  tx: Tx,
  viewer: Viewer,
  { user, roleIds }: { user: Pick<UserRow, "id" | "vendorId">; roleIds: readonly string[] },
): Promise<void> {
  if (user.id === viewer.userId) return;
  try {
    if (user.vendorId !== null) assertMayBindToVendor(viewer);
    await assertMayGiveRoles(tx, viewer, roleIds);
    assertMayFillTeams(viewer, await findTeamIdsOfUser(tx, user.id));
  } catch (error) {
    if (!(error instanceof Forbidden)) throw error;
    throw new Forbidden(`Changing an email address gives control over the user's login. ${error.message}`);
  }
}
