import { identity } from "@weft/drizzle";
import { named, type Tx } from "@weft/shared";
import { and, eq, gt, isNotNull, isNull, type SQL, sql } from "drizzle-orm";

const { identityProviders, logoutTokens, providerLogins, sessions, userIdentities } = identity;

export type ProviderLogin = typeof providerLogins.$inferSelect;
export type UserIdentity = typeof userIdentities.$inferSelect;

const inSeconds = (seconds: number): SQL => sql`now() + make_interval(secs => ${seconds})`;

export async function insertProviderLogin(
  tx: Tx,
  {
    lifetimeSeconds,
    ...row
  }: Pick<ProviderLogin, "tenantId" | "id" | "providerId" | "redirectUrl" | "codeChallenge" | "applicationState"> & {
    readonly lifetimeSeconds: number;
  },
): Promise<void> {
  await named("insertProviderLogin", tx.insert(providerLogins).values({ ...row, expiresAt: inSeconds(lifetimeSeconds) }));
}

/** Deletes some logins that were never completed, and some whose session has ended: nothing asks for them any more. */
export async function deletePastProviderLogins(tx: Tx): Promise<void> {
  await tx.execute(
    named(
      "deletePastProviderLogins",
      sql`delete from identity.provider_logins where tenant_id = app.tenant() and id in (
        select l.id from identity.provider_logins l
          left join identity.sessions s on s.tenant_id = l.tenant_id and s.id = l.session_id
         where l.tenant_id = app.tenant() and l.expires_at < now() - interval '1 day'
           and (s.id is null or s.revoked_at is not null or s.expires_at < now())
         order by l.expires_at limit 100)`,
    ),
  );
}

/** Only logins with active providers can go on. */
const hasActiveProvider = sql`exists (select from ${identityProviders} where ${identityProviders.tenantId} = ${providerLogins.tenantId}
  and ${identityProviders.id} = ${providerLogins.providerId} and ${identityProviders.status} = 'ACTIVE')`;

/** Marks a login as received from its provider. Returns null if that has already happened, or if it has expired. Of two at the same time, one gets it. */
export async function receiveProviderLogin(tx: Tx, { id, providerId }: { id: string; providerId: string }): Promise<ProviderLogin | null> {
  const [row] = await named(
    "receiveProviderLogin",
    tx
      .update(providerLogins)
      .set({ receivedAt: sql`now()` })
      .where(
        and(
          eq(providerLogins.id, id),
          eq(providerLogins.providerId, providerId),
          isNull(providerLogins.receivedAt),
          gt(providerLogins.expiresAt, sql`now()`),
          hasActiveProvider,
        ),
      )
      .returning(),
  );
  return row ?? null;
}

/** Names the user of a received login. Its code is valid for some seconds from now. */
export async function authorizeProviderLogin(
  tx: Tx,
  { id, userId, providerSession, codeSeconds }: { id: string; userId: string; providerSession: string | null; codeSeconds: number },
): Promise<void> {
  await named(
    "authorizeProviderLogin",
    tx
      .update(providerLogins)
      .set({ userId, providerSession, expiresAt: inSeconds(codeSeconds) })
      .where(eq(providerLogins.id, id)),
  );
}

/** A login whose code can be exchanged by whoever knows the secret behind the challenge. */
const isExchangeable = ({ id, codeChallenge }: { id: string; codeChallenge: string }): SQL | undefined =>
  and(
    eq(providerLogins.id, id),
    eq(providerLogins.codeChallenge, codeChallenge),
    isNotNull(providerLogins.userId),
    isNull(providerLogins.completedAt),
    gt(providerLogins.expiresAt, sql`now()`),
    hasActiveProvider,
  );

/** Returns the user of a login whose code can be exchanged. */
export async function findExchangeableLogin(tx: Tx, which: { id: string; codeChallenge: string }): Promise<{ userId: string } | null> {
  const [row] = await named(
    "findExchangeableLogin",
    tx.select({ userId: providerLogins.userId }).from(providerLogins).where(isExchangeable(which)),
  );
  return row?.userId ? { userId: row.userId } : null;
}

/** Uses the code of a login for a session. Returns whether it could be: of two at the same time, one gets it. */
export async function completeProviderLogin(
  tx: Tx,
  { sessionId, ...which }: { id: string; codeChallenge: string; sessionId: string },
): Promise<boolean> {
  const rows = await named(
    "completeProviderLogin",
    tx
      .update(providerLogins)
      .set({ completedAt: sql`now()`, sessionId })
      .where(isExchangeable(which))
      .returning({ id: providerLogins.id }),
  );
  return rows.length > 0;
}

export async function findUserIdentity(
  tx: Tx,
  { providerId, subject }: { providerId: string; subject: string },
): Promise<UserIdentity | null> {
  const [row] = await named(
    "findUserIdentity",
    tx
      .select()
      .from(userIdentities)
      .where(and(eq(userIdentities.providerId, providerId), eq(userIdentities.subject, subject))),
  );
  return row ?? null;
}

/** Returns whether a user is already linked to an account of the provider. */
export async function isLinked(tx: Tx, { providerId, userId }: { providerId: string; userId: string }): Promise<boolean> {
  const rows = await named(
    "isLinked",
    tx
      .select({ id: userIdentities.id })
      .from(userIdentities)
      .where(and(eq(userIdentities.providerId, providerId), eq(userIdentities.userId, userId))),
  );
  return rows.length > 0;
}

export async function insertUserIdentity(
  tx: Tx,
  row: Pick<UserIdentity, "tenantId" | "id" | "providerId" | "subject" | "userId">,
): Promise<void> {
  await named("insertUserIdentity", tx.insert(userIdentities).values(row));
}

export async function touchUserIdentity(tx: Tx, id: string): Promise<void> {
  await named(
    "touchUserIdentity",
    tx
      .update(userIdentities)
      .set({ lastUsedAt: sql`now()` })
      .where(eq(userIdentities.id, id)),
  );
}

/** Returns the open sessions that a provider has opened: those of its session, or all of one of its users. */
export async function findProviderSessions(
  tx: Tx,
  { providerId, providerSession, subject }: { providerId: string; providerSession: string | null; subject: string | null },
): Promise<{ id: string; userId: string }[]> {
  return named(
    "findProviderSessions",
    tx
      .select({ id: sessions.id, userId: sessions.userId })
      .from(providerLogins)
      .innerJoin(sessions, and(eq(sessions.tenantId, providerLogins.tenantId), eq(sessions.id, providerLogins.sessionId)))
      .innerJoin(
        userIdentities,
        and(
          eq(userIdentities.tenantId, providerLogins.tenantId),
          eq(userIdentities.providerId, providerLogins.providerId),
          eq(userIdentities.userId, providerLogins.userId),
        ),
      )
      .where(
        and(
          eq(providerLogins.providerId, providerId),
          providerSession === null ? undefined : eq(providerLogins.providerSession, providerSession),
          subject === null ? undefined : eq(userIdentities.subject, subject),
          isNull(sessions.revokedAt),
        ),
      ),
  );
}

/** Voids logins of a provider's session, or of one of its users, whose code was not exchanged yet. */
export async function voidProviderLogins(
  tx: Tx,
  { providerId, providerSession, subject }: { providerId: string; providerSession: string | null; subject: string | null },
): Promise<void> {
  const ofSubject = sql`${providerLogins.userId} in (select ${userIdentities.userId} from ${userIdentities}
    where ${userIdentities.providerId} = ${providerId} and ${userIdentities.subject} = ${subject})`;
  await named(
    "voidProviderLogins",
    tx
      .update(providerLogins)
      .set({ expiresAt: sql`least(${providerLogins.expiresAt}, now())` })
      .where(
        and(
          eq(providerLogins.providerId, providerId),
          isNull(providerLogins.completedAt),
          isNotNull(providerLogins.userId),
          providerSession === null ? undefined : eq(providerLogins.providerSession, providerSession),
          subject === null ? undefined : ofSubject,
        ),
      ),
  );
}

/** Remembers a logout token for as long as it is valid. Returns whether it is new. Forgets some that are no longer valid. */
export async function useLogoutToken(
  tx: Tx,
  { lifetimeSeconds, ...row }: { tenantId: string; providerId: string; tokenHash: string; lifetimeSeconds: number },
): Promise<boolean> {
  await tx.execute(
    named(
      "deletePastLogoutTokens",
      sql`delete from identity.logout_tokens where tenant_id = app.tenant() and (provider_id, token_hash) in (
        select provider_id, token_hash from identity.logout_tokens where tenant_id = app.tenant() and expires_at < now() order by expires_at limit 100)`,
    ),
  );
  const rows = await named(
    "useLogoutToken",
    tx
      .insert(logoutTokens)
      .values({ ...row, expiresAt: inSeconds(lifetimeSeconds) })
      .onConflictDoNothing()
      .returning({ tokenHash: logoutTokens.tokenHash }),
  );
  return rows.length > 0;
}
