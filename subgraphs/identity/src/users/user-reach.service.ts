import { Forbidden, isPermission, permissionCatalogue } from "@weft/shared";
import type { Permission, Tx, Viewer } from "@weft/shared";
import { findVisibleUser, reachedBy } from "./user.store.js";

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
