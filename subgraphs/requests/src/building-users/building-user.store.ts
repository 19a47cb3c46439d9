import { requests as tables } from "@weft/drizzle";
import { among, named, type Tx } from "@weft/platform/db";
import { and, eq } from "drizzle-orm";

const { buildingUsers } = tables;

export type BuildingUserRow = typeof buildingUsers.$inferSelect;

/** Returns the users assigned to buildings that were already checked to be visible, the oldest assignment first. */
export const findBuildingUsers = (tx: Tx, buildingIds: readonly string[]): Promise<BuildingUserRow[]> =>
  named(
    "findBuildingUsers",
    tx
      .select()
      .from(buildingUsers)
      .where(among(buildingUsers.buildingId, buildingIds))
      .orderBy(buildingUsers.createdAt, buildingUsers.userId),
  );

export async function insertBuildingUsers(tx: Tx, rows: readonly (typeof buildingUsers.$inferInsert)[]): Promise<void> {
  if (rows.length > 0) await named("insertBuildingUsers", tx.insert(buildingUsers).values([...rows]));
}

export async function deleteBuildingUsers(tx: Tx, buildingId: string, userIds: readonly string[]): Promise<void> {
  await named(
    "deleteBuildingUsers",
    tx.delete(buildingUsers).where(and(eq(buildingUsers.buildingId, buildingId), among(buildingUsers.userId, userIds))),
  );
}
