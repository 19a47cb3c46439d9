import { identity } from "@weft/drizzle";
import { named } from "@weft/shared";
import type { KeysetSlice, Tx } from "@weft/shared";
import { and, count, eq, getTableColumns, isNull, sql } from "drizzle-orm";
import type { SQL } from "drizzle-orm";

const { apiKeys } = identity;

const { secretHash: _secret, previousSecretHash: _previous, ...columns } = getTableColumns(apiKeys);

/** ACTIVE | EXPIRED | REVOKED */
export const apiKeyStatus = sql<string>`case when ${apiKeys.revokedAt} is not null then 'REVOKED' when ${apiKeys.expiresAt} <= now() then 'EXPIRED' else 'ACTIVE' end`;

const shown = { ...columns, status: apiKeyStatus };

/** An API key without the hashes of its secrets, which only the gateway reads. */
export type KeyRow = Omit<typeof apiKeys.$inferSelect, "secretHash" | "previousSecretHash"> & { readonly status: string };

export async function findApiKey(tx: Tx, id: string): Promise<KeyRow | null> {
  const [row] = await named("findApiKey", tx.select(shown).from(apiKeys).where(eq(apiKeys.id, id)));
  return row ?? null;
}

export async function lockApiKey(tx: Tx, id: string): Promise<KeyRow | null> {
  const [row] = await named("lockApiKey", tx.select(shown).from(apiKeys).where(eq(apiKeys.id, id)).for("update"));
  return row ?? null;
}

export function selectApiKeysSlice(tx: Tx, where: SQL | undefined, { orderBy, limit }: KeysetSlice): Promise<KeyRow[]> {
  return named(
    "selectApiKeysSlice",
    tx
      .select(shown)
      .from(apiKeys)
      .where(where)
      .orderBy(...orderBy)
      .limit(limit),
  );
}

export async function countApiKeys(tx: Tx, where: SQL | undefined): Promise<number> {
  const [row] = await named("countApiKeys", tx.select({ count: count() }).from(apiKeys).where(where));
  return row?.count ?? 0;
}

/** Counts the keys of a user, except those revoked more than a day ago. Otherwise somebody could fill the table by creating and revoking keys. */
export const countKeysOfUser = (tx: Tx, userId: string): Promise<number> =>
  countApiKeys(tx, and(eq(apiKeys.userId, userId), sql`coalesce(${apiKeys.revokedAt} > now() - interval '1 day', true)`));

/** Counts the keys of a user that work. */
export const countLiveKeysOfUser = (tx: Tx, userId: string): Promise<number> =>
  countApiKeys(tx, and(eq(apiKeys.userId, userId), eq(apiKeyStatus, "ACTIVE")));

export async function insertApiKey(tx: Tx, values: typeof apiKeys.$inferInsert): Promise<KeyRow> {
  const [row] = await named("insertApiKey", tx.insert(apiKeys).values(values).returning(shown));
  if (!row) throw new Error("The insert of an API key returned no row.");
  return row;
}

export type KeyChanges = Partial<
  Pick<typeof apiKeys.$inferInsert, "name" | "permissions" | "allowedAddresses" | "operationsPerMinute" | "expiresAt">
>;

/** Changes a key that the caller has locked. */
export const updateApiKeyRow = (tx: Tx, id: string, changes: KeyChanges): Promise<KeyRow> => change(tx, "updateApiKeyRow", id, changes);

/** Replaces the secret of a key that the caller has locked. The replaced one stays valid for the given time; any earlier one ends. */
export function replaceSecret(
  tx: Tx,
  id: string,
  { secretHash, hint, overlapSeconds }: { readonly secretHash: string; readonly hint: string; readonly overlapSeconds: number },
): Promise<KeyRow> {
  const previous =
    overlapSeconds === 0
      ? { previousSecretHash: null, previousSecretExpiresAt: null }
      : {
          previousSecretHash: sql`${apiKeys.secretHash}`,
          previousSecretExpiresAt: sql`now() + make_interval(secs => ${overlapSeconds})`,
        };
  return change(tx, "replaceApiKeySecret", id, { secretHash, hint, rotatedAt: sql`now()`, ...previous });
}

const revocation = (revokedBy: string) => ({
  revokedAt: sql`now()`,
  revokedBy,
  previousSecretHash: null,
  previousSecretExpiresAt: null,
});

/** Revokes a key that the caller has locked. */
export const revokeApiKeyRow = (tx: Tx, id: string, revokedBy: string): Promise<KeyRow> =>
  change(tx, "revokeApiKeyRow", id, revocation(revokedBy));

/** Revokes all keys of a user, which the caller has locked. */
export function revokeKeysOfUser(tx: Tx, userId: string, revokedBy: string): Promise<KeyRow[]> {
  return named(
    "revokeKeysOfUser",
    tx
      .update(apiKeys)
      .set({ ...revocation(revokedBy), version: sql`${apiKeys.version} + 1`, updatedAt: sql`now()` })
      .where(and(eq(apiKeys.userId, userId), isNull(apiKeys.revokedAt)))
      .returning(shown),
  );
}

/** Locks the keys of a user that are not revoked, always in the same order. */
export function lockKeysOfUser(tx: Tx, userId: string): Promise<KeyRow[]> {
  return named(
    "lockKeysOfUser",
    tx
      .select(shown)
      .from(apiKeys)
      .where(and(eq(apiKeys.userId, userId), isNull(apiKeys.revokedAt)))
      .orderBy(apiKeys.id)
      .for("update"),
  );
}

type Changes = { readonly [Column in keyof typeof apiKeys.$inferInsert]?: (typeof apiKeys.$inferInsert)[Column] | SQL };

async function change(tx: Tx, statement: string, id: string, changes: Changes): Promise<KeyRow> {
  const [row] = await named(
    statement,
    tx
      .update(apiKeys)
      .set({ ...changes, version: sql`${apiKeys.version} + 1`, updatedAt: sql`now()` })
      .where(eq(apiKeys.id, id))
      .returning(shown),
  );
  if (!row) throw new Error("A locked API key could not be changed.");
  return row;
}
