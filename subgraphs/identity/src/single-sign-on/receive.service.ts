import { asTenant, TenantSuspended, Unauthenticated } from "@weft/shared";
import type { Context } from "@weft/shared";
import { providerSecretOf } from "../identity-providers/identity-provider.service.js";
import { oidcConfigurationOf } from "../identity-providers/oidc-configuration.js";
import { limitedAttempt } from "../sessions/attempts/limited-attempt.js";
import { writeAs } from "../sessions/session-write.js";
import { AnswerRefused } from "./answer-refused.js";
import { accountField, readKeptAccount } from "./kept-account.js";
import { isAnswerToken, isBrowserToken, issueCode, nonceOf, pkceVerifierOf, readState } from "./login-tokens.js";
import { exchangeCode, type ProviderClaims } from "./oidc-client.js";
import { providerIds, providerUrl, readProviderUrl } from "./provider-url.js";
import { failureOf, returnUrl, signInAccount } from "./sign-in.service.js";
import { endStart } from "./start-limit.js";
import { findActiveProvider } from "./start.service.js";
import { findAnsweredLogin, type ProviderLogin, receiveProviderLogin, takeAccount } from "./single-sign-on.store.js";
import type { ReceiveSingleSignOnInput } from "./single-sign-on.type.js";
import { readProviderUser } from "./user-claims.js";

/** One error for all reasons: unknown, used, expired, of another browser, or of another provider. */
export const refused = (): Unauthenticated => new Unauthenticated("This login is no longer valid. Start it again.");

/**
 * Takes the answer of a provider, which the browser brings. The answer counts once, only in the browser in which the login began, and only at the address
 * of the provider to which the login was sent. Of the kind SAML, the answer was already verified by `receiveSamlResponse`.
 * @returns the application's URL, with a code or an error
 * @throws Unauthenticated (the login is not known: there is nowhere to return to), RateLimited
 */
export async function receiveSingleSignOn(ctx: Context, input: ReceiveSingleSignOnInput): Promise<string> {
  const { config, keys } = ctx.services;
  const callback = readProviderUrl(config, input.url, "callback");
  const [state = "", ...others] = callback?.parameters.getAll("state") ?? [];
  // Refused without being counted: nobody can guess these, and other pages can make the browsers of an office send some, which must not lock it out.
  const ref = others.length > 0 ? null : readState(keys.refresh, state);
  if (callback === null || ref?.tenantId !== callback.tenantId) throw refused();
  if (!isBrowserToken(keys.refresh, ref, input.browserToken ?? "")) throw refused();
  return limitedAttempt(ctx, state, async () => {
    const { tenantId, providerId, parameters } = callback;
    const which = { id: ref.id, providerId };
    const answerToken = parameters.get("answer");
    if (answerToken !== null) return answeredUrl(ctx, { ...which, tenantId, answerToken });
    // Used up before the provider is asked, so that an answer cannot be tried a second time.
    const login = await writeAs(ctx, tenantId, (tx) => receiveProviderLogin(tx, { ...which, kind: "OIDC" }));
    if (login === null) throw refused();
    await endStart(ctx, login);
    return signedInUrl(ctx, login, () => authorize(ctx, login, parameters));
  });
}

/**
 * Logs in with the account that came by another request, which could not show the browser's cookie. For some seconds, the browser gets the same code again,
 * for example if it loads the page a second time.
 */
async function answeredUrl(
  ctx: Context,
  {
    tenantId,
    answerToken,
    ...which
  }: { readonly tenantId: string; readonly id: string; readonly providerId: string; readonly answerToken: string },
): Promise<string> {
  const { databases, keys, secrets } = ctx.services;
  if (!isAnswerToken(keys.refresh, { tenantId, id: which.id }, answerToken)) throw refused();
  const taken = await writeAs(ctx, tenantId, async (tx) => {
    const login = await takeAccount(tx, which);
    if (login === null) return null;
    const [text = ""] = await secrets.open(tx, tenantId, [{ field: accountField(login.id), value: login.account }]);
    return { login, text };
  });
  if (taken !== null) return signedInUrl(ctx, taken.login, () => authorizeKept(ctx, taken.login, taken.text));
  const login = await asTenant(databases.app, { tenantId }, "read", (tx) => findAnsweredLogin(tx, which));
  if (login === null) throw refused();
  return returnUrl(login, { code: issueCode(keys.refresh, login) });
}

async function authorizeKept(ctx: Context, login: ProviderLogin, text: string): Promise<void> {
  const { tenantId, providerId } = login;
  const provider = await asTenant(ctx.services.databases.app, { tenantId }, "read", (tx) =>
    findActiveProvider(tx, { tenantId, providerId }),
  );
  if (provider === null) throw new TenantSuspended();
  await signInAccount(ctx, login, { provider, account: readKeptAccount(text, provider) });
}

/** Returns the application's URL, with a code or an error. @param authorize names the user in the login, or throws */
async function signedInUrl(ctx: Context, login: ProviderLogin, authorize: () => Promise<void>): Promise<string> {
  try {
    await authorize();
    return returnUrl(login, { code: issueCode(ctx.services.keys.refresh, login) });
  } catch (error) {
    const { error: code, description } = failureOf(ctx, login, error);
    return returnUrl(login, { error: code, error_description: description });
  }
}

async function authorize(ctx: Context, login: ProviderLogin, parameters: URLSearchParams): Promise<void> {
  const { databases, keys, config } = ctx.services;
  const { tenantId, providerId } = login;
  const found = await asTenant(databases.app, { tenantId }, "read", async (tx) => {
    const provider = await findActiveProvider(tx, { tenantId, providerId });
    return provider && { provider, secret: await providerSecretOf(ctx.services, tx, provider) };
  });
  if (found === null) throw new TenantSuspended();
  const { provider, secret } = found;
  const configuration = oidcConfigurationOf(provider);
  const answer = new URL(providerUrl(config, providerIds(login), "callback"));
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
  await signInAccount(ctx, login, { provider, account });
}
