import { createHash } from "node:crypto";
import { newId } from "@weft/shared";
import type { Context } from "@weft/shared";
import type { Attempt } from "../attempts/attempt-limits.js";
import type { LoginCandidate } from "../session.store.js";
import { writeAs } from "../session-write.js";
import { issueMfaToken } from "./mfa-token.js";
import { insertPendingLogin } from "./pending-login.store.js";

/** Validity of the token. */
const lifetimeSeconds = 5 * 60;

/** Identifies a stored password hash without containing it: the pending login is void when it changes. */
export const fingerprintOf = (passwordHash: string | null): string =>
  createHash("sha256")
    .update(passwordHash ?? "")
    .digest("hex");

/**
 * Records that the password of a user was correct, and that a second factor must follow.
 * @param attempt at the login, which counts as successful only when the login is complete
 */
export async function beginPendingLogin(
  ctx: Context,
  { tenantId, userId, passwordHash }: Pick<LoginCandidate, "tenantId" | "userId" | "passwordHash">,
  { nameHash, address }: Attempt,
): Promise<{ mfaToken: string; methods: readonly string[] }> {
  const id = newId();
  const row = { tenantId, id, userId, passwordFingerprint: fingerprintOf(passwordHash), nameHash, address };
  await writeAs(ctx, tenantId, (tx) => insertPendingLogin(tx, { ...row, lifetimeSeconds }));
  return { mfaToken: issueMfaToken(ctx.services.keys.refresh, { tenantId, id }), methods: ["TOTP", "RECOVERY_CODE"] };
}
