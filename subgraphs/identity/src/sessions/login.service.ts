import {
  appendEvents,
  effectiveConfigOf,
  MfaRequired,
  networkOf,
  newId,
  RateLimited,
  TenantSuspended,
  Unauthenticated,
  writeAudit,
} from "@weft/shared";
import type { Context, Tx, WriteMeta } from "@weft/shared";
import { hasSecondFactor } from "../second-factors/prove-factor.js";
import { findUserOfLogin } from "../users/user.service.js";
import { toUser } from "../users/user.type.js";
import { issueAccessToken } from "./access-token.js";
import type { Attempt } from "./attempts/attempt-limiter.js";
import { passwordLimiterOf } from "./attempts/attempt-limiter-of.js";
import { hashingTurnOf } from "./passwords/hashing-places.js";
import { loginNameHash, maxLoginNameLength, normalizeLoginName } from "./login-name.js";
import { verifyPassword } from "./passwords/password.js";
import { beginPendingLogin } from "./pending/pending-login.service.js";
import { issueRefreshToken } from "./refresh-token.js";
import { findLoginCandidates, insertRefreshToken, insertSession, lockLogin } from "./session.store.js";
import type { LoginCandidate, ProvenFactor } from "./session.store.js";
import { metaOf, recordFailure, writeAs } from "./session-write.js";
import type { LoginInput, LoginPayload } from "./session.type.js";

export { findLoginCandidates, renewAuthentication } from "./session.store.js";

/** One message for all failures, which does not reveal which part is wrong, or whether the user exists, is disabled or has several tenants. */
const refusal = "The login name or password is incorrect.";

/**
 * Opens a session. Unknown, ambiguous, disabled and invited users take the same work and return the same error as a wrong password.
 * @throws Unauthenticated, RateLimited, and, only after the correct password, TenantSuspended and MfaRequired
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
    const session = await attemptLogin(ctx, { name, nameHash, password, tenantSlug }, attempt);
    await limiter.succeeded(attempt);
    return session;
  } catch (error) {
    // Only wrong credentials count. A password without its second factor does not reset the failures. Failures because the database is unavailable or the tenant is suspended are not guesses.
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

async function attemptLogin(ctx: Context, { name, nameHash, password, tenantSlug }: Credentials, attempt: Attempt): Promise<LoginPayload> {
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
  return openSession(ctx, candidate).catch(async (error: unknown) => {
    if (!(error instanceof SecondFactorNeeded)) throw error;
    throw new MfaRequired(await beginPendingLogin(ctx, candidate, attempt));
  });
}

/** The user has a second factor, so the password alone opens no session. */
class SecondFactorNeeded extends Error {}

/** What a user has proven, and what else must hold when the session is written. Throws what is missing. */
interface Proof {
  readonly factors: ProvenFactor[];
  readonly assert: (tx: Tx, meta: WriteMeta) => Promise<void>;
}

const onlyPassword = (userId: string): Proof => ({
  factors: ["PASSWORD"],
  assert: async (tx) => {
    if (await hasSecondFactor(tx, userId)) throw new SecondFactorNeeded();
  },
});

/**
 * Opens a session for a user who has proven to know the password, with its audit entry and event.
 * @param passwordHash of that password
 * @param proof by default, of the password alone, which is not enough for users with a second factor
 * @throws Unauthenticated if the password was changed, or the user disabled, since then: whoever does this ends the sessions that exist by then
 */
export async function openSession(
  ctx: Context,
  { tenantId, userId, passwordHash }: Pick<LoginCandidate, "tenantId" | "userId" | "passwordHash">,
  { factors, assert }: Proof = onlyPassword(userId),
): Promise<LoginPayload> {
  const sessionId = newId();
  const tokenId = newId();
  const meta = metaOf(ctx, { tenantId, userId, sessionId });
  const { sessionSeconds, refreshTokenSeconds, isFactorRequired } = await sessionLifetimesOf(ctx, tenantId);
  const { user, issuedAtSeconds, isRestricted } = await writeAs(ctx, tenantId, async (tx) => {
    const known = await lockLogin(tx, userId);
    if (known?.status !== "ACTIVE" || known.passwordHash !== passwordHash) throw new Unauthenticated(refusal);
    await assert(tx, meta);
    const row = { tenantId, id: sessionId, userId, userAgent: ctx.userAgent, address: ctx.address, factors };
    const issued = await insertSession(tx, { ...row, lifetimeSeconds: sessionSeconds, isFactorRequired });
    await insertRefreshToken(tx, { tenantId, id: tokenId, sessionId, predecessorId: null, lifetimeSeconds: refreshTokenSeconds });
    await writeAudit(tx, meta, [{ action: "session.login", entityType: "session", entityId: sessionId, before: null, after: row }]);
    await appendEvents(tx, meta, [
      { type: "session.created", subjectId: sessionId, subjectVersion: 1, related: { user: userId }, payload: { sessionId, userId } },
    ]);
    return { user: await findUserOfLogin(tx, userId), ...issued };
  });
  return {
    ...(await issueAccessToken(ctx.services.keys.access, { userId, tenantId, sessionId, issuedAtSeconds })),
    refreshToken: issueRefreshToken(ctx.services.keys.refresh, { tenantId, id: tokenId }),
    user: toUser(user),
    mustEnrolSecondFactor: isRestricted,
  };
}

/** What the tenant's current configuration requires of sessions. */
export interface SessionRequirements {
  /** Maximum duration of a session. */
  readonly sessionSeconds: number;
  /** Maximum time without a refresh. */
  readonly refreshTokenSeconds: number;
  /** Whether all users must have a second factor. */
  readonly isFactorRequired: boolean;
}

export async function sessionLifetimesOf(ctx: Context, tenantId: string): Promise<SessionRequirements> {
  const { security } = await effectiveConfigOf(ctx.services, tenantId);
  return {
    sessionSeconds: security.sessionLifetimeHours * 3600,
    refreshTokenSeconds: security.sessionIdleHours * 3600,
    isFactorRequired: security.secondFactor === "REQUIRED",
  };
}
