import { createHash } from "node:crypto";
import { networkOf, RateLimited, Unauthenticated } from "@weft/shared";
import type { Context } from "@weft/shared";
import { attemptLimiterOf } from "./attempt-limiter-of.js";

/**
 * Runs what tries a token without a name. Failures count as those of logins do, with the token in the name's place: many tokens of one address, or one token
 * many times, are refused; one that is right costs nothing.
 * @throws RateLimited, and whatever `run` throws
 */
export async function limitedAttempt<T>(ctx: Context, token: string, run: () => Promise<T>): Promise<T> {
  const limiter = attemptLimiterOf(ctx.services);
  const attempt = { nameHash: createHash("sha256").update(token).digest("hex"), address: networkOf(ctx.address ?? "unknown") };
  const refused = await limiter.begin(attempt);
  if (refused) throw new RateLimited(refused);
  try {
    const result = await run();
    await limiter.succeeded(attempt);
    return result;
  } catch (error) {
    if (!(error instanceof Unauthenticated)) await limiter.cancelled(attempt);
    throw error;
  }
}
