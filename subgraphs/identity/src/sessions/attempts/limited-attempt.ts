import { createHash } from "node:crypto";
import { RateLimited, Unauthenticated } from "@weft/shared/errors";
import { networkOf } from "@weft/platform/fairness";
import type { Context } from "@weft/api/context";
import type { AttemptLimiter } from "./attempt-limiter.js";
import type { Attempt } from "./attempt-limits.js";
import { attemptLimiterOf } from "./attempt-limiter-of.js";

/**
 * Runs a call that presents a token without a login name. Failures count like those of logins, with the token in place of the name: many tokens from
 * one address, or one token many times, are rejected. Valid tokens are free.
 * @param isGuess whether an error means that the token is wrong
 * @throws RateLimited, and anything that `run` throws
 */
export function limitedAttempt<T>(
  ctx: Context,
  token: string,
  run: () => Promise<T>,
  isGuess: (error: unknown) => boolean = (error) => error instanceof Unauthenticated,
): Promise<T> {
  const attempt: Attempt = {
    kind: "TOKEN",
    nameHash: createHash("sha256").update(token).digest("hex"),
    address: networkOf(ctx.address ?? "unknown"),
  };
  return countingGuesses(attemptLimiterOf(ctx.services), { attempt, isGuess }, run);
}

/**
 * Runs a call that tests a secret. It counts as a failure if it throws a guess, as a success if it returns, and not at all if it throws anything else.
 * @param isReset whether a result resets the failures; otherwise the attempt stays counted as one
 * @throws RateLimited, and anything that `run` throws
 */
export async function countingGuesses<T>(
  limiter: AttemptLimiter,
  {
    attempt,
    isGuess,
    isReset = () => true,
  }: { readonly attempt: Attempt; readonly isGuess: (error: unknown) => boolean; readonly isReset?: (result: T) => boolean },
  run: () => Promise<T>,
): Promise<T> {
  const refused = await limiter.begin(attempt);
  if (refused) throw new RateLimited(refused);
  try {
    const result = await run();
    if (isReset(result)) await limiter.succeeded(attempt);
    return result;
  } catch (error) {
    if (!isGuess(error)) await limiter.cancelled(attempt);
    throw error;
  }
}
