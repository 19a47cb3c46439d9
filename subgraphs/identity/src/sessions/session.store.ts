import { identity } from "@weft/drizzle";
import { among, named, type Tx } from "@weft/platform/db";
import { and, eq, inArray, isNull, ne, or, sql } from "drizzle-orm";
import type { SQL } from "drizzle-orm";
import { alias } from "drizzle-orm/pg-core";
import { mustEnrol } from "../second-factors/required-factor.js";

const { domains, identityProviders, loginNames, passkeys, refreshTokens, sessions, tenants, users } = identity;

/** A user who matches a login name. */
export interface LoginCandidate {
  tenantId: string;
  tenantStatus: string;
  userId: string;
  userStatus: string;
  userType: string;
  passwordHash: string | null;
  /** Whether somebody else has chosen the password. */
  isPasswordTemporary: boolean;
  /** Whether the user can log in with a password although single sign-on is required. */
  isBreakGlass: boolean;
  /** Whether the users of the tenant can log in with an identity provider. */
  hasActiveProvider: boolean;
  /** Whether the login name is the user's email address, and they have verified it, or their tenant has verified its domain. */
  isProven: boolean;
}

/** Of the tenant of a user. */
const hasActiveProvider = sql<boolean>`exists (select from ${identityProviders}
  where ${identityProviders.tenantId} = ${users.tenantId} and ${identityProviders.status} = 'ACTIVE')`;

/** Maximum number of users whom a login name can mean. A login without a tenant verifies its password as many times. */
export const maxLoginCandidates = 2;

/**
 * Returns the users with a login name, in all tenants that did not register themselves, or in one tenant. If self-registered tenants were included, anybody
 * could be a second user of a name, without knowing a tenant. Each tenant can use any address, so of too many users, those come first who can log in with a
 * password, then those whose address is proven, then the oldest: users who are added later cannot hide them. Runs as weft_auth.
 * @param name as returned by `normalizeLoginName`
 */
export function findLoginCandidates(
  tx: Tx,
  { name, nameHash, tenantSlug }: { name: string; nameHash: string; tenantSlug: string | null },
): Promise<LoginCandidate[]> {
  const domain = name.slice(name.lastIndexOf("@") + 1);
  const isProven = sql<boolean>`(lower(${users.email}) = ${name} and (${users.emailVerifiedAt} is not null or exists (select from ${domains}
    where ${domains.tenantId} = ${users.tenantId} and ${domains.name} = ${domain} and ${domains.verifiedAt} is not null)))`;
  const hasUsablePassword = sql`(${users.status} = 'ACTIVE' and ${users.passwordHash} is not null)`;
  return named(
    "findLoginCandidates",
    tx
      .select({
        tenantId: users.tenantId,
        tenantStatus: tenants.status,
        userId: users.id,
        userStatus: users.status,
        userType: users.type,
        passwordHash: users.passwordHash,
        isPasswordTemporary: users.isPasswordTemporary,
        isBreakGlass: users.isBreakGlass,
        hasActiveProvider,
        isProven,
      })
      .from(loginNames)
      .innerJoin(users, and(eq(users.tenantId, loginNames.tenantId), eq(users.id, loginNames.userId)))
      .innerJoin(tenants, eq(tenants.tenantId, loginNames.tenantId))
      .where(
        and(
          eq(loginNames.nameHash, nameHash),
          // Nobody can log in to archived tenants, so they do not make a login ambiguous.
          ne(tenants.status, "ARCHIVED"),
          // Nor do service accounts, which cannot log in, even with a password from before they could have API keys.
          ne(users.type, "SERVICE"),
          tenantSlug === null ? eq(tenants.isSelfRegistered, false) : eq(tenants.slug, tenantSlug),
        ),
      )
      .orderBy(sql`${hasUsablePassword} desc`, sql`${isProven} desc`, users.id)
      .limit(maxLoginCandidates),
  );
}

/**
 * Returns those of the found users to whom a login name without a tenant belongs: active ones with a password who have proven it, or all of them if nobody has.
 * Otherwise any tenant could act in the name of a user by creating another one with the same address.
 */
export function ownersOfName(candidates: readonly LoginCandidate[]): readonly LoginCandidate[] {
  const proven = candidates.filter(
    ({ isProven, passwordHash, userStatus }) => isProven && passwordHash !== null && userStatus === "ACTIVE",
  );
  return proven.length > 0 ? proven : candidates;
}

/** What a session depends on. */
export interface LockedLogin extends Pick<LoginCandidate, "userType" | "passwordHash" | "isPasswordTemporary" | "isBreakGlass"> {
  status: string;
}

const loginColumns = {
  userType: users.type,
  passwordHash: users.passwordHash,
  isPasswordTemporary: users.isPasswordTemporary,
  isBreakGlass: users.isBreakGlass,
  status: users.status,
};

const isPerson = (userId: string): SQL | undefined => and(eq(users.id, userId), ne(users.type, "SERVICE"));

/**
 * Locks a user's password and status against changes, until what depends on them is written. Null for service accounts, which have no second factor and
 * open no sessions, whatever they show.
 * @param lock whether others can hold the same lock
 */
export async function lockLogin(tx: Tx, userId: string, lock: "SHARED" | "EXCLUSIVE"): Promise<LockedLogin | null> {
  const [row] = await named(
    "lockLogin",
    tx
      .select(loginColumns)
      .from(users)
      .where(isPerson(userId))
      .for(lock === "EXCLUSIVE" ? "no key update" : "share"),
  );
  return row ?? null;
}

/** Limit of a role: how many sessions its users can have, and what happens at the maximum. */
export interface RoleLimit {
  readonly maxSessions: number;
  readonly whenReached: "END_OLDEST" | "REFUSE";
}

/**
 * Locks what a new session depends on, as `lockLogin` does, until it is written. Logins of the same user wait for one another, so that together they cannot
 * exceed a limit.
 * @param whenReached what happens at limits of roles that do not say it
 * @returns also the lowest limit of the user's roles; of equal ones, one that refuses
 */
export async function lockForSession(
  tx: Tx,
  userId: string,
  { whenReached }: Pick<RoleLimit, "whenReached">,
): Promise<(LockedLogin & { roleLimit: RoleLimit | null }) | null> {
  // Columns by name: drizzle would write them without their table.
  const roleLimit = sql<RoleLimit | null>`(
    select jsonb_build_object('maxSessions', r.max_sessions, 'whenReached', coalesce(r.session_limit_reached, ${whenReached}::text))
      from identity.user_roles ur
      join identity.role_ancestors a on a.tenant_id = ur.tenant_id and a.role_id = ur.role_id
      join identity.roles r on r.tenant_id = a.tenant_id and r.id = a.ancestor_id
     where ur.tenant_id = users.tenant_id and ur.user_id = users.id and r.max_sessions is not null
     order by r.max_sessions, coalesce(r.session_limit_reached, ${whenReached}::text) = 'REFUSE' desc limit 1)`;
  const [row] = await named(
    "lockForSession",
    tx
      .select({ ...loginColumns, roleLimit })
      .from(users)
      .where(isPerson(userId))
      .for("no key update"),
  );
  return row ?? null;
}

/**
 * Returns the cost of an imported hash that its user has not replaced by a login yet. Null if there are none in this installation, which is usual. An
 * index has only those. Runs as weft_auth.
 */
export async function findImportedCost(tx: Tx): Promise<number | null> {
  const [row] = await named(
    "findImportedCost",
    tx
      .select({ cost: sql<number>`substr(${users.passwordHash}, 5, 2)::int` })
      .from(users)
      .where(sql`${users.passwordHash} like '$2%'`)
      .limit(1),
  );
  return row?.cost ?? null;
}

/** Replaces the hash of an unchanged password. Returns false if the password was changed meanwhile. */
export async function replacePasswordHash(tx: Tx, { userId, from, to }: { userId: string; from: string; to: string }): Promise<boolean> {
  const rows = await named(
    "replacePasswordHash",
    tx
      .update(users)
      .set({ passwordHash: to })
      .where(and(eq(users.id, userId), eq(users.passwordHash, from)))
      .returning({ id: users.id }),
  );
  return rows.length > 0;
}

/** What a user proved at a login. */
export type ProvenFactor = "PASSWORD" | "DIRECTORY" | "TOTP" | "RECOVERY_CODE" | "PASSKEY" | "SSO";

/** Sessions that an identity provider has opened. It is responsible for the factors of its users. */
const isBySingleSignOn = sql`'SSO' = any(${sessions.factors})`;
/** Sessions that an identity provider of any kind has opened. After the password of a directory, Weft asks for second factors itself. */
const isByProvider = sql<boolean>`${sessions.factors} && array['SSO', 'DIRECTORY']`;

/** What a new or renewed session needs for its access token: seconds since 1970, by the database's clock. */
export interface IssuedAt {
  issuedAtSeconds: number;
}

const nowSeconds = sql<number>`extract(epoch from now())::int`;
const inSeconds = (seconds: number) => sql`now() + make_interval(secs => ${seconds})`;

const providerOfPasskey = (userId: string, credentialId: string): SQL => sql`(select ${passkeys.providerId} from ${passkeys}
  where ${passkeys.tenantId} = app.tenant() and ${passkeys.userId} = ${userId}::uuid and ${passkeys.credentialId} = ${credentialId})`;

/** @param session `credentialId`: of the passkey that opens it */
export async function insertSession(
  tx: Tx,
  session: {
    tenantId: string;
    id: string;
    userId: string;
    userAgent: string | null;
    address: string | null;
    factors: ProvenFactor[];
    providerId: string | null;
    providerSession: string | null;
    credentialId: string | null;
    lifetimeSeconds: number;
    isFactorRequired: boolean;
  },
): Promise<IssuedAt & { isRestricted: boolean }> {
  const { lifetimeSeconds, isFactorRequired, credentialId, ...row } = session;
  const [inserted] = await named(
    "insertSession",
    tx
      .insert(sessions)
      .values({
        ...row,
        passkeyProviderId: credentialId === null ? null : providerOfPasskey(row.userId, credentialId),
        expiresAt: inSeconds(lifetimeSeconds),
        isRestricted: row.factors.includes("SSO") ? false : mustEnrol(row.userId, { byTenant: isFactorRequired }),
      })
      .returning({ issuedAtSeconds: nowSeconds, isRestricted: sessions.isRestricted }),
  );
  if (!inserted) throw new Error("The insert of a session returned no row.");
  return inserted;
}

export async function insertRefreshToken(
  tx: Tx,
  token: { tenantId: string; id: string; sessionId: string; predecessorId: string | null; lifetimeSeconds: number },
): Promise<void> {
  const { lifetimeSeconds, ...row } = token;
  await named("insertRefreshToken", tx.insert(refreshTokens).values({ ...row, expiresAt: inSeconds(lifetimeSeconds) }));
}

/** A session locked for rotation. */
export interface LockedSession {
  id: string;
  userId: string;
  isOpen: boolean;
  issuedAtSeconds: number;
}

/** How long a tenant's sessions last: in all, and without use. */
export interface SessionLimits {
  readonly sessionSeconds: number;
  readonly idleSeconds: number;
}

/** A session is open for the duration set at login, but no longer than the current maximum, and while it is used. */
export const isOpen = ({ sessionSeconds, idleSeconds }: SessionLimits): SQL<boolean> =>
  sql<boolean>`(${sessions.revokedAt} is null and ${sessions.expiresAt} > now()
    and ${sessions.createdAt} > now() - make_interval(secs => ${sessionSeconds})
    and ${sessions.lastUsedAt} > now() - make_interval(secs => ${idleSeconds}))`;

/** Locks the session of a refresh token. Of two tabs that refresh at the same time, the second waits here and then sees the result of the first. */
export async function lockSessionOfToken(
  tx: Tx,
  { tokenId, ...limits }: SessionLimits & { tokenId: string },
): Promise<LockedSession | null> {
  const ofToken = tx.select({ sessionId: refreshTokens.sessionId }).from(refreshTokens).where(eq(refreshTokens.id, tokenId));
  const [row] = await named(
    "lockSessionOfToken",
    tx
      .select({
        id: sessions.id,
        userId: sessions.userId,
        isOpen: isOpen(limits),
        issuedAtSeconds: nowSeconds,
      })
      .from(sessions)
      .where(inArray(sessions.id, ofToken))
      .for("update"),
  );
  return row ?? null;
}

/** Position of a refresh token in its family's rotation, and whether its user can continue. */
export interface Rotation {
  userStatus: string;
  userType: string;
  isBreakGlass: boolean;
  /** Whether an identity provider has opened the session. */
  isByProvider: boolean;
  /** The directory whose password has opened the session, or the one in which the passkey that has opened it was registered. Null if there is none. */
  directoryId: string | null;
  /** Whether the users of the tenant can log in with an identity provider. */
  hasActiveProvider: boolean;
  tenantStatus: string;
  isUsed: boolean;
  isExpired: boolean;
  /** Whether the token was used within the grace period, in which a second tab can present the same token. */
  isUsedJustNow: boolean;
  successorId: string | null;
  isSuccessorUsed: boolean;
}

/** A passkey that was registered in a session of a directory opens sessions on its behalf. */
const directoryId = sql<string | null>`case when 'DIRECTORY' = any(${sessions.factors}) then ${sessions.providerId} else (
  select ${identityProviders.id} from ${identityProviders} where ${identityProviders.tenantId} = ${sessions.tenantId}
    and ${identityProviders.id} = ${sessions.passkeyProviderId} and ${identityProviders.kind} = 'LDAP') end`;

/** Read after the lock in a separate statement, because the snapshot of the locking statement is older than the changes it waited for. */
export async function findRotation(tx: Tx, { tokenId, graceSeconds }: { tokenId: string; graceSeconds: number }): Promise<Rotation | null> {
  const successor = alias(refreshTokens, "successor");
  const [row] = await named(
    "findRotation",
    tx
      .select({
        userStatus: users.status,
        userType: users.type,
        isBreakGlass: users.isBreakGlass,
        isByProvider,
        directoryId,
        hasActiveProvider,
        tenantStatus: tenants.status,
        isUsed: sql<boolean>`${refreshTokens.usedAt} is not null`,
        isExpired: sql<boolean>`${refreshTokens.expiresAt} <= now()`,
        isUsedJustNow: sql<boolean>`coalesce(${refreshTokens.usedAt} > now() - make_interval(secs => ${graceSeconds}), false)`,
        successorId: successor.id,
        isSuccessorUsed: sql<boolean>`${successor.usedAt} is not null`,
      })
      .from(refreshTokens)
      .innerJoin(sessions, and(eq(sessions.tenantId, refreshTokens.tenantId), eq(sessions.id, refreshTokens.sessionId)))
      .innerJoin(users, and(eq(users.tenantId, sessions.tenantId), eq(users.id, sessions.userId)))
      .innerJoin(tenants, eq(tenants.tenantId, sessions.tenantId))
      .leftJoin(successor, and(eq(successor.tenantId, refreshTokens.tenantId), eq(successor.predecessorId, refreshTokens.id)))
      // Service accounts have sessions from before they could have API keys.
      .where(and(eq(refreshTokens.id, tokenId), ne(users.type, "SERVICE"))),
  );
  return row ?? null;
}

export async function markRefreshTokenUsed(tx: Tx, tokenId: string): Promise<void> {
  await named(
    "markRefreshTokenUsed",
    tx
      .update(refreshTokens)
      .set({ usedAt: sql`now()` })
      .where(eq(refreshTokens.id, tokenId)),
  );
}

/** Records the use of a session, and whether its user must enrol a second factor now. */
export async function touchSession(
  tx: Tx,
  { id, userId }: Pick<LockedSession, "id" | "userId">,
  { isFactorRequired }: { isFactorRequired: boolean },
): Promise<void> {
  await named(
    "touchSession",
    tx
      .update(sessions)
      .set({
        lastUsedAt: sql`now()`,
        isRestricted: sql`not ${isBySingleSignOn} and ${mustEnrol(userId, { byTenant: isFactorRequired })}`,
      })
      .where(eq(sessions.id, id)),
  );
}

/** A session can see its user enrol the same factor again. */
const withFactor = (factor: ProvenFactor) =>
  sql`case when ${factor}::text = any(${sessions.factors}) then ${sessions.factors} else array_append(${sessions.factors}, ${factor}::text) end`;

/** Locks a session against its end. Returns whether it is open. */
export async function lockOpenSession(tx: Tx, id: string): Promise<boolean> {
  const rows = await named(
    "lockOpenSession",
    tx
      .select({ id: sessions.id })
      .from(sessions)
      .where(and(eq(sessions.id, id), isNull(sessions.revokedAt)))
      .for("no key update"),
  );
  return rows.length > 0;
}

/**
 * Records that the user of an open session has just proven who they are.
 * @param session `enrolled`: the second factor that the user has enrolled. The session is then no longer restricted.
 * @returns the time, or null if the session has ended
 */
export async function renewAuthentication(
  tx: Tx,
  { id, enrolled }: { id: string; enrolled?: ProvenFactor },
): Promise<{ authenticatedAt: string } | null> {
  const [row] = await named(
    "renewAuthentication",
    tx
      .update(sessions)
      .set({
        authenticatedAt: sql`now()`,
        ...(enrolled !== undefined && { isRestricted: false, factors: withFactor(enrolled) }),
      })
      .where(and(eq(sessions.id, id), isNull(sessions.revokedAt)))
      .returning({ authenticatedAt: sessions.authenticatedAt }),
  );
  return row ?? null;
}

/** Why a session ended. */
export type SessionEnd =
  | "LOGOUT"
  | "REVOKED"
  | "REVOKED_BY_ADMINISTRATOR"
  | "SESSION_LIMIT"
  | "REFRESH_REUSED"
  | "USER_DISABLED"
  | "PASSWORD_CHANGED"
  | "PASSWORD_RESET"
  | "EMAIL_CHANGED"
  | "USER_TYPE_CHANGED"
  | "SECOND_FACTOR_ENABLED"
  | "SECOND_FACTOR_RESET"
  | "EMAIL_PROVEN"
  | "PROVIDER_LOGOUT"
  | "PROVIDER_REMOVED"
  | "IDENTITY_UNLINKED";

/**
 * Some sessions, all that an identity provider has opened, or all of a user, or those of a user that a provider has opened. The passkeys that were
 * registered in sessions of a provider open sessions on its behalf. One can be kept.
 */
export type EndedSessions =
  | { readonly ids: readonly string[] }
  | { readonly providerId: string }
  | { readonly userId: string; readonly providerId?: string; readonly exceptId?: string };

function isOneOf(which: EndedSessions): SQL | undefined {
  if ("ids" in which) return among(sessions.id, which.ids);
  const { providerId } = which;
  return and(
    providerId === undefined ? undefined : or(eq(sessions.providerId, providerId), eq(sessions.passkeyProviderId, providerId)),
    "userId" in which ? eq(sessions.userId, which.userId) : undefined,
  );
}

/**
 * Ends sessions. Returns the ended sessions. Sessions past the duration set at login are over already. Those past a current setting are ended too, because
 * the setting can change again.
 */
export function revokeSessions(tx: Tx, which: EndedSessions, reason: SessionEnd): Promise<{ id: string; userId: string }[]> {
  return named(
    "revokeSessions",
    tx
      .update(sessions)
      .set({ revokedAt: sql`now()`, revokedReason: reason })
      .where(
        and(
          isOneOf(which),
          // Platform operators in a tenant end each of their sessions with `endActAs`, which their own tenant audits.
          "exceptId" in which && which.exceptId !== undefined
            ? and(ne(sessions.id, which.exceptId), isNull(sessions.operatorId))
            : undefined,
          isNull(sessions.revokedAt),
          sql`${sessions.expiresAt} > now()`,
        ),
      )
      .returning({ id: sessions.id, userId: sessions.userId }),
  );
}
