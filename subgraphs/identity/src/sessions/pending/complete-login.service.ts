import { networkOf, TenantSuspended, Unauthenticated, wakeMailSender, writeAudit } from "@weft/shared";
import type { Context, Tx, WriteMeta } from "@weft/shared";
import { mailSecurityNotice } from "../../notices/security-notice.js";
import { givenCode, limitedCode, useCode } from "../../second-factors/prove-factor.js";
import type { GivenCode } from "../../second-factors/prove-factor.js";
import { findWrittenTenant } from "../../tenants/tenant.service.js";
import { findPasswordHash } from "../../users/known-user.service.js";
import { findUserOfLogin } from "../../users/user.service.js";
import { passwordLimiterOf } from "../attempts/attempt-limiter-of.js";
import { limitedAttempt } from "../attempts/limited-attempt.js";
import { openSession } from "../login.service.js";
import { writeAs } from "../session-write.js";
import type { CompleteLoginInput, LoginPayload } from "../session.type.js";
import { readMfaToken } from "./mfa-token.js";
import { fingerprintOf } from "./pending-login.service.js";
import { countAttempt, usePendingLogin } from "./pending-login.store.js";

/** Codes that can be tried with one token. Afterwards, the password is required again. */
const maxAttempts = 5;

/** One error for all reasons: used, expired, too many codes, another network, or the password was changed. */
const refused = (): Unauthenticated => new Unauthenticated("This login can no longer be completed. Log in again.");

/**
 * Opens the session of a login whose password was correct, with a second factor.
 * @throws BadUserInput (a wrong code), Unauthenticated (the same for every invalid token), RateLimited, TenantSuspended
 */
export async function completeLogin(ctx: Context, input: CompleteLoginInput): Promise<LoginPayload> {
  const given = givenCode(input);
  return limitedAttempt(ctx, input.mfaToken, async () => {
    const ref = readMfaToken(ctx.services.keys.refresh, input.mfaToken);
    if (ref === null) throw refused();
    const { tenantId } = ref;
    const address = networkOf(ctx.address ?? "unknown");
    const { pending, passwordHash, tenantStatus } = await writeAs(ctx, tenantId, async (tx) => {
      const row = await countAttempt(tx, ref.id, { max: maxAttempts });
      if (row?.address !== address) throw refused();
      return {
        pending: row,
        passwordHash: await findPasswordHash(tx, row.userId),
        tenantStatus: (await findWrittenTenant(tx, tenantId)).status,
      };
    });
    if (tenantStatus === "ARCHIVED" || fingerprintOf(passwordHash) !== pending.passwordFingerprint) throw refused();
    if (tenantStatus === "SUSPENDED") throw new TenantSuspended();
    const { userId, nameHash } = pending;
    const session = await limitedCode(ctx, { tenantId, userId }, () =>
      openSession(
        ctx,
        { tenantId, userId, passwordHash },
        {
          proof: {
            factors: ["PASSWORD", given.method],
            assert: async (tx, meta) => {
              await useCode(ctx, tx, { tenantId, userId }, given);
              if (!(await usePendingLogin(tx, pending.id))) throw refused();
              await tellOfRecoveryCode(ctx, tx, { meta, userId, given });
            },
          },
        },
      ),
    );
    // Now the login has succeeded, so the failures of the name at this address are forgotten.
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
  { meta, userId, given }: { readonly meta: WriteMeta; readonly userId: string; readonly given: GivenCode },
): Promise<void> {
  if (given.method !== "RECOVERY_CODE") return;
  await writeAudit(tx, meta, [{ action: "user.useRecoveryCode", entityType: "user", entityId: userId, before: null, after: null }]);
  await mailSecurityNotice(ctx, tx, meta, await findUserOfLogin(tx, userId), { template: "secondFactorChanged", change: "CODE_USED" });
}
