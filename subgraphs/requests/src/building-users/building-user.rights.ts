import { Forbidden } from "@weft/shared/errors";
import { reachesAll, type Viewer } from "@weft/shared/viewer";
import type { Tx } from "@weft/platform/db";
import { buildingGrantsOf } from "@weft/platform/directory";
import { narrowlyHeld } from "@weft/platform/rights";

interface Assignment {
  readonly userIds: readonly string[];
  /** Whether the viewer is assigned to the building. */
  readonly isOwn: boolean;
}

/**
 * Checks that an assignment to a building gives nobody more access than the viewer has. Viewers who are limited to their buildings could otherwise assign
 * themselves to another one, or somebody else who then acts for them.
 * @throws Forbidden
 */
export async function assertMayAssign(tx: Tx, viewer: Viewer, { userIds, isOwn }: Assignment): Promise<void> {
  if (isOwn) return;
  const limited = narrowlyHeld(viewer, ["BUILDING"]);
  if (limited !== undefined)
    throw new Forbidden(`You can only assign users to your own buildings, because your permission ${limited} is limited to them.`);
  const given = (await buildingGrantsOf(tx, userIds)).find(
    ({ effect, permission }) => effect === "GRANT" && !reachesAll(viewer, permission),
  );
  if (given !== undefined)
    throw new Forbidden(
      `You can only assign users to your own buildings if they have ${given.permission} in scope BUILDING, which you do not have in scope TENANT.`,
    );
}

/**
 * Checks that removing users from a building lifts no denial that the viewer could not lift: a denial in scope BUILDING no longer applies to the objects of
 * a building that the user leaves.
 * @throws Forbidden
 */
export async function assertMayRemove(tx: Tx, viewer: Viewer, userIds: readonly string[]): Promise<void> {
  const lifted = (await buildingGrantsOf(tx, userIds)).find(
    ({ effect, permission }) => effect === "DENY" && !reachesAll(viewer, permission),
  );
  if (lifted !== undefined)
    throw new Forbidden(
      `You cannot remove a user from a building to whom ${lifted.permission} is denied in scope BUILDING, because you do not have it in scope TENANT.`,
    );
}
