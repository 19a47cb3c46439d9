import { identity } from "@weft/drizzle";
import { named, type Tx } from "@weft/platform/db";
import { and, type AnyColumn, eq, gt, isNotNull, isNull, or, type SQL, sql } from "drizzle-orm";

const { identityProviders, logoutTokens, providerLogins, sessions, tenants, userIdentities } = identity;

export type ProviderLogin = typeof providerLogins.$inferSelect;
export type UserIdentity = typeof userIdentities.$inferSelect;

const inSeconds = (seconds: number): SQL => sql`now() + make_interval(secs => ${seconds})`;

export async function insertProviderLogin(
  tx: Tx,
  {
    lifetimeSeconds,
    ...row
  }: Pick<
    ProviderLogin,
    "tenantId" | "id" | "providerId" | "issuer" | "redirectUrl" | "codeChallenge" | "applicationState" | "isReauthentication"
  > & {
    readonly lifetimeSeconds: number;
  },
): Promise<void> {
  await named("insertProviderLogin", tx.insert(providerLogins).values({ ...row, expiresAt: inSeconds(lifetimeSeconds) }));
}

/** Deletes some logins that have expired. Two logins that begin at the same time delete different ones. */
export async function deletePastProviderLogins(tx: Tx): Promise<void> {
  await tx.execute(
    named(
      "deletePastProviderLogins",
      sql`delete from identity.provider_logins where tenant_id = app.tenant() and id = any(array(
        select id from identity.provider_logins where tenant_id = app.tenant() and expires_at < now()
         order by expires_at limit 100 for update skip locked))`,
    ),
  );
}

/** Only logins with active providers can go on, and only with the issuer with which they began, as `issuerOf` names it. */
const hasActiveProvider = sql`exists (select from ${identityProviders} where ${identityProviders.tenantId} = ${providerLogins.tenantId}
  and ${identityProviders.id} = ${providerLogins.providerId} and ${identityProviders.status} = 'ACTIVE'
  and (${identityProviders.configuration} ->> 'issuer') || coalesce(chr(10) || (${identityProviders.configuration} ->> 'subjectAttribute'), '')
    = ${providerLogins.issuer})`;

const isOfKind = (kind: "OIDC" | "SAML"): SQL => sql`exists (select from ${identityProviders}
  where ${identityProviders.tenantId} = ${providerLogins.tenantId} and ${identityProviders.id} = ${providerLogins.providerId}
    and ${identityProviders.kind} = ${kind})`;

/** Marks a login as received from its provider. Returns null if that has already happened, or if it has expired. Of two at the same time, one gets it. */
export async function receiveProviderLogin(
  tx: Tx,
  { id, providerId, kind }: { id: string; providerId: string; kind: "OIDC" | "SAML" },
): Promise<ProviderLogin | null> {
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
          isOfKind(kind),
        ),
      )
      .returning(),
  );
  return row ?? null;
}

/** Keeps what the provider of a received login says about the user. The browser has some seconds to show itself. */
export async function keepAccount(
  tx: Tx,
  { id, account, answerSeconds }: { id: string; account: string; answerSeconds: number },
): Promise<void> {
  await named(
    "keepAccount",
    tx
      .update(providerLogins)
      .set({ account, expiresAt: inSeconds(answerSeconds) })
      .where(eq(providerLogins.id, id)),
  );
}

interface AnsweredKey {
  readonly id: string;
  readonly providerId: string;
}

const isAnswered = ({ id, providerId }: AnsweredKey): SQL | undefined =>
  and(
    eq(providerLogins.id, id),
    eq(providerLogins.providerId, providerId),
    or(isNotNull(providerLogins.account), isNotNull(providerLogins.userId)),
    gt(providerLogins.expiresAt, sql`now()`),
    hasActiveProvider,
    isOfKind("SAML"),
  );

/**
 * Returns a login whose provider, of the kind SAML, has answered: either its account is kept, or its user is named already, and its code can be exchanged.
 */
export async function findAnsweredLogin(tx: Tx, which: AnsweredKey): Promise<ProviderLogin | null> {
  const [row] = await named("findAnsweredLogin", tx.select().from(providerLogins).where(isAnswered(which)));
  return row ?? null;
}

/** The same, and nobody else can name its user until commit. Lock the rights first: whoever deletes the provider locks them before the login. */
export async function lockAnsweredLogin(tx: Tx, which: AnsweredKey): Promise<ProviderLogin | null> {
  const [row] = await named("lockAnsweredLogin", tx.select().from(providerLogins).where(isAnswered(which)).for("update"));
  return row ?? null;
}

/** Erases the account of a login, which goes on no further. */
export async function eraseKeptAccount(tx: Tx, id: string): Promise<void> {
  await named("eraseKeptAccount", tx.update(providerLogins).set({ account: null }).where(eq(providerLogins.id, id)));
}

/** Names the user of a received login, and erases the account that was kept, if there is one. Its code is valid for some seconds from now. */
export async function authorizeProviderLogin(
  tx: Tx,
  { id, userId, providerSession, codeSeconds }: { id: string; userId: string; providerSession: string | null; codeSeconds: number },
): Promise<void> {
  await named(
    "authorizeProviderLogin",
    tx
      .update(providerLogins)
      .set({ userId, account: null, providerSession, expiresAt: inSeconds(codeSeconds) })
      .where(eq(providerLogins.id, id)),
  );
}

/** Only while the user is linked to an account of the provider: a link that is removed takes the logins with it that are under way. */
const isLinkedLogin = sql`exists (select from ${userIdentities} where ${userIdentities.tenantId} = ${providerLogins.tenantId}
  and ${userIdentities.providerId} = ${providerLogins.providerId} and ${userIdentities.issuer} = ${providerLogins.issuer}
  and ${userIdentities.userId} = ${providerLogins.userId})`;

const hasActiveTenant = sql`exists (select from ${tenants} where ${tenants.tenantId} = ${providerLogins.tenantId} and ${tenants.status} = 'ACTIVE')`;

/** What identifies a login: its ID, and the challenge whose secret its application knows. */
interface LoginKey {
  readonly id: string;
  readonly codeChallenge: string;
}

/** A login whose code can be exchanged by whoever knows the secret behind the challenge: for a session, or for the renewal of one. */
const isExchangeable = ({ id, codeChallenge }: LoginKey, isReauthentication = false): SQL | undefined =>
  and(
    eq(providerLogins.id, id),
    eq(providerLogins.codeChallenge, codeChallenge),
    eq(providerLogins.isReauthentication, isReauthentication),
    isNotNull(providerLogins.userId),
    gt(providerLogins.expiresAt, sql`now()`),
    hasActiveProvider,
    isLinkedLogin,
    hasActiveTenant,
  );

/** What the session of a login needs. */
export interface ExchangeableLogin {
  readonly userId: string;
  readonly providerId: string;
  readonly providerSession: string | null;
}

/** Returns a login whose code can be exchanged. */
export async function findExchangeableLogin(tx: Tx, which: LoginKey): Promise<ExchangeableLogin | null> {
  const { userId, providerId, providerSession } = providerLogins;
  const [row] = await named(
    "findExchangeableLogin",
    tx.select({ userId, providerId, providerSession }).from(providerLogins).where(isExchangeable(which)),
  );
  return row?.userId ? { ...row, userId: row.userId } : null;
}

/** Uses up a login, whose session is opened now. Returns whether it could be: of two at the same time, one gets it. */
export async function useProviderLogin(tx: Tx, which: LoginKey): Promise<boolean> {
  const used = tx.delete(providerLogins).where(isExchangeable(which)).returning({ id: providerLogins.id });
  return (await named("useProviderLogin", used)).length > 0;
}

/** Uses up a login that proves again who a user is. Returns its provider, or null if it cannot be used: of two at the same time, one gets it. */
export async function useReauthentication(tx: Tx, { userId, ...key }: LoginKey & { readonly userId: string }): Promise<string | null> {
  const used = tx
    .delete(providerLogins)
    .where(and(isExchangeable(key, true), eq(providerLogins.userId, userId)))
    .returning({ providerId: providerLogins.providerId });
  const [row] = await named("useReauthentication", used);
  return row?.providerId ?? null;
}

/** An account of a provider. Subjects are unique only within an issuer. */
export interface Account {
  readonly providerId: string;
  readonly issuer: string;
  readonly subject: string;
}

export async function findUserIdentity(tx: Tx, { providerId, issuer, subject }: Account): Promise<UserIdentity | null> {
  const { providerId: provider, issuer: issuedBy, subject: name } = userIdentities;
  const [row] = await named(
    "findUserIdentity",
    tx
      .select()
      .from(userIdentities)
      .where(and(eq(provider, providerId), eq(issuedBy, issuer), eq(name, subject))),
  );
  return row ?? null;
}

/** Returns whether a user is already linked to an account of the provider's issuer. */
export async function isLinked(
  tx: Tx,
  { providerId, issuer, userId }: Omit<Account, "subject"> & { readonly userId: string },
): Promise<boolean> {
  const rows = await named(
    "isLinked",
    tx
      .select({ id: userIdentities.id })
      .from(userIdentities)
      .where(and(eq(userIdentities.providerId, providerId), eq(userIdentities.issuer, issuer), eq(userIdentities.userId, userId))),
  );
  return rows.length > 0;
}

export async function insertUserIdentity(
  tx: Tx,
  row: Pick<UserIdentity, "tenantId" | "id" | "providerId" | "issuer" | "subject" | "userId">,
): Promise<void> {
  await named("insertUserIdentity", tx.insert(userIdentities).values(row));
}

/** Removes all links of a user, with the logins that are under way. Returns the providers of the links. */
export async function deleteUserIdentities(tx: Tx, userId: string): Promise<string[]> {
  await named("deleteProviderLoginsOfUser", tx.delete(providerLogins).where(eq(providerLogins.userId, userId)));
  const removed = tx.delete(userIdentities).where(eq(userIdentities.userId, userId)).returning({ providerId: userIdentities.providerId });
  return (await named("deleteUserIdentities", removed)).map(({ providerId }) => providerId);
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

/** What a provider logs out: a session of its own, or all sessions of one of its users. */
export interface LoggedOut {
  readonly providerId: string;
  readonly issuer: string;
  readonly providerSession: string | null;
  readonly subject: string | null;
}

/**
 * Whether the provider's session is the one that it logs out. If it also names the user, sessions whose name at the provider is not known end as well: too
 * many ended sessions are better than one that goes on.
 */
function isInSession(column: AnyColumn, { providerSession, subject }: LoggedOut): SQL | undefined {
  if (providerSession === null) return undefined;
  return subject === null ? eq(column, providerSession) : or(eq(column, providerSession), isNull(column));
}

const usersOf = ({ providerId, issuer, subject }: LoggedOut): SQL => sql`(select ${userIdentities.userId} from ${userIdentities}
  where ${userIdentities.providerId} = ${providerId} and ${userIdentities.issuer} = ${issuer} and ${userIdentities.subject} = ${subject})`;

/** Returns the open sessions that a provider has opened: those of its session, or all of one of its users. */
export async function findProviderSessions(tx: Tx, which: LoggedOut): Promise<{ id: string; userId: string }[]> {
  return named(
    "findProviderSessions",
    tx
      .select({ id: sessions.id, userId: sessions.userId })
      .from(sessions)
      .where(
        and(
          eq(sessions.providerId, which.providerId),
          isInSession(sessions.providerSession, which),
          which.subject === null ? undefined : sql`${sessions.userId} in ${usersOf(which)}`,
          isNull(sessions.revokedAt),
        ),
      ),
  );
}

/** Voids logins of a provider's session, or of one of its users, whose code was not exchanged yet. */
export async function voidProviderLogins(tx: Tx, which: LoggedOut): Promise<void> {
  await named(
    "voidProviderLogins",
    tx
      .delete(providerLogins)
      .where(
        and(
          eq(providerLogins.providerId, which.providerId),
          isNotNull(providerLogins.userId),
          isInSession(providerLogins.providerSession, which),
          which.subject === null ? undefined : sql`${providerLogins.userId} in ${usersOf(which)}`,
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
        select provider_id, token_hash from identity.logout_tokens where tenant_id = app.tenant() and expires_at < now()
         order by expires_at limit 100 for update skip locked)`,
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
