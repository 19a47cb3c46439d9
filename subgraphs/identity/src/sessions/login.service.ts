import { createHmac } from "node:crypto";
import { BadUserInput, LimitExceeded, MfaRequired, PasswordChangeRequired, TenantSuspended, Unauthenticated } from "@weft/shared/errors";
import { newId } from "@weft/shared/ids";
import { writeAudit } from "@weft/platform/audit";
import { asTenant, type Tx } from "@weft/platform/db";
import { appendEvents, type WriteMeta } from "@weft/platform/events";
import { networkOf } from "@weft/platform/fairness";
import { wakeMailSender } from "@weft/platform/mail";
import { issueAccessToken } from "@weft/platform/tokens";
import type { Context } from "@weft/api/context";
import { makeOneTimeToken } from "../one-time-tokens/one-time-token.service.js";
import { announceRevocations } from "../revocations.js";
import { isExemptFromSingleSignOn, isSingleSignOnConfigured, requiresSingleSignOn } from "../identity-providers/required.service.js";
import { hasSecondFactor } from "../second-factors/prove-factor.js";
import { findUserOfLogin } from "../users/user.service.js";
import { toUser } from "../users/user.type.js";
import { passwordLimiterOf } from "./attempts/attempt-limiter-of.js";
import { recordBreakGlassUse } from "./break-glass-use.js";
import type { Attempt } from "./attempts/attempt-limits.js";
import { countingGuesses } from "./attempts/limited-attempt.js";
import { issueDeviceToken, newDeviceId, readDeviceToken } from "./device-token.js";
import { isBcryptHash } from "./passwords/bcrypt.js";
import { hashingTurnOf } from "./passwords/hashing-places.js";
import { loginNameHash, maxLoginNameLength, normalizeLoginName } from "./login-name.js";
import { endSessions } from "./logout.service.js";
import { hashPassword, isOutdatedHash, verifyPassword } from "./passwords/password.js";
import { beginPendingLogin } from "./pending/pending-login.service.js";
import { issueRefreshToken } from "./refresh-token.js";
import {
  findImportedCost,
  findLoginCandidates,
  insertRefreshToken,
  insertSession,
  lockForSession,
  lockLogin,
  maxLoginCandidates,
  ownersOfName,
  replacePasswordHash,
} from "./session.store.js";
import type { LoginCandidate, ProvenFactor } from "./session.store.js";
import { makeRoom, sessionLimitsOf } from "./session-limits.service.js";
import { metaOf, recordFailure, writeAs } from "./session-write.js";
import type { LoginInput, LoginPayload } from "./session.type.js";

export { findLoginCandidates, lockOpenSession, ownersOfName, renewAuthentication } from "./session.store.js";

/** One message for all failures, which does not reveal which part is wrong, or whether the user exists or is disabled, in one tenant or in several. */
const refusal = "The login name or password is incorrect.";

/**
 * Opens a session. Unknown, disabled and invited users take the same work and return the same error as a wrong password. Without a tenant, the password
 * is verified for each user with the name, up to a fixed number, and for as many unknown users as are missing: one user or several take the same work, too.
 * @throws Unauthenticated, RateLimited, and, only after the correct password, BadUserInput (of users in several tenants), TenantSuspended,
 * PasswordChangeRequired, MfaRequired and LimitExceeded
 */
export async function login(ctx: Context, { login: name, password, tenant, deviceToken }: LoginInput): Promise<LoginPayload> {
  const limiter = passwordLimiterOf(ctx.services);
  const shortName = name.slice(0, maxLoginNameLength + 1);
  const nameHash = loginNameHash(shortName);
  const tenantSlug = tenant?.trim().toLowerCase() ?? null;
  const looked = { name: normalizeLoginName(shortName), nameHash, tenantSlug };
  const device = readDeviceToken(ctx.services.keys.refresh, deviceToken ?? "");
  // Only the holder of a token that was issued here causes a query before the limit is checked.
  const early = device && (await lookUp(ctx, looked));
  // The password is tested for every user of the name, so the device of one of them counts only if the name is that user's alone.
  const [owner, another] = ownersOfName(early?.candidates ?? []);
  const isKnown = another === undefined && owner?.tenantId === device?.tenantId && owner?.userId === device?.userId;
  const deviceId = owner && isKnown && device ? device.deviceId : null;
  const attempt: Attempt = {
    kind: "LOGIN",
    nameHash: tenantSlug === null ? nameHash : loginNameHash(`${nameHash} ${tenantSlug}`),
    address: networkOf(ctx.address ?? "unknown"),
    deviceId,
  };
  // Only wrong credentials count. A password without its second factor does not reset the failures. Failures because the database is unavailable or the
  // tenant is suspended are not guesses.
  // A password that was right for somebody who does not own the name was tested for the others, too, so it stays counted as a guess.
  const tested = { forOthers: false };
  const isGuess = (error: unknown): boolean => error instanceof Unauthenticated || error instanceof BadUserInput || tested.forOthers;
  const run = async () => attemptLogin(ctx, { looked, found: early ?? (await lookUp(ctx, looked)), password, attempt, tested });
  const { session } = await countingGuesses(limiter, { attempt, isGuess, isReset: ({ isOwner }) => isOwner }, run).catch(
    (error: unknown) => {
      if (error instanceof Unauthenticated)
        ctx.log.info({ loginHash: hashForLog(ctx, nameHash), address: ctx.address }, "a login was refused");
      throw error;
    },
  );
  return session;
}

/**
 * Returns what lines of the log have in common if they are about the same login name, known or unknown. Without the key, nobody can find the name by
 * trying names. `login` itself is never logged: users type passwords into it.
 */
export const hashForLog = ({ services }: Context, nameHash: string): string =>
  createHmac("sha256", services.keys.refresh).update(`weft login in logs 1\0${nameHash}`).digest("hex").slice(0, 12);

type Looked = Parameters<typeof findLoginCandidates>[1];

interface Found {
  /** The users with the login name. */
  readonly candidates: readonly LoginCandidate[];
  /** Cost of an imported hash in this installation. */
  readonly importedCost: number | null;
}

function lookUp(ctx: Context, looked: Looked): Promise<Found> {
  return ctx.services.databases.auth.begin(async (tx) => {
    const candidates = await findLoginCandidates(tx, looked);
    return { candidates, importedCost: await findImportedCost(tx) };
  });
}

interface Credentials {
  readonly looked: Looked;
  readonly found: Found;
  readonly password: string;
  readonly attempt: Attempt;
  /** Set once the password is known to be right for a user who does not own the name. */
  readonly tested: { forOthers: boolean };
}

interface LoggedIn {
  readonly session: LoginPayload;
  /** Whether the name is the user's alone. Otherwise a user of another tenant with somebody's address could reset the failures for somebody's password. */
  readonly isOwner: boolean;
}

/** A user whose password was verified. */
interface Verified extends LoginCandidate {
  readonly isRight: boolean;
  readonly mustUseProvider: boolean;
}

/**
 * Verifies the password for each user whom the name can mean, one after the other, and for unknown users in place of those that are missing: the time must
 * not reveal that there is a user in another tenant.
 */
async function verifyEach(ctx: Context, { looked, found: { candidates, importedCost }, password }: Credentials): Promise<Verified[]> {
  const { passwordCost } = ctx.services.config;
  const takesImported = importedCost !== null && takesImportedTime(ctx, looked, candidates);
  // Whether or not the password is right, and while it is verified, so that the time reveals neither that, nor that there is a user.
  const mustUseProviders = Promise.all(
    candidates.map(async (candidate) =>
      candidate.hasActiveProvider && !isExemptFromSingleSignOn(candidate)
        ? isSingleSignOnConfigured(ctx.services, candidate.tenantId)
        : false,
    ),
  );
  // Awaited below. Until then, nobody else handles its failure.
  mustUseProviders.catch(() => undefined);
  const areRight: boolean[] = [];
  for (let index = 0; index < (looked.tenantSlug === null ? maxLoginCandidates : 1); index++) {
    const candidate = candidates[index];
    const mayLogIn = candidate?.userStatus === "ACTIVE" && candidate.tenantStatus !== "ARCHIVED";
    const passwordHash = mayLogIn ? candidate.passwordHash : null;
    areRight.push(await verifyPassword(passwordHash, { password, turn: hashingTurnOf(ctx), importedCost, takesImported }, passwordCost));
  }
  const must = await mustUseProviders;
  return candidates.map((candidate, index) => ({
    ...candidate,
    isRight: areRight[index] === true,
    mustUseProvider: must[index] === true,
  }));
}

/**
 * Returns the user whose password it is. Users who cannot log in with it are none.
 * @throws Unauthenticated if there is none, BadUserInput if there are several of whom none, or several, have proven that the address is theirs
 */
function userOf(ctx: Context, verified: readonly Verified[]): LoginCandidate {
  const owners = ownersOfName(verified.filter(({ isRight, mustUseProvider }) => isRight && !mustUseProvider));
  const [user] = owners;
  if (owners.length > 1)
    throw new BadUserInput([
      {
        path: "input.tenant",
        message: "Users of several organizations have this login name and password. Send the slug of your organization.",
      },
    ]);
  if (user) return user;
  // Not in the audit log of another organization, whose administrators would see that somebody uses the name elsewhere.
  const [only, another] = ownersOfName(verified);
  // The same answer as to a wrong password: another one would confirm that the password is right.
  if (only && !another)
    recordFailure(
      ctx,
      only,
      verified.some(({ isRight, userId }) => isRight && userId === only.userId) ? "session.passwordRefused" : "session.loginFailed",
    );
  throw new Unauthenticated(refusal);
}

async function attemptLogin(ctx: Context, credentials: Credentials, isRepeated = false): Promise<LoggedIn> {
  const { looked, password } = credentials;
  const { passwordCost } = ctx.services.config;
  const candidate = userOf(ctx, await verifyEach(ctx, credentials));
  const { passwordHash } = candidate;
  if (passwordHash === null) throw new Error("A password was right for a user without one.");
  const isOwner = looked.tenantSlug !== null || candidate.isProven || credentials.found.candidates.length === 1;
  credentials.tested.forOthers = !isOwner;
  // A second factor completes the attempt later.
  const attempt = isOwner
    ? credentials.attempt
    : { ...credentials.attempt, nameHash: loginNameHash(`${looked.nameHash} ${candidate.tenantId}`) };
  if (candidate.tenantStatus === "SUSPENDED") throw new TenantSuspended();
  if (candidate.isPasswordTemporary) throw new PasswordChangeRequired(await beginPasswordChange(ctx, candidate));
  const isOutdated = isOutdatedHash(passwordHash, password, passwordCost);
  let session: LoginPayload;
  try {
    session = await openSession(ctx, candidate, { proof: onlyPassword(candidate.userId), deviceId: attempt.deviceId ?? newDeviceId() });
  } catch (error) {
    if (error instanceof SecondFactorNeeded) {
      // The pending login is void if the hash changes, and completing it does not show the password again.
      const upgraded = isOutdated ? await upgradeHash(ctx, { ...candidate, passwordHash }, password) : null;
      throw new MfaRequired(await beginPendingLogin(ctx, { ...candidate, passwordHash: upgraded ?? passwordHash }, attempt));
    }
    // Another login can have replaced the hash of the same password since then.
    if (!(error instanceof Unauthenticated) || isRepeated) throw error;
    return attemptLogin(ctx, { ...credentials, found: await lookUp(ctx, looked) }, true);
  }
  if (isOutdated) await upgradeHash(ctx, { ...candidate, passwordHash }, password);
  return { session, isOwner };
}

/**
 * Imported hashes take another time to verify than those of this installation. So that this does not reveal which users exist, a login verifies hashes of
 * both kinds, or of this installation alone: by the users with the name, and at random (always the same) for names without a password.
 */
function takesImportedTime(ctx: Context, { nameHash, tenantSlug }: Looked, candidates: readonly LoginCandidate[]): boolean {
  const hashes = candidates.flatMap(({ passwordHash }) => passwordHash ?? []);
  if (hashes.length > 0) return hashes.some(isBcryptHash);
  const mac = createHmac("sha256", ctx.services.keys.refresh).update(`weft imported look 1\0${nameHash} ${tenantSlug ?? ""}`);
  return (mac.digest()[0] ?? 0) % 2 === 1;
}

/**
 * Hashes the password again, at the current cost. A login does not fail because of it: the next one repeats it.
 * @returns the new hash, or null if it was not stored
 */
async function upgradeHash(
  ctx: Context,
  { tenantId, userId, passwordHash }: Pick<LoginCandidate, "tenantId" | "userId"> & { readonly passwordHash: string },
  password: string,
): Promise<string | null> {
  try {
    const to = await hashPassword(password, ctx.services.config.passwordCost, hashingTurnOf(ctx));
    const isReplaced = await asTenant(ctx.services.databases.app, { tenantId }, "write", (tx) =>
      replacePasswordHash(tx, { userId, from: passwordHash, to }),
    );
    return isReplaced ? to : null;
  } catch (error) {
    ctx.log.warn({ err: error, tenantId }, "the hash of a password could not be replaced by one at the current cost");
    return null;
  }
}

/** Validity of the token with which a user replaces a temporary password. */
const passwordChangeMinutes = 10;

/**
 * Returns the token with which a user who knows their temporary password chooses another one.
 * @throws Unauthenticated if the password was changed, or the user disabled, since it was compared
 */
function beginPasswordChange(ctx: Context, { tenantId, userId, passwordHash }: LoginCandidate): Promise<string> {
  return writeAs(ctx, tenantId, async (tx) => {
    const known = await lockLogin(tx, userId, "EXCLUSIVE");
    if (known?.status !== "ACTIVE" || known.passwordHash !== passwordHash) throw new Unauthenticated(refusal);
    const user = await findUserOfLogin(tx, userId);
    const lifetimeSeconds = passwordChangeMinutes * 60;
    const made = await makeOneTimeToken(tx, ctx.services.keys, { user, purpose: "PASSWORD_CHANGE", createdBy: null, lifetimeSeconds });
    await writeAudit(tx, metaOf(ctx, { tenantId, userId, sessionId: null }), [
      { action: "user.beginPasswordChange", entityType: "user", entityId: userId, before: null, after: null },
    ]);
    return made.token;
  });
}

/** The user has a second factor, so the password alone opens no session. */
export class SecondFactorNeeded extends Error {}

/** What a user has proven. */
interface Proof {
  /** "SSO" is the proof of an identity provider. The provider is responsible for second factors then, so ours are not asked for. */
  readonly factors: ProvenFactor[];
  /** Asserts what else must hold when the session is written. Throws what is missing. */
  readonly assert: (tx: Tx, meta: WriteMeta) => Promise<void>;
  /** The provider that has proven it, and its own session, which it names when it logs the user out. */
  readonly provider?: { readonly id: string; readonly session: string | null };
  /** The passkey that has proven it without a password. */
  readonly credentialId?: string;
}

const onlyPassword = (userId: string): Proof => ({
  factors: ["PASSWORD"],
  assert: async (tx) => {
    if (await hasSecondFactor(tx, userId)) throw new SecondFactorNeeded();
  },
});

/**
 * Opens a session for a user who has shown nothing but the password, such as a new one.
 * @param attempt what counts as successful when a login that needs a second factor is complete
 * @throws MfaRequired if the user has a second factor, and what `openSession` throws
 */
export async function openSessionByPassword(
  ctx: Context,
  user: Pick<LoginCandidate, "tenantId" | "userId" | "passwordHash">,
  attempt: Pick<Attempt, "nameHash" | "address">,
): Promise<LoginPayload> {
  try {
    return await openSession(ctx, user, { proof: onlyPassword(user.userId) });
  } catch (error) {
    if (error instanceof SecondFactorNeeded) throw new MfaRequired(await beginPendingLogin(ctx, user, attempt));
    throw error;
  }
}

/**
 * Opens a session for a user who has proven who they are, with its audit entry and event. If the tenant requires single sign-on, passwords and passkeys
 * open sessions only of users who are exempt; each session of a break-glass user is then recorded and emailed.
 * @param passwordHash of the password that the user knows. Null if they have proven who they are in another way
 * @param proof `onlyPassword` is not enough for users with a second factor
 * @param deviceId of a known device, by default a new one
 * @throws Unauthenticated if the password was changed, the user disabled, or single sign-on required, since then: whoever does this ends the sessions
 * that exist by then
 * @throws LimitExceeded if the user has the maximum number of sessions, and the tenant or the role then refuses logins
 */
export async function openSession(
  ctx: Context,
  { tenantId, userId, passwordHash }: Pick<LoginCandidate, "tenantId" | "userId" | "passwordHash">,
  { proof: { factors, assert, provider, credentialId }, deviceId = newDeviceId() }: { proof: Proof; deviceId?: string },
): Promise<LoginPayload> {
  const sessionId = newId();
  const tokenId = newId();
  const meta = metaOf(ctx, { tenantId, userId, sessionId });
  const { isFactorRequired, ...limits } = await sessionLimitsOf(ctx, tenantId);
  const isPassword = factors.includes("PASSWORD");
  // With a password or a passkey, which Weft has checked itself.
  const isLocal = provider === undefined;
  const opened = await writeAs(ctx, tenantId, async (tx) => {
    const known = await lockForSession(tx, userId, limits);
    if (known?.status !== "ACTIVE" || (isPassword && known.passwordHash !== passwordHash)) throw new Unauthenticated(refusal);
    const isBreakGlassUsed = isLocal && known.userType === "EMPLOYEE" && (await requiresSingleSignOn(ctx.services, tenantId, tx));
    if (isBreakGlassUsed && !isExemptFromSingleSignOn(known)) throw new Unauthenticated(refusal);
    // Before the limit, so that somebody who has only the password cannot end sessions, or find out that there are too many.
    await assert(tx, meta);
    const over = await makeRoom(tx, { userId, roleLimit: known.roleLimit, isBreakGlass: known.isBreakGlass, ...limits });
    // A result, not an exception: what was proven, such as a code, must stay used.
    if (over instanceof LimitExceeded) return over;
    const row = { tenantId, id: sessionId, userId, userAgent: ctx.userAgent, address: ctx.address, factors };
    const origin = { providerId: provider?.id ?? null, providerSession: provider?.session ?? null, credentialId: credentialId ?? null };
    const issued = await insertSession(tx, { ...row, ...origin, lifetimeSeconds: limits.sessionSeconds, isFactorRequired });
    await insertRefreshToken(tx, { tenantId, id: tokenId, sessionId, predecessorId: null, lifetimeSeconds: limits.idleSeconds });
    await writeAudit(tx, meta, [{ action: "session.login", entityType: "session", entityId: sessionId, before: null, after: row }]);
    await appendEvents(tx, meta, [
      { type: "session.created", subjectId: sessionId, subjectVersion: 1, related: { user: userId }, payload: { sessionId, userId } },
    ]);
    // After the session that replaces them, so that the history has the reason first.
    const ended = over.length === 0 ? [] : await endSessions({ meta }, tx, { ids: over }, "SESSION_LIMIT");
    if (isBreakGlassUsed) await recordBreakGlassUse(ctx, tx, { tenantId, userId, sessionId });
    return { user: await findUserOfLogin(tx, userId), ended, isBreakGlassUsed, ...issued };
  });
  if (opened instanceof LimitExceeded) {
    recordFailure(ctx, { tenantId, userId }, "session.loginRefused");
    throw opened;
  }
  const { user, issuedAtSeconds, isRestricted, ended, isBreakGlassUsed } = opened;
  if (isBreakGlassUsed) wakeMailSender(ctx.services);
  await announceRevocations(
    ctx.services,
    ended.map((id) => ({ tenantId, sessionId: id })),
  );
  return {
    ...(await issueAccessToken(ctx.services.keys.access, { userId, tenantId, sessionId, issuedAtSeconds })),
    refreshToken: issueRefreshToken(ctx.services.keys.refresh, { tenantId, id: tokenId }),
    deviceToken: issueDeviceToken(ctx.services.keys.refresh, { tenantId, userId, deviceId }, issuedAtSeconds),
    user: toUser(user),
    mustEnrolSecondFactor: isRestricted,
  };
}
