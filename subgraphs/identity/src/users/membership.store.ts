import { identity } from "@weft/drizzle";
import { among, named, type Tx } from "@weft/platform/db";
import { and, eq } from "drizzle-orm";

const { teamMembers, userRoles } = identity;

/** Returns the IDs of a user's roles. */
export async function findRoleIdsOfUser(tx: Tx, userId: string): Promise<string[]> {
  const rows = await named(
    "findRoleIdsOfUser",
    tx.select({ roleId: userRoles.roleId }).from(userRoles).where(eq(userRoles.userId, userId)).orderBy(userRoles.roleId),
  );
  return rows.map((row) => row.roleId);
}

/** Returns the IDs of a user's teams. */
export async function findTeamIdsOfUser(tx: Tx, userId: string): Promise<string[]> {
  const rows = await named(
    "findTeamIdsOfUser",
    tx.select({ teamId: teamMembers.teamId }).from(teamMembers).where(eq(teamMembers.userId, userId)).orderBy(teamMembers.teamId),
  );
  return rows.map((row) => row.teamId);
}

export async function insertUserRoles(
  tx: Tx,
  { tenantId, userId, roleIds }: { tenantId: string; userId: string; roleIds: readonly string[] },
): Promise<void> {
  if (roleIds.length > 0)
    await named("insertUserRoles", tx.insert(userRoles).values(roleIds.map((roleId) => ({ tenantId, userId, roleId }))));
}

export async function deleteUserRoles(tx: Tx, { userId, roleIds }: { userId: string; roleIds: readonly string[] }): Promise<void> {
  if (roleIds.length > 0)
    await named("deleteUserRoles", tx.delete(userRoles).where(and(eq(userRoles.userId, userId), among(userRoles.roleId, roleIds))));
}

export async function insertTeamMemberships(
  tx: Tx,
  { tenantId, userId, teamIds }: { tenantId: string; userId: string; teamIds: readonly string[] },
): Promise<void> {
  if (teamIds.length > 0)
    await named("insertTeamMemberships", tx.insert(teamMembers).values(teamIds.map((teamId) => ({ tenantId, userId, teamId }))));
}
