import { identity } from "@weft/drizzle";
import { named, type Tx } from "@weft/platform/db";
import { and, asc, eq, sql } from "drizzle-orm";

const { identityProviders, sessions, userIdentities, users } = identity;

/** A user's names in Weft, and their account of a provider. */
export interface LinkedNames {
  readonly email: string;
  readonly username: string;
  readonly subject: string;
}

/** Returns null if the user is not linked to an account of the provider. */
export async function findLinkedNames(
  tx: Tx,
  { providerId, issuer, userId }: { readonly providerId: string; readonly issuer: string; readonly userId: string },
): Promise<LinkedNames | null> {
  const [row] = await named(
    "findLinkedNames",
    tx
      .select({ email: users.email, username: users.username, subject: userIdentities.subject })
      .from(users)
      .innerJoin(userIdentities, and(eq(userIdentities.tenantId, users.tenantId), eq(userIdentities.userId, users.id)))
      .where(and(eq(users.id, userId), eq(userIdentities.providerId, providerId), eq(userIdentities.issuer, issuer))),
  );
  return row ?? null;
}

/** An account of an active directory. */
export interface DirectoryAccount {
  /** Of the link. */
  readonly id: string;
  readonly providerId: string;
  readonly issuer: string;
  readonly subject: string;
  /** Whether the directory has opened the session. */
  readonly isOfSession: boolean;
  /** Time since the directory was last known to have the account. */
  readonly unseenSeconds: number;
}

/** Returns the accounts of a user in active directories: first that of the directory that has opened the session, then the oldest. */
export async function findDirectoryAccounts(
  tx: Tx,
  { userId, sessionId }: { readonly userId: string; readonly sessionId: string },
): Promise<DirectoryAccount[]> {
  const isOfSession = sql<boolean>`exists (select from ${sessions} where ${sessions.tenantId} = ${userIdentities.tenantId}
    and ${sessions.id} = ${sessionId}::uuid and ${sessions.providerId} = ${userIdentities.providerId})`;
  const { id, providerId, issuer, subject, lastUsedAt } = userIdentities;
  const unseenSeconds = sql<number>`extract(epoch from now() - ${lastUsedAt})::float8`;
  return named(
    "findDirectoryAccounts",
    tx
      .select({ id, providerId, issuer, subject, isOfSession, unseenSeconds })
      .from(userIdentities)
      .innerJoin(
        identityProviders,
        and(
          eq(identityProviders.tenantId, userIdentities.tenantId),
          eq(identityProviders.id, userIdentities.providerId),
          eq(identityProviders.kind, "LDAP"),
          eq(identityProviders.status, "ACTIVE"),
        ),
      )
      .where(eq(userIdentities.userId, userId))
      .orderBy(sql`${isOfSession} desc`, asc(userIdentities.createdAt), asc(userIdentities.id)),
  );
}
