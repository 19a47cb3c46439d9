/** The directory of a user who is logged in. */
import { RateLimited } from "@weft/shared/errors";
import { asTenant, type Tx } from "@weft/platform/db";
import type { WriteMeta } from "@weft/platform/events";
import { wakeMailSender } from "@weft/platform/mail";
import { lockRights } from "@weft/platform/rights";
import type { Context } from "@weft/api/context";
import { LRUCache } from "lru-cache";
import { endApiKeysOfProviderUser } from "../api-keys/end-api-keys.js";
import { shareIdentityProvider } from "../identity-providers/identity-provider.service.js";
import { issuerOf } from "../identity-providers/provider-settings.js";
import { announceRevocations } from "../revocations.js";
import { endPasskeysOfProvider } from "../second-factors/end-passkeys.js";
import { endSessions } from "../sessions/logout.service.js";
import { assertGuess } from "../sessions/passwords/own-password.js";
import { metaOf, type SessionOwner, writeAs } from "../sessions/session-write.js";
import { touchUserIdentity } from "../single-sign-on/provider-user.service.js";
import { findUserForChange } from "../users/known-user.service.js";
import { directoryOf, hasUser } from "./directory.js";
import { type OpenDirectory, openDirectory, proveAccount, unavailable } from "./directory.service.js";
import { type DirectoryAccount, findDirectoryAccounts } from "./directory.store.js";

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
  const directory = directoryOf(provider, bindPassword);
  await assertGuess(
    ctx,
    path,
    async () => (await proveAccount(ctx, { provider, directory, sought: { subject }, password, device: null })) !== null,
  );
}

const CHECK_MS = 5 * 60_000;
const UNKNOWN_MS = 60_000;
/** Time for which a directory may leave it open whether a user is still there. Then a session ends at its renewal. */
const MAX_UNSEEN_SECONDS = 24 * 60 * 60;
/** Age from which on the time of the last sight is written anew. */
const SEEN_SECONDS = 60 * 60;
/** Users whose accounts were found a short time ago, or whose directory did not answer. */
const checked = new LRUCache<string, true>({ max: 50_000, ttl: CHECK_MS });

interface DirectorySession extends SessionOwner {
  readonly sessionId: string;
  /** On whose behalf it was opened. */
  readonly providerId: string;
}

/**
 * Ends what a directory has opened for a user who is no longer in it, or no longer matches its filter: sessions, also those of passkeys that were registered
 * in them, the passkeys, and the API keys. Asks it at most every five minutes for each user. Returns whether the session stays. It does for a day if the
 * directory does not answer: it must not log everybody out.
 */
export async function keepsDirectorySession(ctx: Context, session: DirectorySession): Promise<boolean> {
  const key = `${session.tenantId}/${session.providerId}/${session.userId}`;
  if (checked.has(key)) return true;
  // Renewals that arrive meanwhile do not ask, too.
  checked.set(key, true);
  let askAgainMs = 0;
  try {
    const decision = await decide(ctx, session);
    askAgainMs = decision.askAgainMs;
    return decision.isKept;
  } finally {
    if (askAgainMs > 0) checked.set(key, true, { ttl: askAgainMs });
    else checked.delete(key);
  }
}

interface Decision {
  readonly isKept: boolean;
  /** 0: at the next renewal. */
  readonly askAgainMs: number;
}

async function decide(ctx: Context, session: DirectorySession): Promise<Decision> {
  const found = await findAccount(ctx, session);
  // Inactive, or another directory by now.
  if (found === null) return { isKept: true, askAgainMs: CHECK_MS };
  const state = await stateOf(ctx, found.opened, found.account);
  if (state === "PRESENT") {
    await confirm(ctx, session, found.account);
    return { isKept: true, askAgainMs: CHECK_MS };
  }
  if (state === "GONE") return { isKept: !(await endAll(ctx, session, found.opened)), askAgainMs: 0 };
  if (found.account.unseenSeconds <= MAX_UNSEEN_SECONDS) return { isKept: true, askAgainMs: state === "SILENT" ? UNKNOWN_MS : 0 };
  await endAnd(ctx, session, (tx, meta) => endSessions({ meta }, tx, { ids: [session.sessionId] }, "PROVIDER_LOGOUT"));
  return { isKept: false, askAgainMs: 0 };
}

interface FoundAccount {
  readonly account: DirectoryAccount;
  readonly opened: OpenDirectory;
}

function findAccount({ services }: Context, { tenantId, userId, sessionId, providerId }: DirectorySession): Promise<FoundAccount | null> {
  return asTenant(services.databases.app, { tenantId }, "read", async (tx) => {
    const account = (await findDirectoryAccounts(tx, { userId, sessionId })).find((each) => each.providerId === providerId);
    const opened = account === undefined ? null : await openDirectory(services, tx, { tenantId, providerId });
    if (account === undefined || opened === null || issuerOf(opened.provider) !== account.issuer) return null;
    return { account, opened };
  });
}

/** Asks whether the account is still there. `SILENT`: the directory does not say so. `BUSY`: it was not asked. */
async function stateOf(
  ctx: Context,
  { provider, bindPassword }: OpenDirectory,
  { subject }: DirectoryAccount,
): Promise<"PRESENT" | "GONE" | "SILENT" | "BUSY"> {
  const { tenantId, id: providerId } = provider;
  try {
    return (await hasUser(ctx.services, directoryOf(provider, bindPassword), subject)) ? "PRESENT" : "GONE";
  } catch (error) {
    const isBusy = error instanceof RateLimited;
    const err = isBusy ? error : unavailable(ctx, provider, error);
    ctx.log.warn({ err, tenantId, providerId }, "whether a user is still in the directory is not known");
    return isBusy ? "BUSY" : "SILENT";
  }
}

async function confirm(ctx: Context, { tenantId }: DirectorySession, { id, unseenSeconds }: DirectoryAccount): Promise<void> {
  if (unseenSeconds > SEEN_SECONDS) await writeAs(ctx, tenantId, (tx) => touchUserIdentity(tx, id));
}

/** Ends all that the directory has opened for the user. Returns false if the directory that has answered is not the one of the provider any more. */
async function endAll(ctx: Context, session: DirectorySession, { provider }: OpenDirectory): Promise<boolean> {
  const { tenantId, userId, providerId } = session;
  let isCurrent = false;
  await endAnd(ctx, session, async (tx, meta) => {
    // In the order of logins and of whoever makes an API key: what they open is either found here, or refused.
    await lockRights(tx, tenantId);
    isCurrent = (await shareIdentityProvider(tx, providerId))?.version === provider.version;
    if (!isCurrent || (await findUserForChange(tx, userId)) === null) return [];
    await endPasskeysOfProvider(ctx, tx, meta, { providerId, userId });
    const keyIds = await endApiKeysOfProviderUser(tx, meta, { providerId, userId });
    return [...keyIds, ...(await endSessions({ meta }, tx, { userId, providerId }, "PROVIDER_LOGOUT"))];
  });
  if (isCurrent) wakeMailSender(ctx.services);
  return isCurrent;
}

async function endAnd(
  ctx: Context,
  { tenantId, userId }: DirectorySession,
  end: (tx: Tx, meta: WriteMeta) => Promise<readonly string[]>,
): Promise<void> {
  const ended = await writeAs(ctx, tenantId, (tx) => end(tx, metaOf(ctx, { tenantId, userId, sessionId: null })));
  await announceRevocations(
    ctx.services,
    ended.map((id) => ({ tenantId, sessionId: id })),
  );
}
