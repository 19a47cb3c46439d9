import { identity, requests as tables } from "@weft/drizzle";
import { among, named, type Tx } from "@weft/platform/db";
import { and, eq, isNull } from "drizzle-orm";

const { buildingContacts } = tables;
const { teams, users } = identity;

export type ContactRow = typeof buildingContacts.$inferSelect;

/** Returns the contacts of buildings that were already checked to be visible, the oldest first. */
export const findContacts = (tx: Tx, buildingIds: readonly string[]): Promise<ContactRow[]> =>
  named(
    "findContacts",
    tx
      .select()
      .from(buildingContacts)
      .where(among(buildingContacts.buildingId, buildingIds))
      .orderBy(buildingContacts.createdAt, buildingContacts.id),
  );

export async function insertContact(tx: Tx, row: typeof buildingContacts.$inferInsert): Promise<void> {
  await named("insertContact", tx.insert(buildingContacts).values(row));
}

export async function updateContactRole(tx: Tx, id: string, role: string): Promise<void> {
  await named("updateContactRole", tx.update(buildingContacts).set({ role }).where(eq(buildingContacts.id, id)));
}

export async function deleteContact(tx: Tx, id: string): Promise<void> {
  await named("deleteContact", tx.delete(buildingContacts).where(eq(buildingContacts.id, id)));
}

/** Returns whether the user or the team exists. */
export async function isKnown(tx: Tx, { userId, teamId }: Pick<ContactRow, "userId" | "teamId">): Promise<boolean> {
  const user = tx
    .select({ id: users.id })
    .from(users)
    .where(among(users.id, userId === null ? [] : [userId]));
  const team = tx
    .select({ id: teams.id })
    .from(teams)
    .where(and(among(teams.id, teamId === null ? [] : [teamId]), isNull(teams.deletedAt)));
  return (await named("isKnown", user.unionAll(team))).length > 0;
}
