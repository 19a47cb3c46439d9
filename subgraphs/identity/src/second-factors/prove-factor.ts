/** Checks of codes. Used by logins and by operations that require a code. */
import { BadUserInput, networkOf } from "@weft/shared";
import type { Context, Tx } from "@weft/shared";
import { attemptLimiterOf } from "../sessions/attempts/attempt-limiter-of.js";
import type { Attempt } from "../sessions/attempts/attempt-limits.js";
import { countingGuesses } from "../sessions/attempts/limited-attempt.js";
import { loginNameHash } from "../sessions/login-name.js";
import { recordFailure } from "../sessions/session-write.js";
import { recoveryCodeHash } from "./recovery-code.js";
import { findTotp, useRecoveryCode, useStep } from "./second-factor.store.js";
import { stepOf } from "./totp.js";

export { countWrongCode, deleteSecondFactors, hasSecondFactor } from "./second-factor.store.js";

/** Whose code it is. IDs are UUIDs. */
interface Owner {
  readonly tenantId: string;
  readonly userId: string;
}

/** A code that a client sent. */
export interface GivenCode {
  readonly method: "TOTP" | "RECOVERY_CODE";
  readonly code: string;
}

/** The code is wrong, or was used before. Counts as a guess. */
export class WrongCode extends BadUserInput {
  constructor({ method }: Pick<GivenCode, "method">) {
    super([
      method === "TOTP"
        ? { path: "input.code", message: "This code is not valid, or was already used. Wait for the next one." }
        : { path: "input.recoveryCode", message: "This recovery code is not valid, or was already used." },
    ]);
  }
}

/** Returns the only code of an input. @throws BadUserInput if there is none, or more than one */
export function givenCode({ code, recoveryCode }: { readonly code?: string | null; readonly recoveryCode?: string | null }): GivenCode {
  const given: GivenCode[] = [
    ...(typeof code === "string" ? [{ method: "TOTP", code } as const] : []),
    ...(typeof recoveryCode === "string" ? [{ method: "RECOVERY_CODE", code: recoveryCode } as const] : []),
  ];
  const [first] = given;
  if (!first || given.length > 1)
    throw new BadUserInput([{ path: "input.code", message: "Give either a code of your authenticator app or a recovery code." }]);
  return first;
}

/** Uses a code up. @throws BadUserInput if it is not valid */
export async function useCode(
  { services }: Pick<Context, "services">,
  tx: Tx,
  { tenantId, userId }: Owner,
  given: GivenCode,
): Promise<void> {
  if (given.method === "RECOVERY_CODE") {
    if (!(await useRecoveryCode(tx, { userId, codeHash: recoveryCodeHash(userId, given.code) }))) throw new WrongCode(given);
    return;
  }
  const totp = await findTotp(tx, userId);
  if (!totp?.confirmedAt) throw new WrongCode(given);
  await useTotp({ services }, tx, { tenantId, totp, code: given.code });
}

/** Uses up a code of a TOTP factor, confirmed or not. @throws BadUserInput */
export async function useTotp(
  { services }: Pick<Context, "services">,
  tx: Tx,
  {
    tenantId,
    totp,
    code,
  }: { readonly tenantId: string; readonly totp: { readonly id: string; readonly secret: string }; readonly code: string },
): Promise<void> {
  const [seed = ""] = await services.secrets.open(tx, tenantId, [{ field: seedField(totp.id), value: totp.secret }]);
  const step = stepOf(seed, code, Date.now());
  if (step === null || !(await useStep(tx, { id: totp.id, step }))) throw new WrongCode({ method: "TOTP" });
}

/** Position of a seed, which is bound to the ciphertext. */
export const seedField = (id: string): string => `identity.second_factors.secret/${id}`;

/**
 * Runs a call that presents a code. Wrong codes count like failed logins, for the user and the address, whatever the operation: an attacker who knows
 * the password gets few guesses, and the user is not locked out where they have logged in before.
 * @throws RateLimited, and anything that `run` throws
 */
export function limitedCode<T>(ctx: Context, owner: Owner, run: () => Promise<T>): Promise<T> {
  const attempt: Attempt = { kind: "CODE", nameHash: loginNameHash(owner.userId), address: networkOf(ctx.address ?? "unknown") };
  const isGuess = (error: unknown): boolean => error instanceof WrongCode;
  return countingGuesses(attemptLimiterOf(ctx.services), { attempt, isGuess }, run).catch((error: unknown) => {
    if (isGuess(error)) recordFailure(ctx, owner, "session.secondFactorFailed");
    throw error;
  });
}
