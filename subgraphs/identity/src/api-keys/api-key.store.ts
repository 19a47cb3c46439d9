import { identity } from "@weft/drizzle";
import { among, amongLocked, named, type Tx } from "@weft/platform/db";
import type { KeysetSlice } from "@weft/api/pages";
import { and, count, eq, getTableColumns, inArray, isNull, not, sql } from "drizzle-orm";
import { alias } from "drizzle-orm/pg-core";
import { originOf } from "../sessions/session-origin.js";
import type { SQL } from "drizzle-orm";

const { apiKeys, users } = identity;

const { secretHash: _secret, previousSecretHash: _previous, remindAt: _remindAt, ...columns } = getTableColumns(apiKeys);

/** ACTIVE | EXPIRED | REVOKED */
export const apiKeyStatus = sql<string>`case when ${apiKeys.revokedAt} is not null then 'REVOKED' when ${apiKeys.expiresAt} <= now() then 'EXPIRED' else 'ACTIVE' end`;

const shown = { ...columns, status: apiKeyStatus };

/** An API key without the hashes of its secrets, which only the gateway reads. */
export type KeyRow = Omit<typeof apiKeys.$inferSelect, "secretHash" | "previousSecretHash" | "remindAt"> & { readonly status: string };

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

/** @param sessionId in which the key is made */
export async function insertApiKey(tx: Tx, values: typeof apiKeys.$inferInsert, sessionId: string): Promise<KeyRow> {
  const inserted = { ...values, providerId: originOf(sessionId), remindAt: reminderOf(values.expiresAt) };
  const [row] = await named("insertApiKey", tx.insert(apiKeys).values(inserted).returning(shown));
  if (!row) throw new Error("The insert of an API key returned no row.");
  return row;
}

export type KeyChanges = Partial<
  Pick<typeof apiKeys.$inferInsert, "name" | "permissions" | "allowedAddresses" | "operationsPerMinute" | "expiresAt">
>;

/** Changes a key that the caller has locked. With another expiry, its reminders begin again. */
export const updateApiKeyRow = (tx: Tx, id: string, changes: KeyChanges): Promise<KeyRow> =>
  change(tx, "updateApiKeyRow", id, {
    ...changes,
    ...(changes.expiresAt !== undefined && { remindAt: reminderOf(changes.expiresAt) }),
  });

/** Days before the expiry of a key on which its owner is told. */
const reminderDays = [14, 1];

/** When the owner of a key is next told of its expiry. Null if it does not expire, or so soon that they know. */
function reminderOf(expiresAt: string | SQL | null | undefined): SQL {
  const at = typeof expiresAt === "string" ? sql`${expiresAt}::timestamptz` : (expiresAt ?? sql`null::timestamptz`);
  const times = reminderDays.map((days) => sql`(${at} - make_interval(days => ${days}))`);
  return sql`case ${sql.join(
    times.map((time) => sql`when ${time} > now() then ${time}`),
    sql` `,
  )} end`;
}

/** A key whose owner must be told that it expires, and who is told. */
export interface ExpiringKey {
  readonly id: string;
  readonly hint: string;
  readonly expiresAt: string;
  /** The owner, or whoever created the key of a service account. Null if they cannot log in any more. */
  readonly personId: string | null;
  readonly email: string | null;
}

/** What a worker has taken. */
export interface TakenKeys {
  /** Keys that are due, including those of which nobody is told any more. */
  readonly count: number;
  readonly expiring: readonly ExpiringKey[];
}

/** Takes keys that are due, longest waiting first, and sets when they are due again. No two workers take the same one. */
export async function takeDueKeys(tx: Tx, limit: number): Promise<TakenKeys> {
  const due = tx
    .select({ id: apiKeys.id })
    .from(apiKeys)
    .where(sql`${apiKeys.remindAt} <= now()`)
    .orderBy(apiKeys.remindAt, apiKeys.id)
    .limit(limit)
    .for("no key update", { skipLocked: true });
  const taken = await named(
    "takeDueKeys",
    tx
      .update(apiKeys)
      .set({ remindAt: reminderOf(sql`${apiKeys.expiresAt}`) })
      .where(amongLocked(apiKeys.id, due))
      .returning({ id: apiKeys.id }),
  );
  if (taken.length === 0) return { count: 0, expiring: [] };
  const people = alias(users, "people");
  const toldId = sql`case when ${users.type} = 'SERVICE' then ${apiKeys.createdBy} else ${apiKeys.userId} end`;
  const expiring = await named(
    "findExpiringKeys",
    tx
      .select({
        id: apiKeys.id,
        hint: apiKeys.hint,
        expiresAt: sql<string>`${apiKeys.expiresAt}`.mapWith(apiKeys.createdAt),
        personId: people.id,
        email: people.email,
      })
      .from(apiKeys)
      .innerJoin(users, and(eq(users.tenantId, apiKeys.tenantId), eq(users.id, apiKeys.userId)))
      .leftJoin(
        people,
        and(
          eq(people.tenantId, apiKeys.tenantId),
          sql`${people.id} = ${toldId}`,
          eq(people.status, "ACTIVE"),
          inArray(people.type, ["EMPLOYEE", "VENDOR"]),
        ),
      )
      .where(
        and(
          among(
            apiKeys.id,
            taken.map(({ id }) => id),
          ),
          eq(apiKeyStatus, "ACTIVE"),
        ),
      )
      .orderBy(apiKeys.expiresAt, apiKeys.id),
  );
  return { count: taken.length, expiring };
}

/** Sets when taken keys are due again because nobody could be told now. A reminder of the next day comes no later. */
export async function postponeReminders(tx: Tx, ids: readonly string[], seconds: number): Promise<void> {
  const again = sql`now() + make_interval(secs => ${seconds}::int)`;
  await named(
    "postponeReminders",
    tx
      .update(apiKeys)
      .set({ remindAt: sql`least(${apiKeys.remindAt}, case when ${again} < ${apiKeys.expiresAt} then ${again} end)` })
      .where(among(apiKeys.id, ids)),
  );
}

/**
 * Replaces the secret of a key that the caller has locked. The replaced one stays valid for the given time; any earlier one ends. Whoever has the session
 * learns the secret, so its provider replaces the one of the session in which the key was made, if it has one.
 */
export function replaceSecret(
  tx: Tx,
  id: string,
  {
    secretHash,
    hint,
    overlapSeconds,
    sessionId,
  }: { readonly secretHash: string; readonly hint: string; readonly overlapSeconds: number; readonly sessionId: string },
): Promise<KeyRow> {
  const previous =
    overlapSeconds === 0
      ? { previousSecretHash: null, previousSecretExpiresAt: null }
      : {
          previousSecretHash: sql`${apiKeys.secretHash}`,
          previousSecretExpiresAt: sql`now() + make_interval(secs => ${overlapSeconds})`,
        };
  const providerId = sql`coalesce(${originOf(sessionId)}, ${apiKeys.providerId})`;
  return change(tx, "replaceApiKeySecret", id, { secretHash, hint, rotatedAt: sql`now()`, providerId, ...previous });
}

const revocation = (revokedBy: string) => ({
  remindAt: null,
  revokedAt: sql`now()`,
  revokedBy,
  previousSecretHash: null,
  previousSecretExpiresAt: null,
});

/** Revokes a key that the caller has locked. */
export const revokeApiKeyRow = (tx: Tx, id: string, revokedBy: string): Promise<KeyRow> =>
  change(tx, "revokeApiKeyRow", id, revocation(revokedBy));

/** Revokes keys that the caller has locked. */
export function revokeKeys(tx: Tx, ids: readonly string[], revokedBy: string): Promise<KeyRow[]> {
  return named(
    "revokeKeys",
    tx
      .update(apiKeys)
      .set({ ...revocation(revokedBy), version: sql`${apiKeys.version} + 1`, updatedAt: sql`now()` })
      .where(among(apiKeys.id, ids))
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

const isOfProvider = (providerId: string): SQL | undefined => and(eq(apiKeys.providerId, providerId), isNull(apiKeys.revokedAt));
const isOfServiceAccount = sql`exists (select from ${users} where ${users.tenantId} = ${apiKeys.tenantId} and ${users.id} = ${apiKeys.userId}
  and ${users.type} = 'SERVICE')`;

/** Locks the keys that are not revoked and that users, or one, have made for themselves in sessions of a provider, always in the same order. */
export function lockKeysOfProvider(
  tx: Tx,
  { providerId, userId }: { readonly providerId: string; readonly userId?: string },
): Promise<KeyRow[]> {
  return named(
    "lockKeysOfProvider",
    tx
      .select(shown)
      .from(apiKeys)
      .where(and(isOfProvider(providerId), not(isOfServiceAccount), userId === undefined ? undefined : eq(apiKeys.userId, userId)))
      .orderBy(apiKeys.id)
      .for("update"),
  );
}

/** Returns the IDs of keys of service accounts that were made in sessions of a provider, oldest first. */
export async function findServiceAccountKeysOfProvider(tx: Tx, providerId: string, max: number): Promise<string[]> {
  const rows = await named(
    "findServiceAccountKeysOfProvider",
    tx
      .select({ id: apiKeys.id })
      .from(apiKeys)
      .where(and(isOfProvider(providerId), isOfServiceAccount))
      .orderBy(apiKeys.id)
      .limit(max),
  );
  return rows.map(({ id }) => id);
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
