/** Earlier passwords of users, which a new one must not repeat (`security.passwordHistory`). */
import { newId } from "@weft/shared/ids";
import type { Tx } from "@weft/platform/db";
import { findEarlierHashes, insertEarlierHash, trimHistory } from "./password-history.store.js";
import { findPasswordHash } from "./user.store.js";

/** Returns the hashes of a user's most recent passwords, at most `count`. The first one is the current password's. */
export async function findRecentHashes(tx: Tx, { userId, count }: { userId: string; count: number }): Promise<string[]> {
  if (count < 1) return [];
  const current = await findPasswordHash(tx, userId);
  if (current === null) return [];
  return [current, ...(count === 1 ? [] : await findEarlierHashes(tx, { userId, limit: count - 1 }))];
}

/**
 * Keeps the hash of a user's current password, which is about to be replaced, and deletes those that are no longer among the `count` most recent ones.
 * The caller has locked the user.
 */
export async function keepReplacedPassword(
  tx: Tx,
  { tenantId, id: userId }: { readonly tenantId: string; readonly id: string },
  count: number,
): Promise<void> {
  // Besides the new password, which is one of them.
  const kept = Math.max(0, count - 1);
  const replaced = kept === 0 ? null : await findPasswordHash(tx, userId);
  if (replaced !== null) await insertEarlierHash(tx, { tenantId, userId, id: newId(), passwordHash: replaced });
  await trimHistory(tx, { userId, kept });
}

/** Deletes the hashes of all earlier passwords of a user. */
export const forgetPasswords = (tx: Tx, userId: string): Promise<void> => trimHistory(tx, { userId, kept: 0 });
