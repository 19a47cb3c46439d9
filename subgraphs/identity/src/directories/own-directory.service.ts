/** The directory of a user who is logged in. */
import { asTenant, BadUserInput, networkOf } from "@weft/shared";
import type { Context, Tx } from "@weft/shared";
import { LRUCache } from "lru-cache";
import { ldapConfigurationOf } from "../identity-providers/ldap-configuration.js";
import { issuerOf } from "../identity-providers/provider-settings.js";
import { announceRevocations } from "../revocations.js";
import { passwordLimiterOf } from "../sessions/attempts/attempt-limiter-of.js";
import type { Attempt } from "../sessions/attempts/attempt-limits.js";
import { countingGuesses } from "../sessions/attempts/limited-attempt.js";
import { loginNameHash } from "../sessions/login-name.js";
import { endSessions } from "../sessions/logout.service.js";
import { metaOf, type SessionOwner, writeAs } from "../sessions/session-write.js";
import { hasUser } from "./directory.js";
import { type OpenDirectory, openDirectory, proveAccount, unavailable } from "./directory.service.js";
import { findDirectoryAccounts } from "./directory.store.js";

/** An account in a directory with which a user can prove who they are. */
export interface OwnDirectory extends OpenDirectory {
  readonly subject: string;
  /** Whether the directory has opened the session. */
  readonly isOfSession: boolean;
}

/** Returns the directory that has opened the viewer's session, or else the one to whose account the viewer was linked first. Null if there is none. */
export async function findOwnDirectory(
  { services }: Pick<Context, "services">,
  tx: Tx,
  { tenantId, userId, sessionId }: { readonly tenantId: string; readonly userId: string; readonly sessionId: string },
): Promise<OwnDirectory | null> {
  for (const { providerId, issuer, subject, isOfSession } of await findDirectoryAccounts(tx, { userId, sessionId })) {
    const opened = await openDirectory(services, tx, { tenantId, providerId });
    // Another search base, or another attribute, has other users.
    if (opened !== null && issuerOf(opened.provider) === issuer) return { ...opened, subject, isOfSession };
  }
  return null;
}

/** Checks the password of the viewer's directory. Guesses count as those of a password of Weft do. @throws BadUserInput, RateLimited, ServiceUnavailable */
export async function assertDirectoryPassword(
  ctx: Context,
  { provider, bindPassword, subject }: OwnDirectory,
  { password, path }: { readonly password: string; readonly path: string },
): Promise<void> {
  const attempt: Attempt = {
    kind: "LOGIN",
    nameHash: loginNameHash(`change ${ctx.viewer.userId}`),
    address: networkOf(ctx.address ?? "unknown"),
  };
  const directory = { tenantId: provider.tenantId, configuration: ldapConfigurationOf(provider), bindPassword };
  const isGuess = (error: unknown): boolean => error instanceof BadUserInput;
  await countingGuesses(passwordLimiterOf(ctx.services), { attempt, isGuess }, async () => {
    if ((await proveAccount(ctx, { provider, directory, sought: { subject }, password, device: null })) !== null) return;
    throw new BadUserInput([{ path, message: "This is not your current password." }]);
  });
}

const CHECK_MS = 5 * 60_000;
const UNKNOWN_MS = 60_000;
/** Users whose accounts were found a short time ago, or whose directory did not answer. */
const checked = new LRUCache<string, true>({ max: 50_000, ttl: CHECK_MS });

/**
 * Ends the sessions that a directory has opened for a user who is no longer in it, or no longer matches its filter. Asks it at most every five minutes for
 * each user. Returns whether the sessions stay. They do if the directory does not answer: it must not log everybody out.
 */
export async function keepsDirectorySession(
  ctx: Context,
  { tenantId, userId, sessionId, providerId }: SessionOwner & { readonly sessionId: string; readonly providerId: string },
): Promise<boolean> {
  const key = `${tenantId}/${providerId}/${userId}`;
  if (checked.has(key)) return true;
  checked.set(key, true);
  const own = await asTenant(ctx.services.databases.app, { tenantId }, "read", (tx) =>
    findOwnDirectory(ctx, tx, { tenantId, userId, sessionId }),
  );
  // Inactive, or another directory by now.
  if (own?.isOfSession !== true) return true;
  const directory = { tenantId, configuration: ldapConfigurationOf(own.provider), bindPassword: own.bindPassword };
  try {
    if (await hasUser(ctx.services, directory, own.subject)) return true;
  } catch (error) {
    ctx.log.warn(
      { err: unavailable(ctx, own.provider, error), tenantId, providerId },
      "whether a user is still in the directory is not known",
    );
    checked.set(key, true, { ttl: UNKNOWN_MS });
    return true;
  }
  checked.delete(key);
  const meta = metaOf(ctx, { tenantId, userId, sessionId: null });
  const ended = await writeAs(ctx, tenantId, (tx) => endSessions({ meta }, tx, { userId, providerId }, "PROVIDER_LOGOUT"));
  await announceRevocations(
    ctx.services,
    ended.map((id) => ({ tenantId, sessionId: id })),
  );
  return false;
}
