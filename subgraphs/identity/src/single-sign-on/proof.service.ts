import { BadUserInput } from "@weft/shared/errors";
import type { Tx } from "@weft/platform/db";
import type { Context } from "@weft/api/context";
import { shareIdentityProvider } from "../identity-providers/identity-provider.service.js";
import { challengeOf, MAX_VERIFIER_LENGTH, readCode } from "./login-tokens.js";
import { useReauthentication } from "./single-sign-on.store.js";

interface Proof {
  readonly code: string;
  readonly codeVerifier: string;
  /** Of the code in the input. */
  readonly path: string;
}

/**
 * Uses up the code of a login with which the viewer has just proven again who they are. It must have begun for this purpose, and the provider must have let
 * this user log in.
 * @throws BadUserInput for all reasons: unknown, used, expired, for a session, of another user, or not the verifier of the application
 */
export async function useSingleSignOnProof(ctx: Context, tx: Tx, { code, codeVerifier, path }: Proof): Promise<void> {
  const { tenantId, userId } = ctx.viewer;
  const refused = () => new BadUserInput([{ path, message: "This code is not valid, or no longer. Start the login again." }]);
  const ref = readCode(ctx.services.keys.refresh, code);
  if (ref?.tenantId !== tenantId || codeVerifier.length > MAX_VERIFIER_LENGTH) throw refused();
  const providerId = await useReauthentication(tx, { id: ref.id, codeChallenge: challengeOf(codeVerifier), userId });
  // Locked, so that a deactivation of the provider either comes first or finds what it has proven.
  if (providerId === null || (await shareIdentityProvider(tx, providerId))?.status !== "ACTIVE") throw refused();
}
