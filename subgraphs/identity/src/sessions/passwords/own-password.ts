import { BadUserInput, networkOf, RateLimited } from "@weft/shared";
import type { Context } from "@weft/shared";
import { passwordLimiterOf } from "../attempts/attempt-limiter-of.js";
import type { Attempt } from "../attempts/attempt-limits.js";
import { loginNameHash } from "../login-name.js";
import { recordFailure } from "../session-write.js";
import { hashingTurnOf } from "./hashing-places.js";
import { verifyPassword } from "./password.js";

/**
 * Checks the password that the viewer gave again. Guesses count as failed logins do: whoever has found an open session must not find out the password.
 * @param current the stored hash
 * @param path of the password in the input
 * @throws BadUserInput, RateLimited
 */
export async function assertOwnPassword(
  ctx: Context,
  current: string,
  { password, path }: { readonly password: string; readonly path: string },
): Promise<void> {
  const limiter = passwordLimiterOf(ctx.services);
  const attempt: Attempt = {
    kind: "LOGIN",
    nameHash: loginNameHash(`change ${ctx.viewer.userId}`),
    address: networkOf(ctx.address ?? "unknown"),
  };
  const refused = await limiter.begin(attempt);
  if (refused) throw new RateLimited(refused);
  try {
    const isRight = await verifyPassword(current, { password, turn: hashingTurnOf(ctx) }, ctx.services.config.passwordCost);
    if (isRight) await limiter.succeeded(attempt);
    else {
      recordFailure(ctx, ctx.viewer, "user.changePasswordFailed");
      throw new BadUserInput([{ path, message: "This is not your current password." }]);
    }
  } catch (error) {
    if (!(error instanceof BadUserInput)) await limiter.cancelled(attempt);
    throw error;
  }
}
