import { identity } from "@weft/drizzle";
import { named, type Tx } from "@weft/platform/db";
import { and, desc, eq, sql } from "drizzle-orm";

const { passwordHistory } = identity;

/** Returns hashes of a user's earlier passwords, the newest first. */
export async function findEarlierHashes(tx: Tx, { userId, limit }: { userId: string; limit: number }): Promise<string[]> {
  const rows = await named(
    "findEarlierHashes",
    tx
      .select({ passwordHash: passwordHistory.passwordHash })
      .from(passwordHistory)
      .where(eq(passwordHistory.userId, userId))
      .orderBy(desc(passwordHistory.createdAt), desc(passwordHistory.id))
      .limit(limit),
  );
  return rows.map(({ passwordHash }) => passwordHash);
}

export async function insertEarlierHash(
  tx: Tx,
  row: { tenantId: string; userId: string; id: string; passwordHash: string },
): Promise<void> {
  await named("insertEarlierHash", tx.insert(passwordHistory).values(row));
}

/** Deletes all but the newest hashes of a user. */
export async function trimHistory(tx: Tx, { userId, kept }: { userId: string; kept: number }): Promise<void> {
  const newest = tx
    .select({ id: passwordHistory.id })
    .from(passwordHistory)
    .where(eq(passwordHistory.userId, userId))
    .orderBy(desc(passwordHistory.createdAt), desc(passwordHistory.id))
    .limit(kept);
  await named(
    "trimHistory",
    tx.delete(passwordHistory).where(and(eq(passwordHistory.userId, userId), sql`${passwordHistory.id} not in (${newest})`)),
  );
}
