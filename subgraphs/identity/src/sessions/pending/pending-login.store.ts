import { identity } from "@weft/drizzle";
import { named, type Tx } from "@weft/platform/db";
import { and, eq, isNull, lt, sql } from "drizzle-orm";

const { pendingLogins } = identity;

export type PendingLoginRow = typeof pendingLogins.$inferSelect;

/** Inserts a pending login, and deletes those of the user that are over. */
export async function insertPendingLogin(
  tx: Tx,
  login: Pick<PendingLoginRow, "tenantId" | "id" | "userId" | "passwordFingerprint" | "nameHash" | "address" | "providerId"> & {
    lifetimeSeconds: number;
  },
): Promise<void> {
  const { lifetimeSeconds, ...row } = login;
  await named(
    "deletePastLogins",
    tx.delete(pendingLogins).where(and(eq(pendingLogins.userId, row.userId), lt(pendingLogins.expiresAt, sql`now()`))),
  );
  await named(
    "insertPendingLogin",
    tx.insert(pendingLogins).values({ ...row, expiresAt: sql`now() + make_interval(secs => ${lifetimeSeconds})` }),
  );
}

/** Deletes the logins whose password a directory has checked. */
export async function deletePendingLoginsOfProvider(tx: Tx, providerId: string): Promise<void> {
  await named("deletePendingLoginsOfProvider", tx.delete(pendingLogins).where(eq(pendingLogins.providerId, providerId)));
}

const isOpen = and(isNull(pendingLogins.usedAt), sql`${pendingLogins.expiresAt} > now()`);

/** Returns a login that can still be completed. Null if it is used, expired, or has had this many attempts. */
export async function findPendingLogin(tx: Tx, id: string, { max }: { max: number }): Promise<PendingLoginRow | null> {
  const [row] = await named(
    "findPendingLogin",
    tx
      .select()
      .from(pendingLogins)
      .where(and(eq(pendingLogins.id, id), isOpen, lt(pendingLogins.attempts, max))),
  );
  return row ?? null;
}

/**
 * Counts an attempt to complete a login, before its result is known, so that concurrent guesses are counted, too.
 * @returns the login, or null if it is used, expired, or has had this many attempts
 */
export async function countAttempt(tx: Tx, id: string, { max }: { max: number }): Promise<PendingLoginRow | null> {
  const [row] = await named(
    "countAttempt",
    tx
      .update(pendingLogins)
      .set({ attempts: sql`${pendingLogins.attempts} + 1` })
      .where(and(eq(pendingLogins.id, id), isOpen, lt(pendingLogins.attempts, max)))
      .returning(),
  );
  return row ?? null;
}

/** Uses a pending login up. Of two concurrent calls the second waits for the first. Returns whether it was still open. */
export async function usePendingLogin(tx: Tx, id: string): Promise<boolean> {
  const rows = await named(
    "usePendingLogin",
    tx
      .update(pendingLogins)
      .set({ usedAt: sql`now()` })
      .where(and(eq(pendingLogins.id, id), isOpen))
      .returning({ id: pendingLogins.id }),
  );
  return rows.length > 0;
}
