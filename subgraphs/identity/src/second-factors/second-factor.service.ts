/** Second factors of users. See RFC 6238 and OWASP ASVS 5.0, V6.5. */
import { Conflict, Forbidden } from "@weft/shared/errors";
import { decodeId, newId } from "@weft/shared/ids";
import { writeAudit } from "@weft/platform/audit";
import { asTenant, type Tx } from "@weft/platform/db";
import { wakeMailSender } from "@weft/platform/mail";
import type { Context } from "@weft/api/context";
import type { IdInput } from "@weft/api/inputs";
import { mailSecurityNotice } from "../notices/security-notice.js";
import { announceRevocations } from "../revocations.js";
import { endSessions } from "../sessions/logout.service.js";
import { renewAuthentication } from "../sessions/login.service.js";
import { writeAs } from "../sessions/session-write.js";
import { recordFactorChange, type UserRow } from "../users/known-user.service.js";
import { openUser } from "../users/user.service.js";
import { deleteSecondFactors } from "./delete-factors.js";
import { lockOwnUser, replaceRecoveryCodes, requirementOf } from "./own-user.js";
import { findPasskeysOfUser } from "./passkeys/passkey.store.js";
import { toPasskey } from "./passkeys/passkey.type.js";
import { givenFactor, limitedFactor, seedField, useFactor, useTotp } from "./prove-factor.js";
import type { FactorInput } from "./prove-factor.js";
import {
  deleteConfirmedTotp,
  deletePendingTotp,
  deleteRecoveryCodes,
  deleteTotp,
  findFactorState,
  findMethods,
  findPendingTotp,
  findTotp,
  hasSecondFactor,
  insertTotp,
  markConfirmed,
} from "./second-factor.store.js";
import type { ConfirmTotpInput, EnrolTotpPayload, SecondFactorCodeInput, SecondFactors } from "./second-factor.type.js";
import { newSeed, seedUri } from "./totp.js";
import type { RecoveryCodesPayload } from "./recovery-codes-payload.type.js";

/** Returns the viewer's second factors. */
export async function findOwnFactors(ctx: Context): Promise<SecondFactors> {
  const { tenantId, userId } = ctx.viewer;
  const required = await requirementOf(ctx);
  // Row-level security hides the tables from users of vendors, who have second factors, too.
  return asTenant(ctx.services.databases.app, { tenantId }, "read", async (tx) => {
    const totp = await findTotp(tx, userId);
    const { codesLeft, isRequired } = await findFactorState(tx, userId, required);
    const { confirmedAt = null, lastUsedAt = null } = totp ?? {};
    const passkeys = await findPasskeysOfUser(tx, userId);
    return {
      methods: await findMethods(tx, userId, ctx.services.config),
      passkeys: passkeys.map(toPasskey),
      totpEnabledAt: confirmedAt,
      totpLastUsedAt: confirmedAt === null ? null : lastUsedAt,
      recoveryCodesLeft: codesLeft,
      isRequired,
    };
  });
}

/**
 * Begins the enrolment of an authenticator app. It replaces one that was begun and not confirmed. A confirmed one counts until this one is confirmed, so
 * that users can change to another app while a second factor is required. Only the same session can confirm it, within 15 minutes, unless the password or
 * the recovery codes are replaced before. The seed is returned only here.
 * @throws BadUserInput (a wrong factor, or none if the viewer has one), Forbidden, RateLimited
 */
export async function enrolTotp(ctx: Context, input: FactorInput): Promise<EnrolTotpPayload> {
  const { tenantId, tenantSlug, userId, sessionId } = ctx.viewer;
  const secret = newSeed();
  const id = newId();
  const begin = async (tx: Tx, user: UserRow): Promise<string> => {
    await deletePendingTotp(tx, userId);
    const [sealed = ""] = await ctx.services.secrets.seal(tx, tenantId, [{ field: seedField(id), value: secret }]);
    await insertTotp(tx, { tenantId, id, userId, sessionId, secret: sealed });
    await writeAudit(tx, ctx.meta, [{ action: "user.enrolTotp", entityType: "user", entityId: userId, before: null, after: null }]);
    return user.email;
  };
  const label = await withOwnFactor(ctx, input, { change: begin });
  return { secret, uri: seedUri(secret, { issuer: `Weft (${tenantSlug})`, label }) };
}

/**
 * Activates the authenticator app with its first code, replaces the one that the viewer has, and ends the viewer's other sessions. The recovery codes
 * are returned only here.
 * @throws BadUserInput (a wrong code), Conflict (nothing to confirm), Forbidden, RateLimited
 */
export async function confirmTotp(ctx: Context, { code }: ConfirmTotpInput): Promise<RecoveryCodesPayload> {
  const { tenantId, userId, sessionId } = ctx.viewer;
  const { codes, ended } = await limitedFactor(ctx, { tenantId, userId }, () =>
    writeAs(ctx, tenantId, async (tx) => {
      const user = await lockOwnUser(ctx, tx);
      const totp = await findPendingTotp(tx, { userId, sessionId });
      if (!totp)
        throw new Conflict(
          "There is no authenticator app to confirm: enrolTotp must have been called in this session, within the last 15 minutes.",
        );
      await useTotp(ctx, tx, { tenantId, totp, code });
      const isReplaced = await deleteConfirmedTotp(tx, userId);
      await markConfirmed(tx, totp.id);
      const recoveryCodes = await replaceRecoveryCodes(tx, { tenantId, userId });
      // Sessions opened with the password alone must not outlive it, except this one, which has just shown a code.
      await renewAuthentication(tx, { id: sessionId, enrolled: "TOTP" });
      const endedIds = await endSessions(ctx, tx, { userId, exceptId: sessionId }, "SECOND_FACTOR_ENABLED");
      const after = await recordFactorChange(tx, ctx.meta, user, "user.enableTotp");
      await mailSecurityNotice(ctx, tx, ctx.meta, after, {
        template: "secondFactorChanged",
        change: isReplaced ? "APP_REPLACED" : "ENABLED",
      });
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
 * Removes the authenticator app, and the recovery codes unless the user has a passkey.
 * @throws BadUserInput (a wrong code), Conflict (there is none), Forbidden (a second factor is required, and there is no other), RateLimited
 */
export async function removeTotp(ctx: Context, input: SecondFactorCodeInput): Promise<SecondFactors> {
  const required = await requirementOf(ctx);
  const assertAllowed = async (tx: Tx, user: UserRow): Promise<void> => {
    if (!(await findTotp(tx, user.id))) throw new Conflict("You have no authenticator app.");
    // Passkeys count only in installations that use them.
    if (!(await findMethods(tx, user.id, ctx.services.config)).includes("PASSKEY")) await assertNotRequired(tx, user.id, required);
  };
  const change = async (tx: Tx, user: UserRow): Promise<void> => {
    await deleteTotp(tx, user.id);
    const isLast = !(await hasSecondFactor(tx, user.id));
    if (isLast) await deleteRecoveryCodes(tx, user.id);
    const after = await recordFactorChange(tx, ctx.meta, user, "user.disableTotp");
    await mailSecurityNotice(ctx, tx, ctx.meta, after, { template: "secondFactorChanged", change: isLast ? "DISABLED" : "APP_REMOVED" });
  };
  await withFactor(ctx, input, { assertAllowed, change });
  return findOwnFactors(ctx);
}

/**
 * Replaces the recovery codes. The old ones no longer work.
 * @throws BadUserInput (a wrong code), Conflict (no second factor), Forbidden, RateLimited
 */
export async function regenerateRecoveryCodes(ctx: Context, input: SecondFactorCodeInput): Promise<RecoveryCodesPayload> {
  const { tenantId, userId } = ctx.viewer;
  const change = async (tx: Tx, user: UserRow): Promise<string[]> => {
    await deletePendingTotp(tx, userId);
    const codes = await replaceRecoveryCodes(tx, { tenantId, userId });
    const after = await recordFactorChange(tx, ctx.meta, user, "user.regenerateRecoveryCodes");
    await mailSecurityNotice(ctx, tx, ctx.meta, after, { template: "secondFactorChanged", change: "CODES_REPLACED" });
    return codes;
  };
  const recoveryCodes = await withFactor(ctx, input, { change });
  return { recoveryCodes, secondFactors: await findOwnFactors(ctx) };
}

/** A change of the viewer's own factors. */
export interface FactorChange<T> {
  /** Runs before the factor is checked: a refusal neither uses a code up nor tells whether it was right. */
  readonly assertAllowed?: (tx: Tx, user: UserRow) => Promise<void>;
  readonly change: (tx: Tx, user: UserRow) => Promise<T>;
}

/** Runs a change of the viewer's own factors that requires one of them. */
export async function withFactor<T>(ctx: Context, input: FactorInput, { assertAllowed, change }: FactorChange<T>): Promise<T> {
  const { tenantId, userId, sessionId } = ctx.viewer;
  const given = givenFactor(input);
  const result = await limitedFactor(ctx, { tenantId, userId }, () =>
    writeAs(ctx, tenantId, async (tx) => {
      const user = await lockOwnUser(ctx, tx);
      if (!(await hasSecondFactor(tx, userId)))
        throw new Conflict("You have no second factor. See enrolTotp and startPasskeyRegistration.");
      await assertAllowed?.(tx, user);
      await useFactor(ctx, tx, { tenantId, userId }, { given, use: { purpose: "SESSION", tenantId, userId, id: sessionId } });
      return change(tx, user);
    }),
  );
  wakeMailSender(ctx.services);
  return result;
}

/**
 * Begins to add a second factor: requires one of those that the viewer already has. Otherwise, somebody who knows the password and has found an open
 * session could add one of their own, and keep it.
 * @throws BadUserInput (a wrong factor, or none if the viewer has one), Forbidden, RateLimited, Unauthenticated, and what `assertAllowed` throws
 */
export async function withOwnFactor<T>(ctx: Context, input: FactorInput, { assertAllowed, change }: FactorChange<T>): Promise<T> {
  const { tenantId, userId, sessionId } = ctx.viewer;
  return limitedFactor(ctx, { tenantId, userId }, () =>
    writeAs(ctx, tenantId, async (tx) => {
      const user = await lockOwnUser(ctx, tx);
      await assertAllowed?.(tx, user);
      if (await hasSecondFactor(tx, userId)) {
        const use = { purpose: "SESSION", tenantId, userId, id: sessionId } as const;
        await useFactor(ctx, tx, { tenantId, userId }, { given: givenFactor(input), use });
      }
      return change(tx, user);
    }),
  );
}

/**
 * Removes all second factors of another user who has lost them, ends the user's sessions, and tells the user.
 * @throws NotFound, Forbidden (a user with more rights, yourself), Conflict (none)
 */
export async function resetSecondFactors(ctx: Context, input: IdInput): Promise<UserRow> {
  const id = decodeId("user", input.id, "input.id");
  const { tenantId } = ctx.viewer;
  if (id === ctx.viewer.userId) throw new Forbidden("You cannot reset your own second factors. Use removeTotp or removePasskey.");
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

/** @throws Forbidden if the user must have a second factor. Call it before the last one is removed. */
export async function assertNotRequired(tx: Tx, userId: string, required: { readonly byTenant: boolean }): Promise<void> {
  const { isRequired } = await findFactorState(tx, userId, required);
  if (isRequired)
    throw new Forbidden(
      "Your organization or one of your roles requires a second factor. Add another one first. To change the authenticator app, call enrolTotp with a code.",
    );
}
