import { vendors as tables } from "@weft/drizzle";
import { among, named, type Tx } from "@weft/platform/db";
import { and, eq } from "drizzle-orm";

const { projectMembers } = tables;

export type MemberRow = typeof projectMembers.$inferSelect;

/** Returns the members of projects that were already checked to be visible, the oldest first. */
export const findMembers = (tx: Tx, projectIds: readonly string[]): Promise<MemberRow[]> =>
  named(
    "findMembers",
    tx
      .select()
      .from(projectMembers)
      .where(among(projectMembers.projectId, projectIds))
      .orderBy(projectMembers.createdAt, projectMembers.userId),
  );

export async function insertMember(tx: Tx, row: typeof projectMembers.$inferInsert): Promise<void> {
  await named("insertMember", tx.insert(projectMembers).values(row));
}

export async function updateMemberRole(tx: Tx, member: MemberRow, role: string): Promise<void> {
  await named("updateMemberRole", tx.update(projectMembers).set({ role }).where(isMember(member)));
}

export async function deleteMember(tx: Tx, member: MemberRow): Promise<void> {
  await named("deleteMember", tx.delete(projectMembers).where(isMember(member)));
}

const isMember = ({ projectId, userId }: MemberRow) => and(eq(projectMembers.projectId, projectId), eq(projectMembers.userId, userId));
