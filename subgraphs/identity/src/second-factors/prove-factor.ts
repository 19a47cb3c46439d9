/** Checks of codes and passkeys. Used by logins and by operations that require a second factor. */
import { BadUserInput } from "@weft/shared/errors";
import type { Tx } from "@weft/platform/db";
import { networkOf } from "@weft/platform/fairness";
import type { Context } from "@weft/api/context";
import { attemptLimiterOf } from "../sessions/attempts/attempt-limiter-of.js";
import type { Attempt } from "../sessions/attempts/attempt-limits.js";
import { countingGuesses } from "../sessions/attempts/limited-attempt.js";
import { loginNameHash } from "../sessions/login-name.js";
import { recordFailure } from "../sessions/session-write.js";
import type { ChallengeUse } from "./passkeys/challenge.js";
import { provePasskey } from "./passkeys/prove-passkey.js";
import { readAssertion } from "./passkeys/webauthn.js";
import type { Assertion, Owner } from "./passkeys/webauthn.js";
import { recoveryCodeHash } from "./recovery-code.js";
import { findTotp, forgetWrongCodes, useRecoveryCode, useStep } from "./second-factor.store.js";
import { stepOf } from "./totp.js";

export { deleteSecondFactors } from "./delete-factors.js";
export { countWrongCode, deletePendingTotp, findMethods, findTotp, hasSecondFactor } from "./second-factor.store.js";

/** A second factor that a client presents. */
export type GivenFactor =
  | { readonly method: "TOTP" | "RECOVERY_CODE"; readonly code: string }
  | { readonly method: "PASSKEY"; readonly assertion: Assertion };

/** The members of an input that present a second factor. */
export interface FactorInput {
  readonly code?: string | null;
  readonly recoveryCode?: string | null;
  readonly passkey?: unknown;
}

const refusals = {
  TOTP: { path: "input.code", message: "This code is not valid, or was already used. Wait for the next one." },
  RECOVERY_CODE: { path: "input.recoveryCode", message: "This recovery code is not valid, or was already used." },
  PASSKEY: { path: "input.passkey", message: "This passkey was not accepted. Request new options, and try again." },
} as const;

/** The code or passkey is wrong, or was used before. Counts as a guess. */
export class WrongFactor extends BadUserInput {
  constructor({ method }: Pick<GivenFactor, "method">) {
    super([refusals[method]]);
  }
}

/** The signature is right, but older than another one: there may be a copy of the authenticator. Looks like any wrong passkey. */
export class ClonedPasskey extends WrongFactor {
  constructor() {
    super({ method: "PASSKEY" });
  }
}

/** Returns the only factor of an input. @throws BadUserInput if there is none, or more than one */
export function givenFactor({ code, recoveryCode, passkey = null }: FactorInput): GivenFactor {
  const given: (() => GivenFactor)[] = [
    ...(typeof code === "string" ? [() => ({ method: "TOTP", code }) as const] : []),
    ...(typeof recoveryCode === "string" ? [() => ({ method: "RECOVERY_CODE", code: recoveryCode }) as const] : []),
    ...(passkey !== null ? [() => ({ method: "PASSKEY", assertion: readAssertion(passkey, "input.passkey") }) as const] : []),
  ];
  const [first] = given;
  if (!first || given.length > 1)
    throw new BadUserInput([
      { path: "input.code", message: "Give one of: a code of your authenticator app, a recovery code, or the result of a passkey." },
    ]);
  return first();
}

interface FactorUse {
  readonly given: GivenFactor;
  /** What a passkey must have been asked for. */
  readonly use: ChallengeUse;
}

/** Uses a factor up. @throws BadUserInput if it is not valid */
export async function useFactor(ctx: Pick<Context, "services">, tx: Tx, owner: Owner, used: FactorUse): Promise<void> {
  await assertFactor(ctx, tx, owner, used);
  await forgetWrongCodes(tx, owner.userId);
}

async function assertFactor(
  { services }: Pick<Context, "services">,
  tx: Tx,
  { tenantId, userId }: Owner,
  { given, use }: FactorUse,
): Promise<void> {
  switch (given.method) {
    case "PASSKEY": {
      const result = await provePasskey(services, tx, { tenantId, userId }, { assertion: given.assertion, use });
      if (result !== "PROVEN") throw result === "CLONED" ? new ClonedPasskey() : new WrongFactor(given);
      return;
    }
    case "RECOVERY_CODE":
      if (!(await useRecoveryCode(tx, { userId, codeHash: recoveryCodeHash(userId, given.code) }))) throw new WrongFactor(given);
      return;
    case "TOTP": {
      const totp = await findTotp(tx, userId);
      if (!totp) throw new WrongFactor(given);
      await useTotp({ services }, tx, { tenantId, totp, code: given.code });
      return;
    }
    default:
      return given satisfies never;
  }
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
  if (step === null || !(await useStep(tx, { id: totp.id, step }))) throw new WrongFactor({ method: "TOTP" });
}

/** Position of a seed, which is bound to the ciphertext. */
export const seedField = (id: string): string => `identity.second_factors.secret/${id}`;

/**
 * Runs a call that presents a second factor. Wrong ones count like failed logins, for the user and the address, whatever the operation: an attacker who
 * knows the password gets few guesses, and the user is not locked out where they have logged in before.
 * @throws RateLimited, and anything that `run` throws
 */
export function limitedFactor<T>(ctx: Context, owner: Owner, run: () => Promise<T>): Promise<T> {
  const attempt: Attempt = { kind: "CODE", nameHash: loginNameHash(owner.userId), address: networkOf(ctx.address ?? "unknown") };
  const isGuess = (error: unknown): boolean => error instanceof WrongFactor;
  return countingGuesses(attemptLimiterOf(ctx.services), { attempt, isGuess }, run).catch((error: unknown) => {
    if (isGuess(error))
      recordFailure(ctx, owner, error instanceof ClonedPasskey ? "session.passkeyCloneSuspected" : "session.secondFactorFailed");
    throw error;
  });
}
