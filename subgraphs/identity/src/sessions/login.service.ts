import {
  appendEvents,
  effectiveConfigOf,
  networkOf,
  newId,
  RateLimited,
  TenantSuspended,
  Unauthenticated,
  wakeMailSender,
  writeAudit,
} from "@weft/shared";
import type { Context, Tx } from "@weft/shared";
import { requiresSingleSignOn } from "../identity-providers/required.service.js";
import { findUserOfLogin } from "../users/user.service.js";
import { toUser } from "../users/user.type.js";
import { issueAccessToken } from "./access-token.js";
import { passwordLimiterOf } from "./attempts/attempt-limiter-of.js";
import { recordBreakGlassUse } from "./break-glass-use.js";
import { hashingTurnOf } from "./passwords/hashing-places.js";
import { loginNameHash, maxLoginNameLength, normalizeLoginName } from "./login-name.js";
import { verifyPassword } from "./passwords/password.js";
import { issueRefreshToken } from "./refresh-token.js";
import { findLoginCandidates, insertRefreshToken, insertSession, lockLogin } from "./session.store.js";
import type { LoginCandidate } from "./session.store.js";
import { metaOf, recordFailure, writeAs } from "./session-write.js";
import type { LoginInput, LoginPayload } from "./session.type.js";

export { findLoginCandidates } from "./session.store.js";

/** One message for all failures, which does not reveal which part is wrong, or whether the user exists, is disabled or has several tenants. */
const refusal = "The login name or password is incorrect.";

/**
 * Opens a session. Unknown, ambiguous, disabled and invited users take the same work and return the same error as a wrong password.
 * @throws Unauthenticated, RateLimited, and TenantSuspended (only after the correct password)
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
  const isSingleSignOnRequired = await requiresSingleSignOn(ctx.services, candidate.tenantId);
  if (isSingleSignOnRequired && !candidate.isBreakGlass) {
    // The same answer as to a wrong password: another one would confirm that the password is right.
    recordFailure(ctx, candidate, "session.passwordRefused");
    throw new Unauthenticated(refusal);
  }
  const { tenantId, userId } = candidate;
  const proven = { tenantId, userId, passwordHash: candidate.passwordHash };
  if (!isSingleSignOnRequired) return openSession(ctx, proven);
  const complete = (tx: Tx, sessionId: string): Promise<void> => recordBreakGlassUse(ctx, tx, { tenantId, userId, sessionId });
  const session = await openSession(ctx, { ...proven, complete });
  wakeMailSender(ctx.services);
  return session;
}

/** A user who has proven who they are. */
export interface ProvenUser extends Pick<LoginCandidate, "tenantId" | "userId"> {
  /** Hash of the password that they know. Undefined if they have proven it in another way. */
  readonly passwordHash?: string | null;
  /** Runs in the transaction that opens the session, for example to use up what proves it. @throws Unauthenticated */
  readonly complete?: (tx: Tx, sessionId: string) => Promise<void>;
}

/**
 * Opens a session for a user who has proven who they are, with its audit entry and event.
 * @throws Unauthenticated if the password was changed, or the user disabled, since then: whoever does this ends the sessions that exist by then
 */
export async function openSession(ctx: Context, { tenantId, userId, passwordHash, complete }: ProvenUser): Promise<LoginPayload> {
  const sessionId = newId();
  const tokenId = newId();
  const meta = metaOf(ctx, { tenantId, userId, sessionId });
  const { sessionSeconds, refreshTokenSeconds } = await sessionLifetimesOf(ctx, tenantId);
  const { user, issuedAtSeconds } = await writeAs(ctx, tenantId, async (tx) => {
    const known = await lockLogin(tx, userId);
    if (known?.status !== "ACTIVE" || (passwordHash !== undefined && known.passwordHash !== passwordHash))
      throw new Unauthenticated(refusal);
    const row = { tenantId, id: sessionId, userId, userAgent: ctx.userAgent, address: ctx.address };
    const issued = await insertSession(tx, { ...row, lifetimeSeconds: sessionSeconds });
    await insertRefreshToken(tx, { tenantId, id: tokenId, sessionId, predecessorId: null, lifetimeSeconds: refreshTokenSeconds });
    await complete?.(tx, sessionId);
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
  };
}

/** Returns the maximum duration of a session, and the maximum time without a refresh, according to the tenant's current configuration. */
export async function sessionLifetimesOf(ctx: Context, tenantId: string): Promise<{ sessionSeconds: number; refreshTokenSeconds: number }> {
  const { security } = await effectiveConfigOf(ctx.services, tenantId);
  return { sessionSeconds: security.sessionLifetimeHours * 3600, refreshTokenSeconds: security.sessionIdleHours * 3600 };
}
