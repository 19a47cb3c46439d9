/** Checks of passkeys. Used by logins and by operations that require a second factor. */
import { Forbidden } from "@weft/shared/errors";
import type { Config } from "@weft/platform/config";
import type { Tx } from "@weft/platform/db";
import type { Services } from "@weft/platform/services";
import { readChallenge } from "./challenge.js";
import type { ChallengeUse } from "./challenge.js";
import { findCredential, recordPasskeyUse, useChallenge } from "./passkey.store.js";
import { answeredChallenge, verifyAssertion } from "./webauthn.js";
import type { Assertion, Owner } from "./webauthn.js";

/** Returns where passkeys are used. @throws Forbidden if this installation has none */
export function relyingPartyOf({ passkeys }: Config): NonNullable<Config["passkeys"]> {
  if (!passkeys) throw new Forbidden("This installation has no passkeys. Its operator can set WEFT_PASSKEY_DOMAIN.");
  return passkeys;
}

/**
 * Checks an assertion of a user's passkey, and uses its challenge up. `CLONED`: it is signed with the right key, but its counter has not grown since the
 * last use, as if a copy of the authenticator had been used meanwhile. After any other result than `PROVEN`, the caller rolls back.
 */
export async function provePasskey(
  { config, keys }: Pick<Services, "config" | "keys">,
  tx: Tx,
  { tenantId, userId }: Owner,
  { assertion, use }: { readonly assertion: Assertion; readonly use: ChallengeUse },
): Promise<"PROVEN" | "REFUSED" | "CLONED"> {
  const relyingParty = relyingPartyOf(config);
  const expectedChallenge = answeredChallenge(assertion);
  const challenge = expectedChallenge === null ? null : readChallenge(keys.refresh, use, expectedChallenge);
  if (expectedChallenge === null || challenge === null) return "REFUSED";
  const passkey = await findCredential(tx, { userId, credentialId: assertion.id });
  if (!passkey) return "REFUSED";
  const signed = await verifyAssertion(relyingParty, assertion, { publicKey: passkey.publicKey, expectedChallenge });
  if (!signed) return "REFUSED";
  // Before the counter: an assertion that is sent twice is a replay, and no clone.
  if (!(await useChallenge(tx, { tenantId, userId, challengeHash: challenge.hash, expiresAtSeconds: challenge.expiresAtSeconds })))
    return "REFUSED";
  if (await recordPasskeyUse(tx, { id: passkey.id, ...signed })) return "PROVEN";
  return (await findCredential(tx, { userId, credentialId: assertion.id })) ? "CLONED" : "REFUSED";
}
