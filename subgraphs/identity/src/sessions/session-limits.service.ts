import { effectiveConfigOf, LimitExceeded } from "@weft/shared";
import type { Context, Tx } from "@weft/shared";
import { findOpenSessionIds } from "./session-list.store.js";
import type { SessionLimits } from "./session.store.js";

/** The tenant's settings on sessions. */
export interface SessionRules extends SessionLimits {
  /** Maximum number of open sessions per user. Null if there is no limit. */
  readonly maxSessions: number | null;
  readonly whenReached: "END_OLDEST" | "REFUSE";
  /** Whether all users must have a second factor. */
  readonly isFactorRequired: boolean;
}

/** Returns what the tenant's current configuration requires of sessions. */
export async function sessionLimitsOf(ctx: Pick<Context, "services">, tenantId: string): Promise<SessionRules> {
  const { security } = await effectiveConfigOf(ctx.services, tenantId);
  return {
    sessionSeconds: security.sessionLifetimeHours * 3600,
    idleSeconds: security.sessionIdleHours * 3600,
    maxSessions: security.maxSessions,
    whenReached: security.sessionLimitReached,
    isFactorRequired: security.secondFactor === "REQUIRED",
  };
}

/**
 * Returns the sessions that must end for a new one: those that were not used for the longest time. The user is locked, so that concurrent logins cannot
 * exceed the limit together. Returns the error if there is no room and the tenant refuses logins then: the caller throws it after the commit.
 */
export async function makeRoom(
  tx: Tx,
  { userId, maxSessions, whenReached, ...limits }: Omit<SessionRules, "isFactorRequired"> & { readonly userId: string },
): Promise<readonly string[] | LimitExceeded> {
  if (maxSessions === null) return [];
  const open = await findOpenSessionIds(tx, userId, limits);
  if (open.length >= maxSessions && whenReached === "REFUSE")
    return new LimitExceeded({ limit: "security.maxSessions", used: open.length, allowed: maxSessions });
  return open.slice(maxSessions - 1);
}
