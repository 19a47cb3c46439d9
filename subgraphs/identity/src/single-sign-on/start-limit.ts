import { createHash } from "node:crypto";
import { RateLimited } from "@weft/shared/errors";
import { networkOf } from "@weft/platform/fairness";
import type { Context } from "@weft/api/context";
import { attemptLimiterOf } from "../sessions/attempts/attempt-limiter-of.js";
import type { Attempt } from "../sessions/attempts/attempt-limits.js";

/** A provider of a tenant. IDs are UUIDs. */
interface ProviderRef {
  readonly tenantId: string;
  readonly providerId: string;
}

const attemptOf = (ctx: Context, { tenantId, providerId }: ProviderRef): Attempt => ({
  kind: "SINGLE_SIGN_ON",
  nameHash: createHash("sha256").update(`${tenantId}/${providerId}`).digest("hex"),
  address: networkOf(ctx.address ?? "unknown"),
});

/**
 * Counts a login that begins. Anybody can begin logins, and each is a row until it expires, so those that nobody finishes are limited.
 * @throws RateLimited
 */
export async function beginStart(ctx: Context, provider: ProviderRef): Promise<void> {
  const refused = await attemptLimiterOf(ctx.services).begin(attemptOf(ctx, provider));
  if (refused) throw new RateLimited(refused);
}

/** A login has returned from the provider, so it no longer counts. Call it once for each. */
export const endStart = (ctx: Context, provider: ProviderRef): Promise<void> =>
  attemptLimiterOf(ctx.services).cancelled(attemptOf(ctx, provider));
