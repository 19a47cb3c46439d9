import { createHash } from "node:crypto";
import { networkOf, RateLimited, Unauthenticated } from "@weft/shared";
import type { Context } from "@weft/shared";
import type { Attempt } from "./attempt-limits.js";
import { attemptLimiterOf } from "./attempt-limiter-of.js";

/**
 * Runs a call that presents a token without a login name. Failures count like those of logins, with the token in place of the name: many tokens from
 * one address, or one token many times, are rejected. Valid tokens are free.
 * @throws RateLimited, and anything that `run` throws
 */
export async function limitedAttempt<T>(ctx: Context, token: string, run: () => Promise<T>): Promise<T> {
  const limiter = attemptLimiterOf(ctx.services);
  const attempt: Attempt = {
    kind: "TOKEN",
    nameHash: createHash("sha256").update(token).digest("hex"),
    address: networkOf(ctx.address ?? "unknown"),
  };
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
