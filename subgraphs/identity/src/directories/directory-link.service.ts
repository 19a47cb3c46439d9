/** Directories as what users have proven their passwords to. */
import type { Tx } from "@weft/platform/db";
import { shareIdentityProvider } from "../identity-providers/identity-provider.service.js";
import { issuerOf } from "../identity-providers/provider-settings.js";
import { findUserIdentity, isLinked } from "../single-sign-on/provider-user.service.js";

/** What a session remembers of the password of a directory. */
export const directoryProof = (providerId: string) => ({ factors: ["DIRECTORY"] as const, provider: { id: providerId, session: null } });

/** What was proven a moment ago. */
export interface Proven {
  /** Of the provider when the directory was asked. What it says is not about another server. */
  readonly version: number;
  /** The account whose password was right. */
  readonly subject: string;
}

/**
 * Whether a user whose password a directory has accepted can have a session: the directory is active, and they are linked to an account of it. It stays so
 * until commit: whoever deactivates the directory, or removes the link, ends the sessions that exist by then.
 * @param proven null if a pending login remembers it, which ends when the directory becomes another one
 */
export async function isDirectoryLogin(
  tx: Tx,
  { providerId, userId, proven }: { readonly providerId: string; readonly userId: string; readonly proven: Proven | null },
): Promise<boolean> {
  const provider = await shareIdentityProvider(tx, providerId);
  if (provider?.kind !== "LDAP" || provider.status !== "ACTIVE") return false;
  const issuer = issuerOf(provider);
  if (proven === null) return isLinked(tx, { providerId, issuer, userId });
  if (provider.version !== proven.version) return false;
  return (await findUserIdentity(tx, { providerId, issuer, subject: proven.subject }))?.userId === userId;
}
