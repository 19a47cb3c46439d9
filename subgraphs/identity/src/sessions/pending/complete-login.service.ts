import { writeAudit } from "@weft/platform/audit";
import type { Tx } from "@weft/platform/db";
import type { WriteMeta } from "@weft/platform/events";
import { wakeMailSender } from "@weft/platform/mail";
import type { Context } from "@weft/api/context";
import { mailSecurityNotice } from "../../notices/security-notice.js";
import { givenFactor, limitedFactor, useFactor, WrongFactor } from "../../second-factors/prove-factor.js";
import type { GivenFactor } from "../../second-factors/prove-factor.js";
import { findUserOfLogin } from "../../users/user.service.js";
import { directoryProof, isDirectoryLogin } from "../../directories/directory-link.service.js";
import { passwordLimiterOf } from "../attempts/attempt-limiter-of.js";
import { limitedAttempt } from "../attempts/limited-attempt.js";
import { openSession } from "../login.service.js";
import type { CompleteLoginInput, LoginPayload } from "../session.type.js";
import { openPendingLogin, pendingRefused } from "./pending-login.service.js";
import { usePendingLogin } from "./pending-login.store.js";
import { warnOfWrongCodes } from "./warn-of-wrong-codes.js";

/**
 * Opens the session of a login whose password was correct, with a second factor.
 * @throws BadUserInput (a wrong code or passkey), Unauthenticated (the same for every invalid token), RateLimited, TenantSuspended
 */
export async function completeLogin(ctx: Context, input: CompleteLoginInput): Promise<LoginPayload> {
  const given = givenFactor(input);
  return limitedAttempt(ctx, input.mfaToken, async () => {
    const { pending, passwordHash } = await openPendingLogin(ctx, input.mfaToken, "ATTEMPT");
    const { tenantId, userId, nameHash, address, providerId } = pending;
    const first = providerId === null ? ({ factors: ["PASSWORD"] } as const) : directoryProof(providerId);
    const session = await limitedFactor(ctx, { tenantId, userId }, () =>
      openSession(
        ctx,
        { tenantId, userId, passwordHash },
        {
          proof: {
            ...first,
            factors: [...first.factors, given.method],
            assert: async (tx, meta) => {
              if (providerId !== null && !(await isDirectoryLogin(tx, { providerId, userId, proven: null }))) throw pendingRefused();
              await useFactor(
                ctx,
                tx,
                { tenantId, userId },
                { given, use: { purpose: "SECOND_FACTOR", tenantId, userId, id: pending.id } },
              );
              if (!(await usePendingLogin(tx, pending.id))) throw pendingRefused();
              await tellOfRecoveryCode(ctx, tx, { meta, userId, given });
            },
          },
        },
      ),
    ).catch((error: unknown) => {
      if (error instanceof WrongFactor) warnOfWrongCodes(ctx, { tenantId, userId });
      throw error;
    });
    // Now the login has succeeded, so the failures of the name at the address that sent the password are forgotten.
    const limiter = passwordLimiterOf(ctx.services);
    const attempt = { kind: "LOGIN", nameHash, address } as const;
    if ((await limiter.begin(attempt)) === null) await limiter.succeeded(attempt);
    if (given.method === "RECOVERY_CODE") wakeMailSender(ctx.services);
    return session;
  });
}

/** A recovery code is rarely used, and might have been found by somebody else. */
async function tellOfRecoveryCode(
  ctx: Context,
  tx: Tx,
  { meta, userId, given }: { readonly meta: WriteMeta; readonly userId: string; readonly given: GivenFactor },
): Promise<void> {
  if (given.method !== "RECOVERY_CODE") return;
  await writeAudit(tx, meta, [{ action: "user.useRecoveryCode", entityType: "user", entityId: userId, before: null, after: null }]);
  await mailSecurityNotice(ctx, tx, meta, await findUserOfLogin(tx, userId), { template: "secondFactorChanged", change: "CODE_USED" });
}
