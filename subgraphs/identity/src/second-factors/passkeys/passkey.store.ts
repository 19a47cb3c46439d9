import { identity } from "@weft/drizzle";
import { mapDatabaseError, named, type Tx } from "@weft/platform/db";
import { and, asc, eq, gt, lt, or, sql } from "drizzle-orm";
import { originOf } from "../../sessions/session-origin.js";

const { passkeys, sessions, tenants, usedChallenges, users } = identity;

export type PasskeyRow = typeof passkeys.$inferSelect;

/** The authenticator is already registered in the tenant, for this user or another. */
export class CredentialTaken extends Error {}

/** Returns a user's passkeys, oldest first. */
export function findPasskeysOfUser(tx: Tx, userId: string): Promise<PasskeyRow[]> {
  return named(
    "findPasskeysOfUser",
    tx.select().from(passkeys).where(eq(passkeys.userId, userId)).orderBy(asc(passkeys.createdAt), asc(passkeys.id)),
  );
}

/** Returns the user's passkey with this ID of the authenticator. Null if it is another user's, or was removed. */
export async function findCredential(
  tx: Tx,
  { userId, credentialId }: { userId: string; credentialId: string },
): Promise<PasskeyRow | null> {
  const [row] = await named(
    "findCredential",
    tx
      .select()
      .from(passkeys)
      .where(and(eq(passkeys.credentialId, credentialId), eq(passkeys.userId, userId))),
  );
  return row ?? null;
}

/** The tenant and the user of a passkey at a login. */
export interface PasskeyCandidate {
  readonly slug: string;
  readonly tenantStatus: string;
}

/** Returns the tenant of a user's passkey. Null if there is no such passkey of this user. */
export async function findPasskeyCandidate(
  tx: Tx,
  { userId, credentialId }: { userId: string; credentialId: string },
): Promise<PasskeyCandidate | null> {
  const [row] = await named(
    "findPasskeyCandidate",
    tx
      .select({ slug: tenants.slug, tenantStatus: tenants.status })
      .from(passkeys)
      .innerJoin(users, and(eq(users.tenantId, passkeys.tenantId), eq(users.id, passkeys.userId)))
      .innerJoin(tenants, eq(tenants.tenantId, passkeys.tenantId))
      .where(and(eq(passkeys.credentialId, credentialId), eq(passkeys.userId, userId))),
  );
  return row ?? null;
}

/** @param sessionId in which it is registered @throws CredentialTaken */
export async function insertPasskey(
  tx: Tx,
  row: Omit<PasskeyRow, "createdAt" | "lastUsedAt" | "providerId">,
  sessionId: string,
): Promise<PasskeyRow> {
  const values = { ...row, providerId: originOf(sessionId) };
  const [inserted] = await named("insertPasskey", tx.insert(passkeys).values(values).returning()).catch((error: unknown) => {
    throw mapDatabaseError(error, { passkeys_credential_key: () => new CredentialTaken() });
  });
  if (!inserted) throw new Error("The insert of a passkey returned no row.");
  return inserted;
}

/** Renames a user's passkey. Returns null if the user has none with this ID. */
export async function renamePasskey(
  tx: Tx,
  { id, userId, name }: { id: string; userId: string; name: string },
): Promise<PasskeyRow | null> {
  const [row] = await named(
    "renamePasskey",
    tx
      .update(passkeys)
      .set({ name })
      .where(and(eq(passkeys.id, id), eq(passkeys.userId, userId)))
      .returning(),
  );
  return row ?? null;
}

export async function deletePasskey(tx: Tx, { id, userId }: { id: string; userId: string }): Promise<void> {
  await named("deletePasskey", tx.delete(passkeys).where(and(eq(passkeys.id, id), eq(passkeys.userId, userId))));
}

/**
 * Locks users with passkeys, or open sessions in which they could register some, that an identity provider has given them. Always in the same order.
 * Returns their IDs.
 */
export async function lockUsersOfProvider(tx: Tx, providerId: string): Promise<string[]> {
  const withPasskey = sql`select ${passkeys.userId} from ${passkeys} where ${passkeys.tenantId} = app.tenant() and ${passkeys.providerId} = ${providerId}::uuid`;
  const withSession = sql`select ${sessions.userId} from ${sessions} where ${sessions.tenantId} = app.tenant() and ${sessions.revokedAt} is null
    and (${sessions.providerId} = ${providerId}::uuid or ${sessions.passkeyProviderId} = ${providerId}::uuid)`;
  const rows = await named(
    "lockUsersOfProvider",
    tx
      .select({ id: users.id })
      .from(users)
      .where(sql`${users.id} in (${withPasskey} union ${withSession})`)
      .orderBy(users.id)
      .for("update"),
  );
  return rows.map(({ id }) => id);
}

/** Deletes passkeys that were registered in sessions of an identity provider: a user's, or all. Returns their users, each once. */
export async function deletePasskeysOfProvider(
  tx: Tx,
  { providerId, userId }: { readonly providerId: string; readonly userId?: string },
): Promise<string[]> {
  const ofUser = userId === undefined ? undefined : eq(passkeys.userId, userId);
  const removed = tx
    .delete(passkeys)
    .where(and(eq(passkeys.providerId, providerId), ofUser))
    .returning({ userId: passkeys.userId });
  return [...new Set((await named("deletePasskeysOfProvider", removed)).map((row) => row.userId))];
}

/** Returns whether there were any. */
export async function deletePasskeysOfUser(tx: Tx, userId: string): Promise<boolean> {
  const rows = await named("deletePasskeysOfUser", tx.delete(passkeys).where(eq(passkeys.userId, userId)).returning({ id: passkeys.id }));
  return rows.length > 0;
}

/**
 * Records a use with its signature counter, which must have grown. Authenticators that do not count send 0 each time. Of two concurrent uses with the
 * same counter, the second waits for the first and fails.
 * @returns false if the counter has not grown, or the passkey was removed
 */
export async function recordPasskeyUse(
  tx: Tx,
  { id, signCount, isBackedUp }: { id: string; signCount: number; isBackedUp: boolean },
): Promise<boolean> {
  const neverCounts = signCount === 0 ? eq(passkeys.signCount, 0) : undefined;
  const rows = await named(
    "recordPasskeyUse",
    tx
      .update(passkeys)
      .set({ signCount, isBackedUp, lastUsedAt: sql`now()` })
      .where(and(eq(passkeys.id, id), or(lt(passkeys.signCount, signCount), neverCounts)))
      .returning({ id: passkeys.id }),
  );
  return rows.length > 0;
}

/**
 * Uses a challenge up, and deletes those of the user that have expired. Of two concurrent uses the second waits for the first.
 * @returns whether it was unused
 */
export async function useChallenge(
  tx: Tx,
  { expiresAtSeconds, ...row }: { tenantId: string; userId: string; challengeHash: string; expiresAtSeconds: number },
): Promise<boolean> {
  // An hour later, because the clocks of the processes and of the database differ.
  await named(
    "deletePastChallenges",
    tx
      .delete(usedChallenges)
      .where(and(eq(usedChallenges.userId, row.userId), gt(sql`now() - interval '1 hour'`, usedChallenges.expiresAt))),
  );
  const rows = await named(
    "useChallenge",
    tx
      .insert(usedChallenges)
      .values({ ...row, expiresAt: sql`to_timestamp(${expiresAtSeconds}::bigint)` })
      .onConflictDoNothing()
      .returning({ challengeHash: usedChallenges.challengeHash }),
  );
  return rows.length > 0;
}
