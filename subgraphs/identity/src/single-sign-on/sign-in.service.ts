/** The last steps of a login with a provider, which are the same for all kinds: the user, and what the application learns. */
import { TenantSuspended } from "@weft/shared/errors";
import type { Tx } from "@weft/platform/db";
import { wakeMailSender } from "@weft/platform/mail";
import type { Context } from "@weft/api/context";
import type { IdentityProviderRow } from "../identity-providers/identity-provider.service.js";
import { ProviderUnusable } from "../identity-providers/oidc-discovery.js";
import { mailSecurityNotice } from "../notices/security-notice.js";
import { announceRevocations } from "../revocations.js";
import { metaOf, recordFailure, writeAs } from "../sessions/session-write.js";
import { AnswerRefused } from "./answer-refused.js";
import { ProviderChanged, type SignedIn, signInProviderUser, UserRefused } from "./provider-user.service.js";
import { authorizeProviderLogin, type ProviderLogin } from "./single-sign-on.store.js";
import type { ProviderUser } from "./user-claims.js";

/** Time that the application has to exchange the code. */
const codeSeconds = 60;

/** What the application learns about a failed login: an error code of OAuth 2.0 and a text for users. */
interface Failure {
  readonly error: "access_denied" | "server_error" | "temporarily_unavailable";
  readonly description: string;
}

/**
 * Finds or creates the user behind an account, and names them in the login, whose code can be exchanged from now on.
 * @throws UserRefused, ProviderChanged
 */
export async function signInAccount(
  ctx: Context,
  login: ProviderLogin,
  { provider, account }: { readonly provider: IdentityProviderRow; readonly account: ProviderUser },
): Promise<void> {
  const signedIn = await writeAs(ctx, login.tenantId, (tx) => authorizeAccount(ctx, tx, login, { provider, account }));
  await announceSignIn(ctx, signedIn);
}

/**
 * Does the same in a transaction. Call `announceSignIn` after its commit.
 * @throws UserRefused, ProviderChanged
 */
export function authorizeAccount(
  ctx: Context,
  tx: Tx,
  login: ProviderLogin,
  { provider, account }: { readonly provider: IdentityProviderRow; readonly account: ProviderUser },
): Promise<SignedIn> {
  return signIn(ctx, tx, { provider, account, isKnown: login.isReauthentication }, (userId) =>
    authorizeProviderLogin(tx, { id: login.id, userId, providerSession: account.session, codeSeconds }),
  );
}

/**
 * Finds or creates the user behind an account, and announces what that has changed.
 * @param given `isKnown`: the account must be linked already
 * @throws UserRefused, ProviderChanged
 */
export async function signInUser(ctx: Context, given: Parameters<typeof signInProviderUser>[2]): Promise<SignedIn["user"]> {
  const signedIn = await writeAs(ctx, given.provider.tenantId, (tx) => signIn(ctx, tx, given));
  await announceSignIn(ctx, signedIn);
  return signedIn.user;
}

async function signIn(
  ctx: Context,
  tx: Tx,
  given: Parameters<typeof signInProviderUser>[2],
  also: (userId: string) => Promise<void> = async () => undefined,
): Promise<SignedIn> {
  const { provider } = given;
  const meta = (userId: string) => metaOf(ctx, { tenantId: provider.tenantId, userId, sessionId: null });
  const signedIn = await signInProviderUser(tx, meta, given);
  await also(signedIn.user.id);
  if (signedIn.link !== "NONE") await tellOwner(ctx, tx, { provider, ...signedIn });
  return signedIn;
}

/** Tells who must know what a login has changed. Call it after the commit. */
export async function announceSignIn(ctx: Context, { user, hasNewRights, endedIds, link }: SignedIn): Promise<void> {
  const { tenantId } = user;
  await announceRevocations(ctx.services, [
    ...(hasNewRights ? [{ tenantId, userId: user.id }] : []),
    ...endedIds.map((sessionId) => ({ tenantId, sessionId })),
  ]);
  if (link !== "NONE") wakeMailSender(ctx.services);
}

/** Emails a user that they can log in with the provider from now on. */
async function tellOwner(
  ctx: Context,
  tx: Tx,
  { provider, user, link }: Pick<SignedIn, "user" | "link"> & { readonly provider: { readonly name: string } },
): Promise<void> {
  const meta = metaOf(ctx, { tenantId: user.tenantId, userId: user.id, sessionId: null });
  const notice = { template: "providerLinked", provider: provider.name, isTakenOver: link === "TAKEN_OVER" } as const;
  await mailSecurityNotice(ctx, tx, meta, user, notice);
}

/** Returns what the application learns. The reason is logged, and audited if it concerns a user of the tenant. */
export function failureOf(ctx: Context, { tenantId, providerId }: ProviderLogin, error: unknown): Failure {
  const about = { tenantId, providerId };
  if (error instanceof UserRefused) {
    ctx.log.info({ ...about, reason: error.message }, "a user of an identity provider was refused");
    if (error.userId !== null) recordFailure(ctx, { tenantId, userId: error.userId }, "session.loginFailed");
    return { error: "access_denied", description: "Your account cannot be used here. Ask an administrator of your organization." };
  }
  if (error instanceof ProviderChanged)
    return { error: "temporarily_unavailable", description: "The identity provider was changed meanwhile. Start the login again." };
  if (error instanceof TenantSuspended) return { error: "access_denied", description: "Single sign-on is not available now." };
  if (error instanceof AnswerRefused) {
    ctx.log.warn({ ...about, err: error }, "the answer of an identity provider was refused");
    return error.isDenial
      ? { error: "access_denied", description: "The identity provider refused the login." }
      : { error: "server_error", description: "The answer of the identity provider is not valid. Start the login again." };
  }
  if (error instanceof ProviderUnusable) {
    ctx.log.warn({ ...about, err: error }, "an identity provider could not be used");
    return { error: "temporarily_unavailable", description: "The identity provider does not respond. Try again later." };
  }
  ctx.log.error({ ...about, err: error }, "a login with an identity provider failed unexpectedly");
  return { error: "server_error", description: "The login failed. Start it again." };
}

/** Returns the application's URL with parameters. */
export function returnUrl({ redirectUrl, applicationState }: ProviderLogin, parameters: Readonly<Record<string, string>>): string {
  const url = new URL(redirectUrl);
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  if (applicationState !== null) url.searchParams.set("state", applicationState);
  return url.href;
}
