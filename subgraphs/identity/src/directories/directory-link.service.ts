/** Directories as what users have proven their passwords to. */
import type { Tx } from "@weft/shared";
import { shareIdentityProvider } from "../identity-providers/identity-provider.service.js";
import { issuerOf } from "../identity-providers/provider-settings.js";
import { isLinked } from "../single-sign-on/provider-user.service.js";

/** What a session remembers of the password of a directory. */
export const directoryProof = (providerId: string) => ({ factors: ["DIRECTORY"] as const, provider: { id: providerId, session: null } });

/**
 * Whether a user whose password a directory has accepted can have a session: the directory is active, and they are linked to an account of it. It stays so
 * until commit: whoever deactivates the directory, or removes the link, ends the sessions that exist by then.
 */
export async function isDirectoryLogin(
  tx: Tx,
  { providerId, userId }: { readonly providerId: string; readonly userId: string },
): Promise<boolean> {
  const provider = await shareIdentityProvider(tx, providerId);
  if (provider?.kind !== "LDAP" || provider.status !== "ACTIVE") return false;
  return isLinked(tx, { providerId, issuer: issuerOf(provider), userId });
}
