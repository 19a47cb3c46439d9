import { TenantSuspended, Unauthenticated } from "@weft/shared/errors";
import { asTenant } from "@weft/platform/db";
import { networkOf } from "@weft/platform/fairness";
import type { Context } from "@weft/api/context";
import { passwordLimiterOf } from "../../sessions/attempts/attempt-limiter-of.js";
import type { Attempt } from "../../sessions/attempts/attempt-limits.js";
import { countingGuesses } from "../../sessions/attempts/limited-attempt.js";
import { newDeviceId, readDeviceToken } from "../../sessions/device-token.js";
import { hashForLog, openSession } from "../../sessions/login.service.js";
import { loginNameHash } from "../../sessions/login-name.js";
import { recordFailure } from "../../sessions/session-write.js";
import type { LoginPayload } from "../../sessions/session.type.js";
import { ClonedPasskey, useFactor, WrongFactor } from "../prove-factor.js";
import type { LoginWithPasskeyInput } from "./passkey.input.js";
import { findPasskeyCandidate } from "./passkey.store.js";
import { relyingPartyOf } from "./prove-passkey.js";
import { readAssertion, readUserHandle } from "./webauthn.js";
import type { Assertion, Owner } from "./webauthn.js";

/** One error for all failures, which does not reveal whether the passkey or its user exists, is removed, disabled, or in another tenant. */
const refused = (): Unauthenticated => new Unauthenticated("This passkey was not accepted. Request new options, and try again.");

/**
 * Opens a session with a passkey alone: possession of the authenticator, which has verified the user. Unknown passkeys, those of other tenants, and
 * wrong signatures return the same error. Failures count as those of `login` do.
 * @throws BadUserInput (not an assertion), Forbidden (no passkeys here), Unauthenticated, RateLimited, and, only after a right signature,
 * TenantSuspended and LimitExceeded
 */
export async function loginWithPasskey(ctx: Context, { passkey, tenant, deviceToken }: LoginWithPasskeyInput): Promise<LoginPayload> {
  relyingPartyOf(ctx.services.config);
  const assertion = readAssertion(passkey, "input.passkey");
  // Anybody can send any handle. It only says where to look for the key that must have signed.
  const owner = readUserHandle(assertion.response.userHandle ?? null);
  const device = readDeviceToken(ctx.services.keys.refresh, deviceToken ?? "");
  const isKnown = device !== null && device.tenantId === owner?.tenantId && device.userId === owner.userId;
  const attempt: Attempt = {
    kind: "LOGIN",
    nameHash: loginNameHash(`passkey ${assertion.id}`),
    address: networkOf(ctx.address ?? "unknown"),
    deviceId: isKnown ? device.deviceId : null,
  };
  const isGuess = (error: unknown): boolean => error instanceof Unauthenticated;
  return countingGuesses(passwordLimiterOf(ctx.services), { attempt, isGuess }, () =>
    attemptLogin(ctx, { owner, assertion, slug: tenant?.trim().toLowerCase() ?? null, deviceId: attempt.deviceId ?? newDeviceId() }),
  ).catch((error: unknown) => {
    if (isGuess(error)) ctx.log.info({ loginHash: hashForLog(ctx, attempt.nameHash), address: ctx.address }, "a login was refused");
    throw error;
  });
}

interface Presented {
  readonly owner: Owner | null;
  readonly assertion: Assertion;
  readonly slug: string | null;
  readonly deviceId: string;
}

async function attemptLogin(ctx: Context, { owner, assertion, slug, deviceId }: Presented): Promise<LoginPayload> {
  if (!owner) throw refused();
  const { tenantId, userId } = owner;
  const found = await asTenant(ctx.services.databases.app, { tenantId }, "read", (tx) =>
    findPasskeyCandidate(tx, { userId, credentialId: assertion.id }),
  );
  if (!found || found.tenantStatus === "ARCHIVED" || (slug !== null && slug !== found.slug)) throw refused();
  try {
    return await openSession(
      ctx,
      { tenantId, userId, passwordHash: null },
      {
        proof: {
          factors: ["PASSKEY"],
          credentialId: assertion.id,
          assert: async (tx) => {
            await useFactor(ctx, tx, owner, { given: { method: "PASSKEY", assertion }, use: { purpose: "LOGIN" } });
            if (found.tenantStatus === "SUSPENDED") throw new TenantSuspended();
          },
        },
        deviceId,
      },
    );
  } catch (error) {
    if (!(error instanceof WrongFactor || error instanceof Unauthenticated)) throw error;
    recordFailure(ctx, owner, error instanceof ClonedPasskey ? "session.passkeyCloneSuspected" : "session.loginFailed");
    throw refused();
  }
}
