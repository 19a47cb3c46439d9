import { setTimeout as sleep } from "node:timers/promises";
import { MfaRequired, NotFound, ServiceUnavailable, TenantSuspended, Unauthenticated } from "@weft/shared/errors";
import { decodeId } from "@weft/shared/ids";
import { asTenant, type Tx } from "@weft/platform/db";
import { networkOf } from "@weft/platform/fairness";
import type { Services } from "@weft/platform/services";
import type { Context } from "@weft/api/context";
import { findIdentityProvider, type IdentityProviderRow, providerSecretOf } from "../identity-providers/identity-provider.service.js";
import { issuerOf } from "../identity-providers/provider-settings.js";
import { ProviderUnusable } from "../identity-providers/provider-unusable.js";
import { hasSecondFactor } from "../second-factors/prove-factor.js";
import { passwordLimiterOf } from "../sessions/attempts/attempt-limiter-of.js";
import type { Attempt } from "../sessions/attempts/attempt-limits.js";
import { countingGuesses } from "../sessions/attempts/limited-attempt.js";
import { newDeviceId, readDeviceToken } from "../sessions/device-token.js";
import { hashForLog, openSession, SecondFactorNeeded } from "../sessions/login.service.js";
import { isSameLoginName, loginNameHash, maxLoginNameLength } from "../sessions/login-name.js";
import { isHashable } from "../sessions/passwords/password.js";
import { beginPendingLogin } from "../sessions/pending/pending-login.service.js";
import { recordFailure } from "../sessions/session-write.js";
import type { LoginPayload } from "../sessions/session.type.js";
import { AnswerRefused } from "../single-sign-on/answer-refused.js";
import { findUserIdentity, ProviderChanged, UserRefused } from "../single-sign-on/provider-user.service.js";
import { signInUser } from "../single-sign-on/sign-in.service.js";
import { findTenant } from "../tenants/tenant.service.js";
import { directoryProof, isDirectoryLogin } from "./directory-link.service.js";
import { type Answer, checkPassword, type Directory, directoryOf, type Sought } from "./directory.js";
import { findLinkedNames } from "./directory.store.js";
import type { LoginWithDirectoryInput } from "./directory.type.js";

/** One message for all failures, which reveals neither which part is wrong, nor whether the directory or Weft knows the user. */
const refusal = "The login name or password is incorrect, or your account cannot be used here.";

/**
 * Time that every refusal takes at least. Directories compare the passwords of their users more or less slowly, and refuse unknown ones at once.
 */
const REFUSAL_MS = 500;

const controlCharacters = /\p{Cc}|\p{Cs}/u;

/**
 * Opens a session with a password that a directory checks. Weft's second factors apply, as after a password of its own.
 * @throws NotFound (no active directory), Unauthenticated (the same for every refusal), RateLimited, ServiceUnavailable (the directory does not answer, or
 * not as it is expected to), and, only after the correct password, TenantSuspended, MfaRequired and LimitExceeded
 */
export async function loginWithDirectory(ctx: Context, input: LoginWithDirectoryInput): Promise<LoginPayload> {
  const started = performance.now();
  const tenantId = decodeId("tenant", input.tenantId, "input.tenantId");
  const providerId = decodeId("identityProvider", input.providerId, "input.providerId");
  const name = input.login
    .slice(0, maxLoginNameLength + 1)
    .normalize("NFKC")
    .trim()
    .replace(/\s+/gu, " ");
  const { provider, bindPassword, isSuspended, device } = await asTenant(ctx.services.databases.app, { tenantId }, "read", async (tx) => {
    const opened = await openDirectory(ctx.services, tx, { tenantId, providerId });
    if (opened === null) throw new NotFound("IdentityProvider", input.providerId);
    return { ...opened, device: await findDevice(ctx, tx, { provider: opened.provider, name, token: input.deviceToken ?? "" }) };
  });
  const attempt: Attempt = {
    kind: "LOGIN",
    nameHash: loginNameHash(`directory ${providerId} ${name}`),
    address: networkOf(ctx.address ?? "unknown"),
    deviceId: device?.deviceId ?? null,
  };
  const directory = directoryOf(provider, bindPassword);
  const run = async (): Promise<LoginPayload> => {
    const account = await proveAccount(ctx, { provider, directory, sought: { login: name }, password: input.password, device });
    if (account === null) throw new Unauthenticated(refusal);
    if (isSuspended) throw new TenantSuspended();
    return openDirectorySession(ctx, { provider, account, attempt, device });
  };
  try {
    return await countingGuesses(passwordLimiterOf(ctx.services), { attempt, isGuess: isUnauthenticated }, run);
  } catch (error) {
    if (!isUnauthenticated(error)) throw error;
    ctx.log.info({ loginHash: hashForLog(ctx, attempt.nameHash), address: ctx.address, providerId }, "a login was refused");
    await sleep(Math.max(0, REFUSAL_MS - (performance.now() - started)));
    throw error;
  }
}

const isUnauthenticated = (error: unknown): boolean => error instanceof Unauthenticated;

/** A directory as it is stored now. */
export interface OpenDirectory {
  readonly provider: IdentityProviderRow;
  readonly bindPassword: string | null;
  readonly isSuspended: boolean;
}

/** Returns a directory with which users can log in. Null if there is none. */
export async function openDirectory(
  services: Services,
  tx: Tx,
  { tenantId, providerId }: { readonly tenantId: string; readonly providerId: string },
): Promise<OpenDirectory | null> {
  const provider = await findIdentityProvider(tx, providerId);
  if (provider?.kind !== "LDAP" || provider.status !== "ACTIVE") return null;
  const status = (await findTenant(tx, tenantId))?.status;
  if (status !== "ACTIVE" && status !== "SUSPENDED") return null;
  return { provider, bindPassword: await providerSecretOf(services, tx, provider), isSuspended: status === "SUSPENDED" };
}

/** A device on which a user of a directory has logged in. */
interface KnownDevice {
  readonly deviceId: string;
  /** The user's account. */
  readonly subject: string;
}

/**
 * Returns the device of a token, if it is one of the user with this name. What a user types at a directory is known here only if it is also their address or
 * user name in Weft: the token of somebody else must not allow further guesses.
 */
async function findDevice(
  ctx: Context,
  tx: Tx,
  { provider, name, token }: { readonly provider: IdentityProviderRow; readonly name: string; readonly token: string },
): Promise<KnownDevice | null> {
  const device = readDeviceToken(ctx.services.keys.refresh, token);
  if (device?.tenantId !== provider.tenantId) return null;
  const { userId, deviceId } = device;
  const linked = await findLinkedNames(tx, { providerId: provider.id, issuer: issuerOf(provider), userId });
  if (linked === null || ![linked.email, linked.username].some((each) => isSameLoginName(each, name))) return null;
  return { deviceId, subject: linked.subject };
}

interface Proving {
  readonly provider: IdentityProviderRow;
  readonly directory: Directory;
  readonly sought: Sought;
  readonly password: string;
  /** Known for what was typed. */
  readonly device: KnownDevice | null;
}

/**
 * Returns the account whose password this is. Null if it is not, whatever the reason, which is logged.
 * @throws ServiceUnavailable, RateLimited
 */
export async function proveAccount(ctx: Context, { provider, directory, sought, password, device }: Proving) {
  const { tenantId, id: providerId } = provider;
  // An empty password would be accepted as an anonymous bind. None of them reaches the directory.
  if (password === "" || password.includes("\0") || !isHashable(password)) return null;
  if ("login" in sought && !isSearchable(sought.login)) return null;
  const limiter = passwordLimiterOf(ctx.services);
  let tried: Attempt | null = null;
  // Directories find a user by many spellings, each of which is a name of its own for the counters of logins. This one is of the account.
  const mayTry = async (subject: string): Promise<boolean> => {
    const ofAccount: Attempt = {
      kind: "DIRECTORY_ACCOUNT",
      nameHash: loginNameHash(`${providerId} ${subject}`),
      address: networkOf(ctx.address ?? "unknown"),
      deviceId: deviceOf(device, subject),
    };
    if ((await limiter.begin(ofAccount)) !== null) return false;
    tried = ofAccount;
    return true;
  };
  const giveBack = async (result: "succeeded" | "cancelled"): Promise<void> => {
    if (tried !== null) await limiter[result](tried);
  };
  let answer: Answer;
  try {
    answer = await checkPassword(ctx.services, directory, { sought, password, mayTry });
  } catch (error) {
    await giveBack("cancelled");
    throw unavailable(ctx, provider, error);
  }
  if (answer.kind === "PROVEN") {
    await giveBack("succeeded");
    return answer.account;
  }
  const { reason, subject } = answer;
  ctx.log.info({ tenantId, providerId, reason }, "a directory or its limits refused a password");
  if (subject !== null) await recordRefusal(ctx, provider, { subject, isLogin: "login" in sought });
  return null;
}

/** Returns the device, if it is one of this account: what somebody calls themselves in Weft can be the name of somebody else in the directory. */
const deviceOf = (device: KnownDevice | null, subject: string): string | null => (device?.subject === subject ? device.deviceId : null);

/** A name that a directory can be asked about. */
const isSearchable = (name: string): boolean => name !== "" && name.length <= maxLoginNameLength && !controlCharacters.test(name);

/** Returns the error for users, and logs what administrators need to know. */
export function unavailable(
  ctx: Pick<Context, "log">,
  { tenantId, id: providerId }: Pick<IdentityProviderRow, "tenantId" | "id">,
  error: unknown,
): unknown {
  if (!(error instanceof ProviderUnusable || error instanceof AnswerRefused)) return error;
  ctx.log.warn({ err: error, tenantId, providerId }, "a directory could not be used");
  return new ServiceUnavailable("identity provider", error);
}

async function recordRefusal(
  ctx: Context,
  provider: IdentityProviderRow,
  { subject, isLogin }: { readonly subject: string; readonly isLogin: boolean },
): Promise<void> {
  const { tenantId, id: providerId } = provider;
  if (!isLogin) return recordFailure(ctx, ctx.viewer, "session.reauthenticateFailed");
  const find = (tx: Tx) => findUserIdentity(tx, { providerId, issuer: issuerOf(provider), subject });
  const link = await asTenant(ctx.services.databases.app, { tenantId }, "read", find);
  if (link !== null) recordFailure(ctx, { tenantId, userId: link.userId }, "session.loginFailed");
}

interface Proven {
  readonly provider: IdentityProviderRow;
  readonly account: Parameters<typeof signInUser>[1]["account"];
  readonly attempt: Attempt;
  readonly device: KnownDevice | null;
}

/** Opens the session of an account whose password was right. @throws Unauthenticated, MfaRequired, LimitExceeded, ServiceUnavailable */
async function openDirectorySession(ctx: Context, { provider, account, attempt, device }: Proven): Promise<LoginPayload> {
  const { tenantId, id: providerId } = provider;
  const { id: userId } = await signInUser(ctx, { provider, account, isKnown: false }).catch((error: unknown) => {
    if (error instanceof ProviderChanged) throw new ServiceUnavailable("identity provider", error);
    if (!(error instanceof UserRefused)) throw error;
    ctx.log.info({ tenantId, providerId, reason: error.message }, "a user of an identity provider was refused");
    if (error.userId !== null) recordFailure(ctx, { tenantId, userId: error.userId }, "session.loginFailed");
    // Another answer would confirm that the password is right.
    throw new Unauthenticated(refusal);
  });
  const { factors, provider: opener } = directoryProof(providerId);
  const proven = { version: provider.version, subject: account.subject };
  const assertProven = async (tx: Tx): Promise<void> => {
    if (!(await isDirectoryLogin(tx, { providerId, userId, proven }))) throw new Unauthenticated(refusal);
  };
  const assert = async (tx: Tx): Promise<void> => {
    await assertProven(tx);
    if (await hasSecondFactor(tx, userId)) throw new SecondFactorNeeded();
  };
  const user = { tenantId, userId, passwordHash: null };
  try {
    const proof = { factors: [...factors], provider: opener, assert };
    return await openSession(ctx, user, { proof, deviceId: deviceOf(device, account.subject) ?? newDeviceId() });
  } catch (error) {
    if (error instanceof SecondFactorNeeded)
      throw new MfaRequired(await beginPendingLogin(ctx, user, attempt, { providerId, assert: assertProven }));
    throw error instanceof Unauthenticated ? new Unauthenticated(refusal) : error;
  }
}
