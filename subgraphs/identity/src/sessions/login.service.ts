import { appendEvents, effectiveConfigOf, networkOf, newId, RateLimited, TenantSuspended, Unauthenticated, writeAudit } from "@weft/shared";
import type { Context } from "@weft/shared";
import { findUserOfLogin } from "../users/user.service.js";
import { toUser } from "../users/user.type.js";
import { issueAccessToken } from "./access-token.js";
import { passwordLimiterOf } from "./attempt-limiter-of.js";
import { loginNameHash, maxLoginNameLength, normaliseLoginName } from "./login-name.js";
import { verifyPassword } from "./password.js";
import { issueRefreshToken } from "./refresh-token.js";
import { findLoginCandidates, insertRefreshToken, insertSession } from "./session.store.js";
import type { LoginCandidate } from "./session.store.js";
import { metaOf, writeAs } from "./session-write.js";
import type { LoginInput, LoginPayload } from "./session.type.js";

/** One sentence for every way to fail: which of the two is wrong, whether the user exists, is disabled or has several tenants, stays unsaid. */
const refusal = "The login name or the password is wrong.";

/**
 * Opens a session. Unknown, ambiguous, disabled and invited users cost the same work and get the same answer as a wrong password.
 * @throws Unauthenticated, RateLimited, and TenantSuspended (after the right password only)
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
    // Only a wrong answer counts: while the database is away, or the tenant suspended, nobody is guessing.
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
  const looked = { name: normaliseLoginName(name.slice(0, maxLoginNameLength + 1)), nameHash, tenantSlug };
  const [first = null, second] = await ctx.services.databases.auth.begin((tx) => findLoginCandidates(tx, looked));
  // Of several the one whose email it is, as he has shown: else any tenant could keep him out by writing his email down.
  const candidate = !second || (first?.isProven && !second.isProven) ? first : null;
  const mayLogIn = candidate?.userStatus === "ACTIVE" && candidate.tenantStatus !== "ARCHIVED";
  const isRight = await verifyPassword(mayLogIn ? candidate.passwordHash : null, password, ctx.services.config.passwordCost);
  if (!candidate || !isRight) {
    if (candidate) recordFailure(ctx, candidate);
    throw new Unauthenticated(refusal);
  }
  if (candidate.tenantStatus === "SUSPENDED") throw new TenantSuspended();
  return openSession(ctx, candidate);
}

/** A session of a user who has shown who he is, with its audit entry and event. */
export async function openSession(ctx: Context, { tenantId, userId }: Pick<LoginCandidate, "tenantId" | "userId">): Promise<LoginPayload> {
  const sessionId = newId();
  const tokenId = newId();
  const meta = metaOf(ctx, { tenantId, userId, sessionId });
  const { sessionSeconds, refreshTokenSeconds } = await sessionLifetimesOf(ctx, tenantId);
  const { user, issuedAtSeconds } = await writeAs(ctx, tenantId, async (tx) => {
    const row = { tenantId, id: sessionId, userId, userAgent: ctx.userAgent, address: ctx.address };
    const issued = await insertSession(tx, { ...row, lifetimeSeconds: sessionSeconds });
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
  };
}

/** How long a session lasts, however often it is renewed, and how long without a renewal; as the tenant's configuration says now. */
export async function sessionLifetimesOf(ctx: Context, tenantId: string): Promise<{ sessionSeconds: number; refreshTokenSeconds: number }> {
  const { security } = await effectiveConfigOf(ctx.services, tenantId);
  return { sessionSeconds: security.sessionLifetimeHours * 3600, refreshTokenSeconds: security.sessionIdleHours * 3600 };
}

/** Not awaited: a failed login of a known user must not take longer than one of an unknown user, who has no audit log to write to. */
function recordFailure(ctx: Context, { tenantId, userId }: LoginCandidate): void {
  const meta = metaOf(ctx, { tenantId, userId, sessionId: null });
  const entry = { action: "session.loginFailed", entityType: "user", entityId: userId, before: null, after: null } as const;
  writeAs(ctx, tenantId, (tx) => writeAudit(tx, meta, [entry])).catch((error: unknown) =>
    ctx.log.error({ err: error }, "A failed login could not be audited."),
  );
}
