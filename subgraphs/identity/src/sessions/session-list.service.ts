import { NotFound } from "@weft/shared/errors";
import { decodeId, encodeId } from "@weft/shared/ids";
import type { Context } from "@weft/api/context";
import { announceRevocations } from "../revocations.js";
import { openUser, watchedUsers } from "../users/user.service.js";
import type { UserRow } from "../users/user.service.js";
import { endSessions } from "./logout.service.js";
import { findConnections, findLastLogins, findSessionsOfUsers, isSessionOfUser } from "./session-list.store.js";
import type { LastLogin, SessionConnections, SessionRow } from "./session-list.store.js";
import { sessionLimitsOf } from "./session-limits.service.js";
import type { RevokeUserSessionsInput } from "./session-list.type.js";

/** Maximum number of sessions listed with a user. */
const maxListed = 100;

/** Loads the open sessions of a user, most recently used first. Null if the viewer cannot see them. */
export async function loadSessions(ctx: Context, userUuid: string): Promise<readonly SessionRow[] | null> {
  const { sessionSeconds, idleSeconds } = await sessionLimitsOf(ctx, ctx.viewer.tenantId);
  return ctx
    .loader("identity.sessionsOfUser", (tx, ids: readonly string[]) =>
      findSessionsOfUsers(tx, watchedUsers(ctx.viewer, ids), { max: maxListed, sessionSeconds, idleSeconds }),
    )
    .load(userUuid);
}

/** Loads the open connections of a session that the viewer can see. Null if it has none. */
export function loadConnections(ctx: Context, sessionId: string): Promise<SessionConnections | null> {
  return ctx.loader("identity.connectionsOfSession", (tx, ids: readonly string[]) => findConnections(tx, ids)).load(sessionId);
}

/** Loads the last login of a user. Null if there is none, or the viewer cannot see it. */
export function loadLastLogin(ctx: Context, userUuid: string): Promise<LastLogin | null> {
  return ctx.loader("identity.lastLogin", (tx, ids: readonly string[]) => findLastLogins(tx, watchedUsers(ctx.viewer, ids))).load(userUuid);
}

/**
 * Ends one of the viewer's sessions, which can be the current one. A session that is already over stays as it is.
 * @throws NotFound also for a session of another user
 */
export async function revokeSession(ctx: Context, sessionId: string): Promise<void> {
  const id = decodeId("session", sessionId, "input.id");
  const { userId } = ctx.viewer;
  const ended = await ctx.inTenant(async (tx) => {
    if (!(await isSessionOfUser(tx, { id, userId }))) throw new NotFound("Session", sessionId);
    return endSessions(ctx, tx, { ids: [id] }, "REVOKED");
  });
  await announce(ctx, ended);
}

/** Ends all sessions of the viewer except the current one. Returns their number. */
export async function revokeOtherSessions(ctx: Context): Promise<number> {
  const { userId, sessionId } = ctx.viewer;
  const ended = await ctx.inTenant((tx) => endSessions(ctx, tx, { userId, exceptId: sessionId }, "REVOKED"));
  await announce(ctx, ended);
  return ended.length;
}

/**
 * Ends all sessions of a user, or one of them, on behalf of an administrator.
 * @throws NotFound, Forbidden (a user with more rights, or who stands for a platform operator)
 */
export async function revokeUserSessions(
  ctx: Context,
  input: RevokeUserSessionsInput,
): Promise<{ readonly user: UserRow; readonly endedCount: number }> {
  const userId = decodeId("user", input.userId, "input.userId");
  const id = typeof input.sessionId === "string" ? decodeId("session", input.sessionId, "input.sessionId") : null;
  const { user, ended } = await ctx.inTenant(async (tx) => {
    const { before } = await openUser(ctx, tx, userId, {});
    if (id !== null && !(await isSessionOfUser(tx, { id, userId }))) throw new NotFound("Session", encodeId("session", id));
    return { user: before, ended: await endSessions(ctx, tx, id === null ? { userId } : { ids: [id] }, "REVOKED_BY_ADMINISTRATOR") };
  });
  await announce(ctx, ended);
  return { user, endedCount: ended.length };
}

const announce = (ctx: Context, ended: readonly string[]): Promise<void> =>
  announceRevocations(
    ctx.services,
    ended.map((sessionId) => ({ tenantId: ctx.viewer.tenantId, sessionId })),
  );
