import { identity } from "@weft/drizzle";
import { named, type Tx } from "@weft/platform/db";
import { and, asc, eq, ne, type SQL } from "drizzle-orm";

const { identityProviders, userIdentities, users } = identity;

const columns = {
  id: userIdentities.id,
  userId: userIdentities.userId,
  providerId: userIdentities.providerId,
  providerName: identityProviders.name,
  issuer: userIdentities.issuer,
  subject: userIdentities.subject,
  createdAt: userIdentities.createdAt,
  lastUsedAt: userIdentities.lastUsedAt,
};

/** An account of an identity provider with which a user can log in. */
export interface UserIdentityRow {
  readonly id: string;
  readonly userId: string;
  readonly providerId: string;
  readonly providerName: string;
  readonly issuer: string;
  readonly subject: string;
  readonly createdAt: string;
  readonly lastUsedAt: string;
}

const providerOfIdentity = and(
  eq(identityProviders.tenantId, userIdentities.tenantId),
  eq(identityProviders.id, userIdentities.providerId),
);

/** Finds the accounts of users, oldest first. A user to whom `where` does not apply has no entry. */
export async function findIdentitiesOfUsers(tx: Tx, where: SQL): Promise<Map<string, UserIdentityRow[]>> {
  const rows = await named(
    "findIdentitiesOfUsers",
    tx
      .select({ ofUser: users.id, ...columns })
      .from(users)
      .leftJoin(userIdentities, and(eq(userIdentities.tenantId, users.tenantId), eq(userIdentities.userId, users.id)))
      .leftJoin(identityProviders, providerOfIdentity)
      .where(where)
      .orderBy(asc(userIdentities.createdAt), asc(userIdentities.id)),
  );
  const byUser = new Map<string, UserIdentityRow[]>();
  for (const { ofUser, ...row } of rows) {
    const list = byUser.get(ofUser) ?? [];
    byUser.set(ofUser, list);
    // All columns are null for a user without accounts.
    if (row.id !== null) list.push(row as UserIdentityRow);
  }
  return byUser;
}

/** Returns an account of a user, or null if it is not one of this user. */
export async function findIdentity(
  tx: Tx,
  { id, userId }: { readonly id: string; readonly userId: string },
): Promise<UserIdentityRow | null> {
  const [row] = await named(
    "findIdentity",
    tx
      .select(columns)
      .from(userIdentities)
      .innerJoin(identityProviders, providerOfIdentity)
      .where(and(eq(userIdentities.id, id), eq(userIdentities.userId, userId))),
  );
  return row ?? null;
}

/** Returns whether a user has another account, of a provider with which users can log in now. */
export async function hasOtherIdentity(tx: Tx, { id, userId }: { readonly id: string; readonly userId: string }): Promise<boolean> {
  const rows = await named(
    "hasOtherIdentity",
    tx
      .select({ id: userIdentities.id })
      .from(userIdentities)
      .innerJoin(identityProviders, and(providerOfIdentity, eq(identityProviders.status, "ACTIVE")))
      .where(and(eq(userIdentities.userId, userId), ne(userIdentities.id, id)))
      .limit(1),
  );
  return rows.length > 0;
}

/** Counts the accounts of a user, of all providers. */
export const countIdentities = (tx: Tx, userId: string): Promise<number> => tx.$count(userIdentities, eq(userIdentities.userId, userId));

export async function deleteIdentity(tx: Tx, id: string): Promise<void> {
  await named("deleteIdentity", tx.delete(userIdentities).where(eq(userIdentities.id, id)));
}
