import { Forbidden, isPermission, permissionCatalogue } from "@weft/shared";
import type { Permission, Tx, Viewer } from "@weft/shared";
import { assertMayBindToVendor, assertMayFillTeams, assertMayGiveRoles } from "../rights/rights.service.js";
import { findTeamIdsOfUser } from "./membership.store.js";
import { findVisibleUser, reachedBy } from "./user.store.js";
import type { UserRow } from "./user.store.js";

/** What is done to users themselves: the permissions whose scope TEAM is about who is in a team. */
const aboutUsers: readonly Permission[] = Object.keys(permissionCatalogue)
  .filter(isPermission)
  .filter((permission) => permission.startsWith("user."));

/** Whether the viewer sees the user at all. */
export const seesUser = async (tx: Tx, viewer: Viewer, userId: string): Promise<boolean> =>
  (await findVisibleUser(tx, viewer, userId, "user.read")) !== null;

/**
 * Changes who is in a team of the viewer's, and takes it back when his own permissions reach the user by it: putting somebody into one's team
 * would be a way to see and to change him, and taking somebody out a way around what is denied within the team.
 * @throws Forbidden naming the permission
 */
export async function assertReachStays(
  tx: Tx,
  viewer: Viewer,
  { userId, teamId }: { userId: string; teamId: string },
  change: () => Promise<void>,
): Promise<void> {
  if (userId === viewer.userId || !viewer.teamIds.includes(teamId)) return change();
  const before = await reachedBy(tx, viewer, userId, aboutUsers);
  await change();
  const gained = (await reachedBy(tx, viewer, userId, aboutUsers)).find((permission) => !before.includes(permission));
  if (gained) throw new Forbidden(`This would let you use ${gained} on the user, which you cannot now: let somebody else change the team.`);
}

/**
 * Whoever reads the mails to an address accepts its invitations: to change the email of somebody else is to give his roles, with the names that definitions
 * trust, his teams and his vendor's work. So only he does it who could have made this user.
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
    throw new Forbidden(`Whoever changes an email decides who is in the user's place. ${error.message}`);
  }
}
