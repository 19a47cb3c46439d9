import { createHash } from "node:crypto";
import { TenantSuspended, Unauthenticated } from "@weft/shared/errors";
import { newId } from "@weft/shared/ids";
import type { Tx } from "@weft/platform/db";
import type { Context } from "@weft/api/context";
import { findMethods } from "../../second-factors/prove-factor.js";
import type { Attempt } from "../attempts/attempt-limits.js";
import { findWrittenTenant } from "../../tenants/tenant.service.js";
import { findPasswordHash } from "../../users/known-user.service.js";
import type { LoginCandidate } from "../session.store.js";
import { writeAs } from "../session-write.js";
import { issueMfaToken, readMfaToken } from "./mfa-token.js";
import { countAttempt, deletePendingLoginsOfProvider, findPendingLogin, insertPendingLogin } from "./pending-login.store.js";
import type { PendingLoginRow } from "./pending-login.store.js";

/** Validity of the token. */
const lifetimeSeconds = 5 * 60;

/** Attempts with one token. Afterwards, the password is required again. */
const maxAttempts = 5;

/** One error for all reasons: used, expired, too many attempts, or the password was changed. */
export const pendingRefused = (): Unauthenticated => new Unauthenticated("This login can no longer be completed. Log in again.");

export { deletePendingLoginsOfProvider };

/** Identifies a stored password hash without containing it: the pending login is void when it changes. */
const fingerprintOf = (passwordHash: string | null): string =>
  createHash("sha256")
    .update(passwordHash ?? "")
    .digest("hex");

/**
 * Records that the password of a user was correct, and that a second factor must follow.
 * @param attempt at the login, which counts as successful only when the login is complete
 * @param directory has checked the password. Null if it was the one whose hash is given. `assert` throws if the directory is another one by now
 */
export async function beginPendingLogin(
  ctx: Context,
  { tenantId, userId, passwordHash }: Pick<LoginCandidate, "tenantId" | "userId" | "passwordHash">,
  { nameHash, address }: Pick<Attempt, "nameHash" | "address">,
  directory: { readonly providerId: string; readonly assert: (tx: Tx) => Promise<void> } | null = null,
): Promise<{ mfaToken: string; methods: readonly string[] }> {
  const id = newId();
  const row = {
    tenantId,
    id,
    userId,
    passwordFingerprint: fingerprintOf(passwordHash),
    nameHash,
    address,
    providerId: directory?.providerId ?? null,
  };
  const methods = await writeAs(ctx, tenantId, async (tx) => {
    await directory?.assert(tx);
    await insertPendingLogin(tx, { ...row, lifetimeSeconds });
    return findMethods(tx, userId, ctx.services.config);
  });
  return { mfaToken: issueMfaToken(ctx.services.keys.refresh, { tenantId, id }), methods };
}

/** A login that can still be completed, and the hash of the password that it began with. */
export interface OpenPendingLogin {
  readonly pending: PendingLoginRow;
  readonly passwordHash: string | null;
}

/**
 * Returns the login of a token.
 * @param purpose `ATTEMPT` counts an attempt to complete it, of which there are five
 * @throws Unauthenticated (the same for every invalid token), TenantSuspended
 */
export async function openPendingLogin(ctx: Context, mfaToken: string, purpose: "ATTEMPT" | "READ"): Promise<OpenPendingLogin> {
  const ref = readMfaToken(ctx.services.keys.refresh, mfaToken);
  if (ref === null) throw pendingRefused();
  const { pending, passwordHash, tenantStatus } = await writeAs(ctx, ref.tenantId, async (tx) => {
    const row = await (purpose === "ATTEMPT" ? countAttempt : findPendingLogin)(tx, ref.id, { max: maxAttempts });
    if (row === null) throw pendingRefused();
    return {
      pending: row,
      passwordHash: await findPasswordHash(tx, row.userId),
      tenantStatus: (await findWrittenTenant(tx, ref.tenantId)).status,
    };
  });
  // The password of a directory has no hash here.
  const isChanged = pending.providerId === null && fingerprintOf(passwordHash) !== pending.passwordFingerprint;
  if (tenantStatus === "ARCHIVED" || isChanged) throw pendingRefused();
  if (tenantStatus === "SUSPENDED") throw new TenantSuspended();
  return { pending, passwordHash };
}
