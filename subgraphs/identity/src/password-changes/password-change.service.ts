/** Changes and resets of passwords. Nobody but the user ever knows a password. See OWASP ASVS 5.0, V6.2 to V6.4. */
import { BadUserInput, Conflict, Forbidden, RateLimited } from "@weft/shared/errors";
import { decodeId, type RowRef } from "@weft/shared/ids";
import { writeAudit } from "@weft/platform/audit";
import { asTenant, type Tx } from "@weft/platform/db";
import type { WriteMeta } from "@weft/platform/events";
import { networkOf } from "@weft/platform/fairness";
import { once } from "@weft/platform/idempotency";
import { assertMailIsSent, mailsPerHour, sendMail, wakeMailSender } from "@weft/platform/mail";
import type { Context } from "@weft/api/context";
import type { KeyedIdInput } from "@weft/api/inputs";
import { countLiveKeysOfUser, endApiKeysOfUser } from "../api-keys/end-api-keys.js";
import {
  arePasswordsAccepted,
  assertPasswordsAccepted,
  hasActiveProvider,
  isPasswordRefused,
} from "../identity-providers/required.service.js";
import { mailSecurityNotice } from "../notices/security-notice.js";
import { readOneTimeToken } from "../one-time-tokens/one-time-token.js";
import { makeOneTimeToken, openToken, spendToken, tokenRefused, voidOneTimeTokens } from "../one-time-tokens/one-time-token.service.js";
import { announceRevocations } from "../revocations.js";
import { countPasskeys, endPasskeysOfUser } from "../second-factors/end-passkeys.js";
import { deletePendingTotp } from "../second-factors/prove-factor.js";
import { findWaysIn } from "../single-sign-on/ways-in.js";
import type { Attempt } from "../sessions/attempts/attempt-limits.js";
import { afterAnswer } from "../sessions/after-answer.js";
import { attemptLimiterOf } from "../sessions/attempts/attempt-limiter-of.js";
import { limitedAttempt } from "../sessions/attempts/limited-attempt.js";
import { loginNameHash, maxLoginNameLength, normalizeLoginName } from "../sessions/login-name.js";
import { endSessions } from "../sessions/logout.service.js";
import { hashingTurnOf } from "../sessions/passwords/hashing-places.js";
import { historyCountOf, repeatedPasswordProblems } from "../sessions/passwords/password-history.js";
import { assertOwnPassword } from "../sessions/passwords/own-password.js";
import { newPasswordProblems } from "../sessions/passwords/password-rule.js";
import { hashPassword, isSamePassword } from "../sessions/passwords/password.js";
import { findLoginCandidates, ownersOfName } from "../sessions/login.service.js";
import { metaOf, writeAs } from "../sessions/session-write.js";
import { findWrittenTenant } from "../tenants/tenant.service.js";
import {
  findNamesAroundUser,
  findPasswordHash,
  findRecentHashes,
  findUserForChange,
  hasPassword,
  isOwnerProven,
  setPassword,
  type UserRow,
} from "../users/known-user.service.js";
import { findUserOfLogin, openUser } from "../users/user.service.js";
import type { ChangePasswordInput, RequestPasswordResetInput, ResetPasswordInput } from "./password-change.type.js";

/** Validity of the link. */
const resetHours = 1;

/**
 * Changes the viewer's password and ends the viewer's other sessions.
 * @throws BadUserInput (also for a wrong current password), Forbidden (a user without a password), RateLimited
 */
export async function changePassword(ctx: Context, { currentPassword, newPassword }: ChangePasswordInput): Promise<UserRow> {
  const { tenantId, userId, sessionId } = ctx.viewer;
  const { current, names } = await asTenant(ctx.services.databases.app, { tenantId }, "read", async (tx) => ({
    current: await findPasswordHash(tx, userId),
    names: await findNamesAroundUser(tx, userId),
  }));
  if (current === null) throw new Forbidden("You have no password.");
  await assertPasswordsAccepted(ctx.services, ctx.viewer);
  await assertOwnPassword(ctx, current, { password: currentPassword, path: "input.currentPassword", action: "user.changePasswordFailed" });
  const problems = await newPasswordProblems(ctx.services, { tenantId }, { password: newPassword, path: "input.newPassword", names });
  if (problems.length === 0 && isSamePassword(newPassword, currentPassword))
    problems.push({ path: "input.newPassword", message: "This is your current password. Choose another." });
  const historyCount = await historyCountOf(ctx.services, tenantId);
  if (problems.length === 0) {
    const recent = await asTenant(ctx.services.databases.app, { tenantId }, "read", (tx) =>
      findRecentHashes(tx, { userId, count: historyCount }),
    );
    // The first one is the current password, which was compared.
    problems.push(...(await repeatedPasswordProblems(ctx, recent.slice(1), newPassword, "input.newPassword")));
  }
  if (problems.length > 0) throw new BadUserInput(problems);
  const passwordHash = await hashPassword(newPassword, ctx.services.config.passwordCost, hashingTurnOf(ctx));
  const { user, ended } = await writeAs(ctx, tenantId, async (tx) => {
    const before = await findUserForChange(tx, userId);
    if (before?.status !== "ACTIVE") throw new Forbidden("Your account is not active.");
    // Of two concurrent changes, the second one has no longer the current password.
    if ((await findPasswordHash(tx, userId)) !== current) throw new Conflict("The password was changed meanwhile.");
    const after = await setPassword(tx, ctx.meta, before, { action: "user.changePassword", passwordHash, historyCount });
    for (const each of resetPurposes) await voidOneTimeTokens(tx, userId, each);
    await deletePendingTotp(tx, userId);
    await mailSecurityNotice(ctx, tx, ctx.meta, after, {
      template: "passwordChanged",
      apiKeys: await countLiveKeysOfUser(tx, userId),
      passkeys: await countPasskeys(tx, userId),
    });
    return { user: after, ended: await endSessions(ctx, tx, { userId, exceptId: sessionId }, "PASSWORD_CHANGED") };
  });
  await announceRevocations(
    ctx.services,
    ended.map((id) => ({ tenantId, sessionId: id })),
  );
  wakeMailSender(ctx.services);
  return user;
}

/**
 * Emails a link to the active users with this login name, or to nobody. The caller cannot tell which: answer and work are the same, and the rest is done
 * after the answer. @throws RateLimited (too many requests from an address, or for a name), ServiceUnavailable (no mail server)
 */
export async function requestPasswordReset(ctx: Context, { login, tenant }: RequestPasswordResetInput): Promise<void> {
  assertMailIsSent(ctx.services.config);
  const nameHash = loginNameHash(login.slice(0, maxLoginNameLength + 1));
  const tenantSlug = tenant?.trim().toLowerCase() ?? null;
  // Every request counts, so that nobody can have many emails sent.
  const attempt: Attempt = {
    kind: "PASSWORD_RESET",
    nameHash: loginNameHash(`reset ${nameHash} ${tenantSlug ?? ""}`),
    address: networkOf(ctx.address ?? "unknown"),
  };
  const refused = await attemptLimiterOf(ctx.services).begin(attempt);
  if (refused) throw new RateLimited(refused);
  const name = normalizeLoginName(login.slice(0, maxLoginNameLength + 1));
  const found = await ctx.services.databases.auth.begin((tx) => findLoginCandidates(tx, { name, nameHash, tenantSlug }), "read");
  // The mails of a suspended tenant wait, so their links would be old.
  for (const owner of ownersOfName(found).filter(({ tenantStatus }) => tenantStatus === "ACTIVE")) mailResetLater(ctx, owner);
}

/** Emails the link to a user, after the answer, if they can have a password. */
function mailResetLater(ctx: Context, { tenantId, userId }: { readonly tenantId: string; readonly userId: string }): void {
  const meta = metaOf(ctx, { tenantId, userId, sessionId: null });
  const mail = async (tx: Tx): Promise<void> => {
    const user = await findUserForChange(tx, userId);
    if (user?.status !== "ACTIVE" || !((await hasPassword(tx, userId)) || (await mayChooseFirstPassword(tx, user)))) return;
    if (await isPasswordRefused(ctx.services, tx, user)) return;
    await mailReset(ctx, tx, meta, { user, createdBy: null });
    await writeAudit(tx, meta, [{ action: "user.requestPasswordReset", entityType: "user", entityId: userId, before: null, after: null }]);
  };
  afterAnswer(ctx.services, () =>
    writeAs(ctx, tenantId, mail)
      .then(() => wakeMailSender(ctx.services))
      .catch((error: unknown) => {
        // Such as six emails in an hour to an address.
        if (error instanceof RateLimited) ctx.log.info({ tenantId }, "a reset of a password was not emailed, because of a limit");
        else ctx.log.error({ err: error, tenantId }, "a reset of a password could not be emailed");
      }),
  );
}

/** Users of identity providers have no password. They get one once no provider is active, with which they could log in. A link proves who they are. */
async function mayChooseFirstPassword(tx: Tx, { type, emailVerifiedAt }: UserRow): Promise<boolean> {
  return type === "EMPLOYEE" && emailVerifiedAt !== null && !(await hasActiveProvider(tx));
}

/** Purposes of tokens that set a password: of a link in an email, or of a login with a temporary password. */
const resetPurposes = ["PASSWORD_RESET", "PASSWORD_CHANGE"] as const;

function readResetToken(key: Uint8Array, token: string): { readonly ref: RowRef; readonly purpose: (typeof resetPurposes)[number] } {
  for (const purpose of resetPurposes) {
    const ref = readOneTimeToken(purpose, key, token);
    if (ref !== null) return { ref, purpose };
  }
  throw tokenRefused();
}

/**
 * Sets the password of the user to whom a link was emailed, or who logged in with a temporary password, and ends all their sessions and API keys: somebody
 * else may have created keys. If the link is the first proof of the email address, also ends their passkeys. The token works once.
 * @returns the slug of the organization
 * @throws BadUserInput, Unauthenticated (the same for every invalid link), TenantSuspended, RateLimited
 */
export async function resetPassword(ctx: Context, { token, password }: ResetPasswordInput): Promise<string> {
  const { config, databases, keys } = ctx.services;
  return limitedAttempt(ctx, token, async () => {
    const { ref, purpose } = readResetToken(keys.refresh, token);
    const { tenantId } = ref;
    // Checked before hashing, which is expensive, and again afterwards.
    const { userId, slug, names } = await asTenant(databases.app, { tenantId }, "read", async (tx) => {
      const state = await openToken(tx, ref, purpose);
      return { ...state, names: await findNamesAroundUser(tx, state.userId) };
    });
    if (!(await arePasswordsAccepted(ctx.services, { tenantId, userId }))) throw tokenRefused();
    const problems = await newPasswordProblems(ctx.services, { tenantId }, { password, path: "input.password", names });
    const historyCount = await historyCountOf(ctx.services, tenantId);
    if (problems.length === 0) {
      // A temporary password must not become the lasting one.
      const count = purpose === "PASSWORD_CHANGE" ? Math.max(1, historyCount) : historyCount;
      const recent = await asTenant(databases.app, { tenantId }, "read", (tx) => findRecentHashes(tx, { userId, count }));
      problems.push(...(await repeatedPasswordProblems(ctx, recent, password, "input.password")));
    }
    if (problems.length > 0) throw new BadUserInput(problems);
    const passwordHash = await hashPassword(password, config.passwordCost, hashingTurnOf(ctx));
    const meta = metaOf(ctx, { tenantId, userId, sessionId: null });
    const ended = await writeAs(ctx, tenantId, async (tx) => {
      const before = await findUserForChange(tx, userId);
      await spendToken(tx, ref, purpose);
      if (before?.status !== "ACTIVE") throw tokenRefused();
      if (await isPasswordRefused(ctx.services, tx, before)) throw tokenRefused();
      // Whoever knew the temporary password must not replace the one that the user has chosen since.
      if (purpose === "PASSWORD_CHANGE" && !before.isPasswordTemporary) throw tokenRefused();
      // Nobody had proven to own the address before, so perhaps somebody else has used the account, and could still log in with a passkey.
      const isFirstProof = purpose === "PASSWORD_RESET" && !isOwnerProven(before);
      const known = isFirstProof ? await endPasskeysOfUser(tx, meta, before) : before;
      const after = await setPassword(tx, meta, known, {
        action: "user.resetPassword",
        passwordHash,
        historyCount,
        isEmailProven: purpose === "PASSWORD_RESET",
      });
      for (const each of resetPurposes) await voidOneTimeTokens(tx, userId, each);
      await deletePendingTotp(tx, userId);
      const keyIds = await endApiKeysOfUser(tx, meta, userId);
      const { passkeys, identities, hasApp } = await findWaysIn(tx, userId);
      await mailSecurityNotice(ctx, tx, meta, after, {
        template: "passwordChanged",
        apiKeys: 0,
        passkeys,
        // Somebody else could have added them before.
        ...(isFirstProof && { identities, hasApp }),
      });
      return [...keyIds, ...(await endSessions({ meta }, tx, { userId }, "PASSWORD_RESET"))];
    });
    await announceRevocations(
      ctx.services,
      ended.map((sessionId) => ({ tenantId, sessionId })),
    );
    wakeMailSender(ctx.services);
    return slug;
  });
}

/**
 * Emails a user the link with which they choose a new password, or their first one. The old one works until then.
 * @throws NotFound, Forbidden (a user with more rights), Conflict (not active), RateLimited, ServiceUnavailable (no mail server)
 */
export async function startPasswordReset(ctx: Context, { id: userId, idempotencyKey }: KeyedIdInput): Promise<UserRow> {
  assertMailIsSent(ctx.services.config);
  const id = decodeId("user", userId, "input.id");
  const user = await ctx.inTenant(async (tx) => {
    await once(tx, ctx.meta, { mutation: "startPasswordReset", key: idempotencyKey ?? null, input: { id: userId } }, async () => {
      const { before } = await openUser(ctx, tx, id, {});
      if (before.type === "SERVICE") throw new Forbidden("Service accounts have no password. Give programs API keys.");
      if (before.status !== "ACTIVE" || before.type === "OPERATOR")
        throw new Conflict(`The user is ${before.status}. Only passwords of active users can be reset.`, { currentState: before.status });
      if (await isPasswordRefused(ctx.services, tx, before))
        throw new Conflict("Single sign-on is required, so the user has no use for a password. Make them a break-glass user first.");
      await mailReset(ctx, tx, ctx.meta, { user: before, createdBy: ctx.viewer.userId });
      await writeAudit(tx, ctx.meta, [{ action: "user.startPasswordReset", entityType: "user", entityId: id, before, after: before }]);
      return { userId: id };
    });
    return findUserOfLogin(tx, id);
  });
  wakeMailSender(ctx.services);
  return user;
}

interface Reset {
  readonly user: UserRow;
  /** The administrator who started it. */
  readonly createdBy: string | null;
}

async function mailReset({ services }: Pick<Context, "services">, tx: Tx, meta: WriteMeta, { user, createdBy }: Reset): Promise<void> {
  const { config, keys } = services;
  const tenant = await findWrittenTenant(tx, meta.tenantId);
  const lifetimeSeconds = resetHours * 3600;
  const { id, token } = await makeOneTimeToken(tx, keys, { user, purpose: "PASSWORD_RESET", createdBy, lifetimeSeconds });
  await sendMail(tx, meta, {
    personId: user.id,
    to: user.email,
    template: "passwordReset",
    referenceId: id,
    perTenantAndHour: mailsPerHour(tenant),
    values: { slug: tenant.slug, token, url: `${config.mail.publicUrl}/reset-password#token=${token}`, hours: resetHours },
  });
}
