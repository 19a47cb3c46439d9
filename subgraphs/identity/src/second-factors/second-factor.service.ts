/** Second factors of users. See RFC 6238 and OWASP ASVS 5.0, V6.5. */
import { asTenant, Conflict, decodeId, effectiveConfigOf, Forbidden, newId, wakeMailSender, writeAudit } from "@weft/shared";
import type { Context, Tx } from "@weft/shared";
import { mailSecurityNotice } from "../notices/security-notice.js";
import { announceRevocations } from "../revocations.js";
import { endSessions } from "../sessions/logout.service.js";
import { renewAuthentication } from "../sessions/login.service.js";
import { writeAs } from "../sessions/session-write.js";
import { findUserForChange, recordFactorChange, type UserRow } from "../users/known-user.service.js";
import { openUser } from "../users/user.service.js";
import { givenCode, limitedCode, seedField, useCode, useTotp } from "./prove-factor.js";
import { newRecoveryCodes, recoveryCodeHash } from "./recovery-code.js";
import {
  deletePendingTotp,
  deleteRecoveryCodes,
  deleteSecondFactors,
  findFactorState,
  findTotp,
  hasSecondFactor,
  insertRecoveryCodes,
  insertTotp,
  markConfirmed,
} from "./second-factor.store.js";
import type {
  ConfirmTotpInput,
  ConfirmTotpPayload,
  EnrolTotpPayload,
  RegenerateRecoveryCodesPayload,
  ResetSecondFactorsInput,
  SecondFactorCodeInput,
  SecondFactors,
} from "./second-factor.type.js";
import { newSeed, seedUri } from "./totp.js";

/** Returns the viewer's second factors. */
export async function findOwnFactors(ctx: Context): Promise<SecondFactors> {
  const { tenantId, userId } = ctx.viewer;
  const required = await requirementOf(ctx);
  // Row-level security hides the tables from users of vendors, who have second factors, too.
  return asTenant(ctx.services.databases.app, { tenantId }, "read", async (tx) => {
    const totp = await findTotp(tx, userId);
    const { codesLeft, isRequired } = await findFactorState(tx, userId, required);
    const { confirmedAt = null, lastUsedAt = null } = totp ?? {};
    return {
      methods: confirmedAt === null ? [] : ["TOTP", "RECOVERY_CODE"],
      totpEnabledAt: confirmedAt,
      totpLastUsedAt: confirmedAt === null ? null : lastUsedAt,
      recoveryCodesLeft: codesLeft,
      isRequired,
    };
  });
}

/**
 * Begins the enrolment of an authenticator app. It replaces one that was begun and not confirmed. The seed is returned only here.
 * @throws Conflict (already enrolled), Forbidden
 */
export async function enrolTotp(ctx: Context): Promise<EnrolTotpPayload> {
  const { tenantId, tenantSlug, userId } = ctx.viewer;
  const secret = newSeed();
  const id = newId();
  const label = await writeAs(ctx, tenantId, async (tx) => {
    const user = await lockOwnUser(ctx, tx);
    if (await hasSecondFactor(tx, userId)) throw new Conflict("You already have an authenticator app. Remove it first with disableTotp.");
    await deletePendingTotp(tx, userId);
    const [sealed = ""] = await ctx.services.secrets.seal(tx, tenantId, [{ field: seedField(id), value: secret }]);
    await insertTotp(tx, { tenantId, id, userId, secret: sealed });
    await writeAudit(tx, ctx.meta, [{ action: "user.enrolTotp", entityType: "user", entityId: userId, before: null, after: null }]);
    return user.email;
  });
  return { secret, uri: seedUri(secret, { issuer: `Weft (${tenantSlug})`, label }) };
}

/**
 * Activates the authenticator app with its first code, and ends the viewer's other sessions. The recovery codes are returned only here.
 * @throws BadUserInput (a wrong code), Conflict (nothing to confirm), Forbidden, RateLimited
 */
export async function confirmTotp(ctx: Context, { code }: ConfirmTotpInput): Promise<ConfirmTotpPayload> {
  const { tenantId, userId, sessionId } = ctx.viewer;
  const { codes, ended } = await limitedCode(ctx, { tenantId, userId }, () =>
    writeAs(ctx, tenantId, async (tx) => {
      const user = await lockOwnUser(ctx, tx);
      const totp = await findTotp(tx, userId);
      if (!totp || totp.confirmedAt !== null) throw new Conflict("There is no authenticator app to confirm. Begin with enrolTotp.");
      await useTotp(ctx, tx, { tenantId, totp, code });
      await markConfirmed(tx, totp.id);
      const recoveryCodes = await replaceRecoveryCodes(tx, { tenantId, userId });
      // Sessions opened with the password alone must not outlive it, except this one, which has just shown a code.
      await renewAuthentication(tx, { id: sessionId, enrolled: "TOTP" });
      const endedIds = await endSessions(ctx, tx, { userId, exceptId: sessionId }, "SECOND_FACTOR_ENABLED");
      const after = await recordFactorChange(tx, ctx.meta, user, "user.enableTotp");
      await mailSecurityNotice(ctx, tx, ctx.meta, after, { template: "secondFactorChanged", change: "ENABLED" });
      return { codes: recoveryCodes, ended: endedIds };
    }),
  );
  // Also of this session, which may have been restricted.
  await announceRevocations(
    ctx.services,
    [sessionId, ...ended].map((id) => ({ tenantId, sessionId: id })),
  );
  wakeMailSender(ctx.services);
  return { recoveryCodes: codes, secondFactors: await findOwnFactors(ctx) };
}

/**
 * Removes the authenticator app and the recovery codes.
 * @throws BadUserInput (a wrong code), Conflict (there is none), Forbidden (a second factor is required), RateLimited
 */
export async function disableTotp(ctx: Context, input: SecondFactorCodeInput): Promise<SecondFactors> {
  const required = await requirementOf(ctx);
  await withCode(ctx, input, async (tx, user) => {
    const { isRequired } = await findFactorState(tx, user.id, required);
    if (isRequired) throw new Forbidden("Your organization or one of your roles requires a second factor.");
    await deleteSecondFactors(tx, user.id);
    const after = await recordFactorChange(tx, ctx.meta, user, "user.disableTotp");
    await mailSecurityNotice(ctx, tx, ctx.meta, after, { template: "secondFactorChanged", change: "DISABLED" });
  });
  return findOwnFactors(ctx);
}

/**
 * Replaces the recovery codes. The old ones no longer work.
 * @throws BadUserInput (a wrong code), Conflict (no second factor), Forbidden, RateLimited
 */
export async function regenerateRecoveryCodes(ctx: Context, input: SecondFactorCodeInput): Promise<RegenerateRecoveryCodesPayload> {
  const { tenantId, userId } = ctx.viewer;
  const recoveryCodes = await withCode(ctx, input, async (tx, user) => {
    const codes = await replaceRecoveryCodes(tx, { tenantId, userId });
    const after = await recordFactorChange(tx, ctx.meta, user, "user.regenerateRecoveryCodes");
    await mailSecurityNotice(ctx, tx, ctx.meta, after, { template: "secondFactorChanged", change: "CODES_REPLACED" });
    return codes;
  });
  return { recoveryCodes, secondFactors: await findOwnFactors(ctx) };
}

/** Runs a change of the viewer's own factors that requires one of their codes. */
async function withCode<T>(ctx: Context, input: SecondFactorCodeInput, change: (tx: Tx, user: UserRow) => Promise<T>): Promise<T> {
  const { tenantId, userId } = ctx.viewer;
  const given = givenCode(input);
  const result = await limitedCode(ctx, { tenantId, userId }, () =>
    writeAs(ctx, tenantId, async (tx) => {
      const user = await lockOwnUser(ctx, tx);
      if (!(await hasSecondFactor(tx, userId))) throw new Conflict("You have no second factor. See enrolTotp.");
      await useCode(ctx, tx, { tenantId, userId }, given);
      return change(tx, user);
    }),
  );
  wakeMailSender(ctx.services);
  return result;
}

/**
 * Removes all second factors of another user who has lost them, ends the user's sessions, and tells the user.
 * @throws NotFound, Forbidden (a user with more rights, yourself), Conflict (none)
 */
export async function resetSecondFactors(ctx: Context, { userId }: ResetSecondFactorsInput): Promise<UserRow> {
  const id = decodeId("user", userId, "input.userId");
  const { tenantId } = ctx.viewer;
  if (id === ctx.viewer.userId) throw new Forbidden("You cannot reset your own second factors. Use disableTotp, with a code.");
  const { user, ended } = await ctx.inTenant(async (tx) => {
    const { before } = await openUser(ctx, tx, id, {});
    if (!(await deleteSecondFactors(tx, id))) throw new Conflict("The user has no second factor.");
    const after = await recordFactorChange(tx, ctx.meta, before, "user.resetSecondFactors");
    await mailSecurityNotice(ctx, tx, ctx.meta, after, { template: "secondFactorChanged", change: "RESET" });
    return { user: after, ended: await endSessions(ctx, tx, { userId: id }, "SECOND_FACTOR_RESET") };
  });
  await announceRevocations(
    ctx.services,
    ended.map((sessionId) => ({ tenantId, sessionId })),
  );
  wakeMailSender(ctx.services);
  return user;
}

/** Returns the locked viewer. @throws Forbidden if the viewer cannot have second factors */
async function lockOwnUser({ viewer }: Context, tx: Tx): Promise<UserRow> {
  if (viewer.operatorId !== null) throw new Forbidden("Platform operators have their second factors in their own organization.");
  const user = await findUserForChange(tx, viewer.userId);
  if (user?.status !== "ACTIVE") throw new Forbidden("Your account is not active.");
  if (user.type === "SERVICE") throw new Forbidden("Service accounts have no second factors.");
  return user;
}

async function replaceRecoveryCodes(tx: Tx, { tenantId, userId }: { tenantId: string; userId: string }): Promise<string[]> {
  const codes = newRecoveryCodes();
  await deleteRecoveryCodes(tx, userId);
  await insertRecoveryCodes(
    tx,
    codes.map((code) => ({ tenantId, id: newId(), userId, codeHash: recoveryCodeHash(userId, code) })),
  );
  return codes;
}

async function requirementOf(ctx: Context): Promise<{ byTenant: boolean }> {
  const { security } = await effectiveConfigOf(ctx.services, ctx.viewer.tenantId);
  return { byTenant: security.secondFactor === "REQUIRED" };
}
