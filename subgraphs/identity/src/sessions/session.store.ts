import { identity } from "@weft/drizzle";
import { named } from "@weft/shared";
import type { Tx } from "@weft/shared";
import { and, eq, inArray, isNull, ne, sql } from "drizzle-orm";
import { alias } from "drizzle-orm/pg-core";

const { loginNames, refreshTokens, sessions, tenants, users } = identity;

/** A user whom a login name may mean. */
export interface LoginCandidate {
  tenantId: string;
  tenantStatus: string;
  userId: string;
  userStatus: string;
  passwordHash: string | null;
  /** Somebody has shown that the login name is the user's email. */
  isProven: boolean;
}

/**
 * The users of a login name over all tenants that did not register themselves, or in one; two at most, for more than one is as good as none. Were
 * the others looked over too, whoever registers an organisation with somebody's email would keep that person from logging in, and would learn that there is one.
 * Those come first whose email the name is, as they have shown: another tenant may write down any name. Runs as weft_auth.
 * @param name as `normaliseLoginName` gives it
 */
export function findLoginCandidates(
  tx: Tx,
  { name, nameHash, tenantSlug }: { name: string; nameHash: string; tenantSlug: string | null },
): Promise<LoginCandidate[]> {
  const isProven = sql<boolean>`(${users.emailVerifiedAt} is not null and lower(${users.email}) = ${name})`;
  return named(
    "findLoginCandidates",
    tx
      .select({
        tenantId: users.tenantId,
        tenantStatus: tenants.status,
        userId: users.id,
        userStatus: users.status,
        passwordHash: users.passwordHash,
        isProven,
      })
      .from(loginNames)
      .innerJoin(users, and(eq(users.tenantId, loginNames.tenantId), eq(users.id, loginNames.userId)))
      .innerJoin(tenants, eq(tenants.tenantId, loginNames.tenantId))
      .where(
        and(
          eq(loginNames.nameHash, nameHash),
          // Nobody logs in there, so it makes no other tenant of the person ambiguous.
          ne(tenants.status, "ARCHIVED"),
          tenantSlug === null ? eq(tenants.isSelfRegistered, false) : eq(tenants.slug, tenantSlug),
        ),
      )
      .orderBy(sql`${isProven} desc`)
      .limit(2),
  );
}

/** What a new or renewed session needs for its access token; seconds since 1970, by the database's clock. */
export interface IssuedAt {
  issuedAtSeconds: number;
}

const nowSeconds = sql<number>`extract(epoch from now())::int`;
const inSeconds = (seconds: number) => sql`now() + make_interval(secs => ${seconds})`;

export async function insertSession(
  tx: Tx,
  session: { tenantId: string; id: string; userId: string; userAgent: string | null; address: string | null; lifetimeSeconds: number },
): Promise<IssuedAt> {
  const { lifetimeSeconds, ...row } = session;
  const [inserted] = await named(
    "insertSession",
    tx
      .insert(sessions)
      .values({ ...row, expiresAt: inSeconds(lifetimeSeconds) })
      .returning({ issuedAtSeconds: nowSeconds }),
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

/** A session locked for its rotation. */
export interface LockedSession {
  id: string;
  userId: string;
  isOpen: boolean;
  issuedAtSeconds: number;
}

/**
 * Locks the session of a refresh token: of two tabs that refresh at once the second waits here, and then sees what the first has done. It is open for
 * as long as it was given at the login, and no longer than sessions may last now.
 */
export async function lockSessionOfToken(
  tx: Tx,
  { tokenId, sessionSeconds }: { tokenId: string; sessionSeconds: number },
): Promise<LockedSession | null> {
  const ofToken = tx.select({ sessionId: refreshTokens.sessionId }).from(refreshTokens).where(eq(refreshTokens.id, tokenId));
  const [row] = await named(
    "lockSessionOfToken",
    tx
      .select({
        id: sessions.id,
        userId: sessions.userId,
        isOpen: sql<boolean>`${sessions.revokedAt} is null and ${sessions.expiresAt} > now()
          and ${sessions.createdAt} > now() - make_interval(secs => ${sessionSeconds})`,
        issuedAtSeconds: nowSeconds,
      })
      .from(sessions)
      .where(inArray(sessions.id, ofToken))
      .for("update"),
  );
  return row ?? null;
}

/** How far a refresh token is in its family's rotation, and whether its user may go on at all. */
export interface Rotation {
  userStatus: string;
  tenantStatus: string;
  isUsed: boolean;
  isExpired: boolean;
  /** Used within the grace in which a second tab may come with the same token. */
  isUsedJustNow: boolean;
  successorId: string | null;
  isSuccessorUsed: boolean;
}

/** Read after the lock and by a statement of its own: the locking statement's snapshot is older than what it has waited for. */
export async function findRotation(tx: Tx, { tokenId, graceSeconds }: { tokenId: string; graceSeconds: number }): Promise<Rotation | null> {
  const successor = alias(refreshTokens, "successor");
  const [row] = await named(
    "findRotation",
    tx
      .select({
        userStatus: users.status,
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
      .where(eq(refreshTokens.id, tokenId)),
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

export async function touchSession(tx: Tx, id: string): Promise<void> {
  await named(
    "touchSession",
    tx
      .update(sessions)
      .set({ lastUsedAt: sql`now()` })
      .where(eq(sessions.id, id)),
  );
}

/** Ends sessions that are still open, one by id or all of a user; answers which. */
export function revokeSessions(
  tx: Tx,
  which: { id: string } | { userId: string },
  reason: "LOGOUT" | "REFRESH_REUSED" | "USER_DISABLED",
): Promise<{ id: string; userId: string }[]> {
  return named(
    "revokeSessions",
    tx
      .update(sessions)
      .set({ revokedAt: sql`now()`, revokedReason: reason })
      .where(and("id" in which ? eq(sessions.id, which.id) : eq(sessions.userId, which.userId), isNull(sessions.revokedAt)))
      .returning({ id: sessions.id, userId: sessions.userId }),
  );
}
