import { identity } from "@weft/drizzle";
import { among, named, type Tx } from "@weft/platform/db";
import { and, eq, isNull, sql } from "drizzle-orm";
import { alias } from "drizzle-orm/pg-core";
import type { TokenPurpose } from "./one-time-token.js";

const { oneTimeTokens, tenants, users } = identity;

const isNotOver = and(isNull(oneTimeTokens.usedAt), isNull(oneTimeTokens.revokedAt));

export async function insertOneTimeToken(
  tx: Tx,
  token: {
    tenantId: string;
    id: string;
    userId: string;
    purpose: TokenPurpose;
    emailHash: string;
    createdBy: string | null;
    lifetimeSeconds: number;
  },
): Promise<{ expiresAt: string }> {
  const { lifetimeSeconds, ...row } = token;
  const [inserted] = await named(
    "insertOneTimeToken",
    tx
      .insert(oneTimeTokens)
      .values({ ...row, expiresAt: sql`now() + make_interval(secs => ${lifetimeSeconds})` })
      .returning({ expiresAt: oneTimeTokens.expiresAt }),
  );
  if (!inserted) throw new Error("The insert of a one-time token returned no row.");
  return inserted;
}

/** Invalidates a user's unused tokens, for one purpose or for all. Returns their IDs. */
export async function revokeOneTimeTokens(tx: Tx, { userId, purpose }: { userId: string; purpose?: TokenPurpose }): Promise<string[]> {
  const rows = await named(
    "revokeOneTimeTokens",
    tx
      .update(oneTimeTokens)
      .set({ revokedAt: sql`now()` })
      .where(and(eq(oneTimeTokens.userId, userId), purpose === undefined ? undefined : eq(oneTimeTokens.purpose, purpose), isNotOver))
      .returning({ id: oneTimeTokens.id }),
  );
  return rows.map((row) => row.id);
}

/** A token with everything that determines whether it is valid. */
export interface TokenState {
  readonly userId: string;
  readonly purpose: string;
  readonly emailHash: string;
  /** Whether the token is neither used nor revoked nor expired. */
  readonly isLive: boolean;
  readonly userStatus: string;
  readonly email: string;
  readonly tenantStatus: string;
  readonly slug: string;
  /** Status of the creator. Null if there is none. */
  readonly creatorStatus: string | null;
}

export async function findTokenState(tx: Tx, id: string): Promise<TokenState | null> {
  const creators = alias(users, "creators");
  const [row] = await named(
    "findTokenState",
    tx
      .select({
        userId: oneTimeTokens.userId,
        purpose: oneTimeTokens.purpose,
        emailHash: oneTimeTokens.emailHash,
        isLive: sql<boolean>`${isNotOver} and ${oneTimeTokens.expiresAt} > now()`,
        userStatus: users.status,
        email: users.email,
        tenantStatus: tenants.status,
        slug: tenants.slug,
        creatorStatus: creators.status,
      })
      .from(oneTimeTokens)
      .innerJoin(users, and(eq(users.tenantId, oneTimeTokens.tenantId), eq(users.id, oneTimeTokens.userId)))
      .innerJoin(tenants, eq(tenants.tenantId, oneTimeTokens.tenantId))
      .leftJoin(creators, and(eq(creators.tenantId, oneTimeTokens.tenantId), eq(creators.id, oneTimeTokens.createdBy)))
      .where(eq(oneTimeTokens.id, id)),
  );
  return row ?? null;
}

/**
 * Uses a token up. Of two concurrent calls the second waits for the first and finds the token used.
 * @returns whether the token was unused
 */
export async function useOneTimeToken(tx: Tx, id: string): Promise<boolean> {
  const rows = await named(
    "useOneTimeToken",
    tx
      .update(oneTimeTokens)
      .set({ usedAt: sql`now()` })
      .where(and(eq(oneTimeTokens.id, id), isNotOver, sql`${oneTimeTokens.expiresAt} > now()`))
      .returning({ id: oneTimeTokens.id }),
  );
  return rows.length > 0;
}

/** An unused token, which can be expired. */
export interface WaitingToken {
  readonly id: string;
  readonly userId: string;
  readonly createdBy: string | null;
  readonly createdAt: string;
  readonly expiresAt: string;
  readonly isExpired: boolean;
}

/** Returns the unused token of each of these users, by user. */
export async function findWaitingTokens(tx: Tx, userIds: readonly string[], purpose: TokenPurpose): Promise<Map<string, WaitingToken>> {
  const rows = await named(
    "findWaitingTokens",
    tx
      .select({
        id: oneTimeTokens.id,
        userId: oneTimeTokens.userId,
        createdBy: oneTimeTokens.createdBy,
        createdAt: oneTimeTokens.createdAt,
        expiresAt: oneTimeTokens.expiresAt,
        isExpired: sql<boolean>`${oneTimeTokens.expiresAt} <= now()`,
      })
      .from(oneTimeTokens)
      .where(and(among(oneTimeTokens.userId, userIds), eq(oneTimeTokens.purpose, purpose), isNotOver)),
  );
  return new Map(rows.map((row) => [row.userId, row]));
}
