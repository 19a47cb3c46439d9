import { BadUserInput } from "@weft/shared/errors";
import { decodeId, encodeId } from "@weft/shared/ids";
import { writeAudit } from "@weft/platform/audit";
import type { Tx } from "@weft/platform/db";
import { workersAmong } from "@weft/platform/directory";
import { appendEvents } from "@weft/platform/events";
import { assertCurrentRights, lockRights, raiseRightsVersion } from "@weft/platform/rights";
import type { Context } from "@weft/api/context";
import { incrementBuilding } from "../buildings/building.service.js";
import { type Building, toBuilding } from "../buildings/building.type.js";
import type { BuildingUsersInput } from "./building-user.input.js";
import { assertMayAssign, assertMayRemove } from "./building-user.rights.js";
import { deleteBuildingUsers, findBuildingUsers, insertBuildingUsers } from "./building-user.store.js";

const maxPerBuilding = 500;
const maxPerCall = 100;

/**
 * Assigns users to a building, whose objects they then reach by their permissions in scope BUILDING.
 * @throws NotFound, Conflict (another version), Forbidden (more access than the viewer has), BadUserInput (unknown users, too many)
 */
export function assignBuildingUsers(ctx: Context, input: BuildingUsersInput): Promise<Building> {
  return changeUsers(ctx, input, "building.assign_users", async (tx, { buildingId, assigned, userIds }) => {
    const added = userIds.filter((id) => !assigned.includes(id));
    if (assigned.length + added.length > maxPerBuilding)
      throw refused("input.userIds", `At most ${maxPerBuilding} users can be assigned to a building. ${assigned.length} are assigned now.`);
    const known = await workersAmong(tx, added);
    assertAll(
      userIds,
      (id) => assigned.includes(id) || known.has(id),
      (id) => `No active user of the organization with the ID ${id} exists.`,
    );
    await assertMayAssign(tx, ctx.viewer, { userIds: added, isOwn: assigned.includes(ctx.viewer.userId) });
    const { tenantId } = ctx.viewer;
    await insertBuildingUsers(
      tx,
      added.map((userId) => ({ tenantId, buildingId, userId })),
    );
    return added;
  });
}

/** @throws NotFound, Conflict (another version), Forbidden (would lift a denial), BadUserInput (users who are not assigned) */
export function unassignBuildingUsers(ctx: Context, input: BuildingUsersInput): Promise<Building> {
  return changeUsers(ctx, input, "building.remove_users", async (tx, { buildingId, assigned, userIds }) => {
    assertAll(
      userIds,
      (id) => assigned.includes(id),
      (id) => `${id} is not assigned to the building.`,
    );
    await assertMayRemove(tx, ctx.viewer, userIds);
    await deleteBuildingUsers(tx, buildingId, userIds);
    return userIds;
  });
}

/** Audit entries that are hidden from users of a vendor, by the policy of `audit.entries`. */
type UsersAction = "building.assign_users" | "building.remove_users";

interface UsersChange {
  readonly buildingId: string;
  /** UUIDs of the users who are assigned now. */
  readonly assigned: readonly string[];
  /** UUIDs of the users of the input, without duplicates. */
  readonly userIds: readonly string[];
}

/**
 * Runs a change of a building's users as a change of the building: its row stays locked, its version is incremented. It is a change of the users' rights,
 * too: their sockets are closed, and exports that they started end.
 * @param change returns the UUIDs of the users whose assignment changed
 */
async function changeUsers(
  ctx: Context,
  input: BuildingUsersInput,
  action: UsersAction,
  change: (tx: Tx, users: UsersChange) => Promise<readonly string[]>,
): Promise<Building> {
  const buildingId = decodeId("building", input.buildingId, "input.buildingId");
  if (input.userIds.length === 0 || input.userIds.length > maxPerCall)
    throw refused("input.userIds", `Expected 1 to ${maxPerCall} users. The input has ${input.userIds.length}.`);
  const userIds = [...new Set(input.userIds.map((id, index) => decodeId("user", id, `input.userIds.${index}`)))];
  return ctx.inTenant(async (tx) => {
    await lockRights(tx, ctx.viewer.tenantId);
    await assertCurrentRights(tx, ctx.viewer);
    const { expectedVersion } = input;
    const { before, after } = await incrementBuilding(tx, ctx.viewer, { id: buildingId, permission: "building.update", expectedVersion });
    const assigned = await assignedTo(tx, buildingId);
    const changed = await change(tx, { buildingId, assigned, userIds });
    await raiseRightsVersion(tx, changed);
    const version = { subjectVersion: after.version };
    await appendEvents(tx, ctx.meta, [
      { type: "building.updated", subjectId: buildingId, ...version, payload: { changed: ["users"] } },
      ...changed.map((userId) => ({ type: "rights.changed" as const, subjectId: userId, ...version, payload: { userId } })),
    ]);
    const images = { before: { ...before, userIds: assigned }, after: { ...after, userIds: await assignedTo(tx, buildingId) } };
    await writeAudit(tx, ctx.meta, [{ action, entityType: "building", entityId: buildingId, ...images }]);
    return toBuilding(after);
  });
}

const assignedTo = async (tx: Tx, buildingId: string): Promise<string[]> =>
  (await findBuildingUsers(tx, [buildingId])).map(({ userId }) => userId);

/** @throws BadUserInput naming every user for whom the condition is false */
function assertAll(userIds: readonly string[], isFine: (id: string) => boolean, message: (id: string) => string): void {
  const problems = userIds.flatMap((id, index) =>
    isFine(id) ? [] : [{ path: `input.userIds.${index}`, message: message(encodeId("user", id)) }],
  );
  if (problems.length > 0) throw new BadUserInput(problems);
}

const refused = (path: string, message: string): BadUserInput => new BadUserInput([{ path, message }]);
