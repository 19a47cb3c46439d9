import { Unauthenticated } from "@weft/shared/errors";
import { asTenant } from "@weft/platform/db";
import type { Context } from "@weft/api/context";
import { shareIdentityProvider } from "../identity-providers/identity-provider.service.js";
import { limitedAttempt } from "../sessions/attempts/limited-attempt.js";
import { openSession } from "../sessions/login.service.js";
import type { LoginPayload } from "../sessions/session.type.js";
import { challengeOf, MAX_VERIFIER_LENGTH, readCode } from "./login-tokens.js";
import { useProviderLogin, findExchangeableLogin } from "./single-sign-on.store.js";
import type { CompleteSingleSignOnInput } from "./single-sign-on.type.js";

/** One error for all reasons: unknown, used, expired, or not the verifier of the application that began the login. */
const refused = (): Unauthenticated => new Unauthenticated("This code is no longer valid. Start the login again.");

/**
 * Exchanges the code that an application got for a session. The code works once, within a minute, and only with the secret of the application that began
 * the login. @throws Unauthenticated, RateLimited, LimitExceeded
 */
export async function completeSingleSignOn(ctx: Context, { code, codeVerifier }: CompleteSingleSignOnInput): Promise<LoginPayload> {
  const { databases, keys } = ctx.services;
  return limitedAttempt(ctx, code, async () => {
    const ref = readCode(keys.refresh, code);
    if (ref === null || codeVerifier.length > MAX_VERIFIER_LENGTH) throw refused();
    const { tenantId, id } = ref;
    const which = { id, codeChallenge: challengeOf(codeVerifier) };
    const login = await asTenant(databases.app, { tenantId }, "read", (tx) => findExchangeableLogin(tx, which));
    if (login === null) throw refused();
    const opened = openSession(
      ctx,
      { tenantId, userId: login.userId, passwordHash: null },
      {
        proof: {
          factors: ["SSO"],
          provider: { id: login.providerId, session: login.providerSession },
          assert: async (tx) => {
            // Locked, so that a deactivation that ends the provider's sessions either finds this one or prevents it.
            const provider = await shareIdentityProvider(tx, login.providerId);
            if (provider?.status !== "ACTIVE" || !(await useProviderLogin(tx, which))) throw refused();
          },
        },
      },
    );
    // Such as a user who was disabled meanwhile. Limits of sessions have errors of their own.
    return opened.catch((error: unknown) => {
      throw error instanceof Unauthenticated ? refused() : error;
    });
  });
}
