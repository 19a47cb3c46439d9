import { LimitExceeded } from "@weft/shared/errors";
import { effectiveConfigOf } from "@weft/platform/configuration";
import type { Tx } from "@weft/platform/db";
import type { Context } from "@weft/api/context";
import { findOpenSessionIds } from "./session-list.store.js";
import type { RoleLimit, SessionLimits } from "./session.store.js";

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

interface AppliedLimit extends RoleLimit {
  /** As in the error. */
  readonly limit: "security.maxSessions" | "role.maxSessions";
}

/** Returns the lower one of two limits of sessions; of equal ones, one that refuses. */
function strictest(
  { maxSessions, whenReached }: Pick<SessionRules, "maxSessions" | "whenReached">,
  roleLimit: RoleLimit | null,
): AppliedLimit | null {
  const ofRole = roleLimit && ({ limit: "role.maxSessions", ...roleLimit } as const);
  if (maxSessions === null) return ofRole;
  const ofTenant = { limit: "security.maxSessions", maxSessions, whenReached } as const;
  if (ofRole === null || maxSessions < ofRole.maxSessions) return ofTenant;
  return ofRole.maxSessions < maxSessions || ofRole.whenReached === "REFUSE" ? ofRole : ofTenant;
}

/**
 * Returns the sessions that must end for a new one: those that were not used for the longest time. The user is locked, so that concurrent logins cannot
 * exceed the limit together. Returns the error if there is no room and the strictest limit refuses logins then: the caller throws it after the commit.
 * Break-glass users are there for the day when nothing else works, so their oldest sessions end instead.
 */
export async function makeRoom(
  tx: Tx,
  {
    userId,
    roleLimit,
    isBreakGlass,
    ...rules
  }: Omit<SessionRules, "isFactorRequired"> & {
    readonly userId: string;
    readonly roleLimit: RoleLimit | null;
    readonly isBreakGlass: boolean;
  },
): Promise<readonly string[] | LimitExceeded> {
  const applied = strictest(rules, roleLimit);
  if (applied === null) return [];
  const { limit, maxSessions, whenReached } = applied;
  const open = await findOpenSessionIds(tx, userId, rules);
  if (open.length >= maxSessions && whenReached === "REFUSE" && !isBreakGlass)
    return new LimitExceeded({ limit, used: open.length, allowed: maxSessions });
  return open.slice(maxSessions - 1);
}
