import { appendEvents, LimitExceeded, networkOf, newId, RateLimited, TenantSuspended, Unauthenticated, writeAudit } from "@weft/shared";
import type { Context } from "@weft/shared";
import { announceRevocations } from "../revocations.js";
import { findUserOfLogin } from "../users/user.service.js";
import { toUser } from "../users/user.type.js";
import { issueAccessToken } from "./access-token.js";
import { passwordLimiterOf } from "./attempts/attempt-limiter-of.js";
import { hashingTurnOf } from "./passwords/hashing-places.js";
import { loginNameHash, maxLoginNameLength, normalizeLoginName } from "./login-name.js";
import { endSessions } from "./logout.service.js";
import { verifyPassword } from "./passwords/password.js";
import { issueRefreshToken } from "./refresh-token.js";
import { findLoginCandidates, insertRefreshToken, insertSession, lockLogin } from "./session.store.js";
import type { LoginCandidate } from "./session.store.js";
import { makeRoom, sessionLimitsOf } from "./session-limits.service.js";
import { metaOf, recordFailure, writeAs } from "./session-write.js";
import type { LoginInput, LoginPayload } from "./session.type.js";

export { findLoginCandidates } from "./session.store.js";

/** One message for all failures, which does not reveal which part is wrong, or whether the user exists, is disabled or has several tenants. */
const refusal = "The login name or password is incorrect.";

/**
 * Opens a session. Unknown, ambiguous, disabled and invited users take the same work and return the same error as a wrong password.
 * @throws Unauthenticated, RateLimited, TenantSuspended and LimitExceeded (only after the correct password)
 */
export async function login(ctx: Context, { login: name, password, tenant }: LoginInput): Promise<LoginPayload> {
  const limiter = passwordLimiterOf(ctx.services);
  const nameHash = loginNameHash(name.slice(0, maxLoginNameLength + 1));
  const tenantSlug = tenant?.trim().toLowerCase() ?? null;
  const attempt = {
    nameHash: tenantSlug === null ? nameHash : loginNameHash(`${nameHash} ${tenantSlug}`),
    address: networkOf(ctx.address ?? "unknown"),
  };
  const refused = await limiter.begin(attempt);
  if (refused) throw new RateLimited(refused);
  try {
    const session = await attemptLogin(ctx, { name, nameHash, password, tenantSlug });
    await limiter.succeeded(attempt);
    return session;
  } catch (error) {
    // Only wrong credentials count. Failures because the database is unavailable or the tenant is suspended are not guesses.
    if (!(error instanceof Unauthenticated)) await limiter.cancelled(attempt);
    throw error;
  }
}

interface Credentials {
  readonly name: string;
  readonly nameHash: string;
  readonly password: string;
  readonly tenantSlug: string | null;
}

async function attemptLogin(ctx: Context, { name, nameHash, password, tenantSlug }: Credentials): Promise<LoginPayload> {
  const looked = { name: normalizeLoginName(name.slice(0, maxLoginNameLength + 1)), nameHash, tenantSlug };
  const [first = null, second] = await ctx.services.databases.auth.begin((tx) => findLoginCandidates(tx, looked));
  // Of several users, the one who has verified the email address. Otherwise any tenant could block a login by creating a user with the same address.
  const candidate = !second || (first?.isProven && !second.isProven) ? first : null;
  const mayLogIn = candidate?.userStatus === "ACTIVE" && candidate.tenantStatus !== "ARCHIVED";
  const passwordHash = mayLogIn ? candidate.passwordHash : null;
  const isRight = await verifyPassword(passwordHash, { password, turn: hashingTurnOf(ctx) }, ctx.services.config.passwordCost);
  if (!candidate || !isRight) {
    if (candidate) recordFailure(ctx, candidate, "session.loginFailed");
    throw new Unauthenticated(refusal);
  }
  if (candidate.tenantStatus === "SUSPENDED") throw new TenantSuspended();
  return openSession(ctx, candidate);
}

/**
 * Opens a session for a user who has proven to know the password, with its audit entry and event.
 * @param passwordHash of that password
 * @throws Unauthenticated if the password was changed, or the user disabled, since then: whoever does this ends the sessions that exist by then
 * @throws LimitExceeded if the user has the maximum number of sessions, and the tenant then refuses logins
 */
export async function openSession(
  ctx: Context,
  { tenantId, userId, passwordHash }: Pick<LoginCandidate, "tenantId" | "userId" | "passwordHash">,
): Promise<LoginPayload> {
  const sessionId = newId();
  const tokenId = newId();
  const meta = metaOf(ctx, { tenantId, userId, sessionId });
  const { sessionSeconds, idleSeconds, maxSessions, whenReached } = await sessionLimitsOf(ctx, tenantId);
  const { user, issuedAtSeconds, ended } = await writeAs(ctx, tenantId, async (tx) => {
    const known = await lockLogin(tx, userId, { isExclusive: maxSessions !== null });
    if (known?.status !== "ACTIVE" || known.passwordHash !== passwordHash) throw new Unauthenticated(refusal);
    const over = await makeRoom(tx, { userId, sessionSeconds, idleSeconds, maxSessions, whenReached });
    const row = { tenantId, id: sessionId, userId, userAgent: ctx.userAgent, address: ctx.address };
    const issued = await insertSession(tx, { ...row, lifetimeSeconds: sessionSeconds });
    await insertRefreshToken(tx, { tenantId, id: tokenId, sessionId, predecessorId: null, lifetimeSeconds: idleSeconds });
    await writeAudit(tx, meta, [{ action: "session.login", entityType: "session", entityId: sessionId, before: null, after: row }]);
    await appendEvents(tx, meta, [
      { type: "session.created", subjectId: sessionId, subjectVersion: 1, related: { user: userId }, payload: { sessionId, userId } },
    ]);
    // After the session that replaces them, so that the history has the reason first.
    const ended = over.length === 0 ? [] : await endSessions({ meta }, tx, { ids: over }, "SESSION_LIMIT");
    return { user: await findUserOfLogin(tx, userId), ended, ...issued };
  }).catch((error: unknown) => {
    if (error instanceof LimitExceeded) recordFailure(ctx, { tenantId, userId }, "session.loginRefused");
    throw error;
  });
  await announceRevocations(
    ctx.services,
    ended.map((id) => ({ tenantId, sessionId: id })),
  );
  return {
    ...(await issueAccessToken(ctx.services.keys.access, { userId, tenantId, sessionId, issuedAtSeconds })),
    refreshToken: issueRefreshToken(ctx.services.keys.refresh, { tenantId, id: tokenId }),
    user: toUser(user),
  };
}
