import { BadUserInput } from "@weft/shared/errors";
import { networkOf } from "@weft/platform/fairness";
import type { Context } from "@weft/api/context";
import { passwordLimiterOf } from "../attempts/attempt-limiter-of.js";
import type { Attempt } from "../attempts/attempt-limits.js";
import { countingGuesses } from "../attempts/limited-attempt.js";
import { loginNameHash } from "../login-name.js";
import { recordFailure } from "../session-write.js";
import { hashingTurnOf } from "./hashing-places.js";
import { verifyPassword } from "./password.js";

/**
 * Checks the password that the viewer gave again. Guesses count as failed logins do: whoever has found an open session must not find out the password.
 * @param current the stored hash
 * @param path of the password in the input
 * @param action of the audit entry of a wrong password
 * @throws BadUserInput, RateLimited
 */
export async function assertOwnPassword(
  ctx: Context,
  current: string,
  {
    password,
    path,
    action,
  }: { readonly password: string; readonly path: string; readonly action: "user.changePasswordFailed" | "session.reauthenticateFailed" },
): Promise<void> {
  await assertGuess(ctx, path, async () => {
    if (await verifyPassword(current, { password, turn: hashingTurnOf(ctx) }, ctx.services.config.passwordCost)) return true;
    recordFailure(ctx, ctx.viewer, action);
    return false;
  });
}

/**
 * Checks a password that the viewer gave again, and counts a wrong one as a failed login.
 * @param path of the password in the input
 * @throws BadUserInput, RateLimited
 */
export async function assertGuess(ctx: Context, path: string, isRight: () => Promise<boolean>): Promise<void> {
  const attempt: Attempt = {
    kind: "LOGIN",
    nameHash: loginNameHash(`change ${ctx.viewer.userId}`),
    address: networkOf(ctx.address ?? "unknown"),
  };
  const isGuess = (error: unknown): boolean => error instanceof BadUserInput;
  await countingGuesses(passwordLimiterOf(ctx.services), { attempt, isGuess }, async () => {
    if (!(await isRight())) throw new BadUserInput([{ path, message: "This is not your current password." }]);
  });
}
