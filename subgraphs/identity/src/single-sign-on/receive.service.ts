import { asTenant, encodeId, TenantSuspended, Unauthenticated, wakeMailSender } from "@weft/shared";
import type { Context, Tx } from "@weft/shared";
import { clientSecretOf } from "../identity-providers/identity-provider.service.js";
import { oidcConfigurationOf } from "../identity-providers/oidc-configuration.js";
import { ProviderUnusable } from "../identity-providers/oidc-discovery.js";
import { mailSecurityNotice } from "../notices/security-notice.js";
import { announceRevocations } from "../revocations.js";
import { limitedAttempt } from "../sessions/attempts/limited-attempt.js";
import { metaOf, recordFailure, writeAs } from "../sessions/session-write.js";
import { isBrowserToken, issueCode, nonceOf, pkceVerifierOf, readState } from "./login-tokens.js";
import { AnswerRefused, exchangeCode, type ProviderClaims } from "./oidc-client.js";
import { ProviderChanged, type SignedIn, signInProviderUser, UserRefused } from "./provider-user.service.js";
import { providerUrl, readCallback } from "./provider-url.js";
import { endStart } from "./start-limit.js";
import { findActiveProvider } from "./start.service.js";
import { authorizeProviderLogin, type ProviderLogin, receiveProviderLogin } from "./single-sign-on.store.js";
import type { ReceiveSingleSignOnInput } from "./single-sign-on.type.js";
import { readProviderUser } from "./user-claims.js";

/** Time that the application has to exchange the code. */
const codeSeconds = 60;

/** One error for all reasons: unknown, used, expired, of another browser, or of another provider. */
const refused = (): Unauthenticated => new Unauthenticated("This login is no longer valid. Start it again.");

/** What the application learns about a failed login: an error code of OAuth 2.0 and a text for users. */
interface Failure {
  readonly error: "access_denied" | "server_error" | "temporarily_unavailable";
  readonly description: string;
}

/**
 * Takes the answer of a provider, which the browser brings. The answer counts once, only in the browser in which the login began, and only at the address
 * of the provider to which the login was sent.
 * @returns the application's URL, with a code or an error
 * @throws Unauthenticated (the login is not known: there is nowhere to return to), RateLimited
 */
export async function receiveSingleSignOn(ctx: Context, input: ReceiveSingleSignOnInput): Promise<string> {
  const { config, keys } = ctx.services;
  const callback = readCallback(config, input.url);
  const [state = "", ...others] = callback?.parameters.getAll("state") ?? [];
  // Refused without being counted: nobody can guess these, and other pages can make the browsers of an office send some, which must not lock it out.
  const ref = others.length > 0 ? null : readState(keys.refresh, state);
  if (callback === null || ref?.tenantId !== callback.tenantId) throw refused();
  if (!isBrowserToken(keys.refresh, ref, input.browserToken ?? "")) throw refused();
  return limitedAttempt(ctx, state, async () => {
    const { tenantId, providerId, parameters } = callback;
    // Used up before the provider is asked, so that an answer cannot be tried a second time.
    const login = await writeAs(ctx, tenantId, (tx) => receiveProviderLogin(tx, { id: ref.id, providerId }));
    if (login === null) throw refused();
    await endStart(ctx, login);
    return returnUrl(login, await signIn(ctx, login, parameters));
  });
}

/** Returns the parameters for the application. */
async function signIn(ctx: Context, login: ProviderLogin, parameters: URLSearchParams): Promise<Readonly<Record<string, string>>> {
  try {
    await authorize(ctx, login, parameters);
    return { code: issueCode(ctx.services.keys.refresh, login) };
  } catch (error) {
    const { error: code, description } = failureOf(ctx, login, error);
    return { error: code, error_description: description };
  }
}

async function authorize(ctx: Context, login: ProviderLogin, parameters: URLSearchParams): Promise<void> {
  const { databases, keys, config } = ctx.services;
  const { tenantId, providerId } = login;
  const found = await asTenant(databases.app, { tenantId }, "read", async (tx) => {
    const provider = await findActiveProvider(tx, { tenantId, providerId });
    return provider && { provider, secret: await clientSecretOf(ctx.services, tx, provider) };
  });
  if (found === null) throw new TenantSuspended();
  const { provider, secret } = found;
  const configuration = oidcConfigurationOf(provider);
  const ids = { tenantId: encodeId("tenant", tenantId), providerId: encodeId("identityProvider", providerId) };
  const answer = new URL(providerUrl(config, ids, "callback"));
  answer.search = parameters.toString();
  const expected = {
    state: parameters.get("state") ?? "",
    nonce: nonceOf(keys.refresh, login),
    pkceVerifier: pkceVerifierOf(keys.refresh, login),
    authenticatedSince: login.isReauthentication ? new Date(login.createdAt) : null,
  };
  const claims: ProviderClaims = await exchangeCode(ctx.services, configuration, { answer, secret, expected });
  const account = readProviderUser(claims, configuration);
  if (account === null) throw new AnswerRefused("The subject of the ID token is empty or too long.");
  const { user, hasNewRights, endedIds, link } = await writeAs(ctx, tenantId, async (tx) => {
    const meta = (userId: string) => metaOf(ctx, { tenantId, userId, sessionId: null });
    const signedIn = await signInProviderUser(tx, meta, { provider, account, isKnown: login.isReauthentication });
    await authorizeProviderLogin(tx, { id: login.id, userId: signedIn.user.id, providerSession: account.session, codeSeconds });
    if (signedIn.link !== "NONE") await tellOwner(ctx, tx, { provider, ...signedIn });
    return signedIn;
  });
  await announceRevocations(ctx.services, [
    ...(hasNewRights ? [{ tenantId, userId: user.id }] : []),
    ...endedIds.map((sessionId) => ({ tenantId, sessionId })),
  ]);
  if (link !== "NONE") wakeMailSender(ctx.services);
}

/** Emails a user that they can log in with the provider from now on. */
function tellOwner(
  ctx: Context,
  tx: Tx,
  { provider, user, link }: Pick<SignedIn, "user" | "link"> & { readonly provider: { readonly name: string } },
): Promise<void> {
  const meta = metaOf(ctx, { tenantId: user.tenantId, userId: user.id, sessionId: null });
  const notice = { template: "providerLinked", provider: provider.name, isTakenOver: link === "TAKEN_OVER" } as const;
  return mailSecurityNotice(ctx, tx, meta, user, notice);
}

/** Returns what the application learns. The reason is logged, and audited if it concerns a user of the tenant. */
function failureOf(ctx: Context, { tenantId, providerId }: ProviderLogin, error: unknown): Failure {
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

function returnUrl({ redirectUrl, applicationState }: ProviderLogin, parameters: Readonly<Record<string, string>>): string {
  const url = new URL(redirectUrl);
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  if (applicationState !== null) url.searchParams.set("state", applicationState);
  return url.href;
}
