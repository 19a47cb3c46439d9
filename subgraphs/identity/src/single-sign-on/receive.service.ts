import { TenantSuspended, Unauthenticated } from "@weft/shared/errors";
import { asTenant, type Tx } from "@weft/platform/db";
import { lockRights } from "@weft/platform/rights";
import type { Context } from "@weft/api/context";
import { providerSecretOf } from "../identity-providers/identity-provider.service.js";
import { oidcConfigurationOf } from "../identity-providers/oidc-configuration.js";
import { limitedAttempt } from "../sessions/attempts/limited-attempt.js";
import { writeAs } from "../sessions/session-write.js";
import { AnswerRefused } from "./answer-refused.js";
import { accountField, readKeptAccount } from "./kept-account.js";
import { isAnswerToken, isBrowserToken, issueCode, nonceOf, pkceVerifierOf, readState } from "./login-tokens.js";
import { exchangeCode, type ProviderClaims } from "./oidc-client.js";
import { providerIds, providerUrl, readProviderUrl } from "./provider-url.js";
import { ProviderChanged, type SignedIn, UserRefused } from "./provider-user.service.js";
import { announceSignIn, authorizeAccount, failureOf, returnUrl, signInAccount } from "./sign-in.service.js";
import { endStart } from "./start-limit.js";
import { findActiveProvider } from "./start.service.js";
import {
  eraseKeptAccount,
  findAnsweredLogin,
  lockAnsweredLogin,
  type ProviderLogin,
  receiveProviderLogin,
} from "./single-sign-on.store.js";
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

/** Which login, and what the provider's answer has given the browser to prove. */
interface Answered {
  readonly tenantId: string;
  readonly id: string;
  readonly providerId: string;
  readonly answerToken: string;
}

/**
 * Logs in with the account that came by another request, which could not show the browser's cookie. The account is erased in the same transaction that names
 * its user. So of two requests at once the second one gets the same code, as does one that comes again because the first answer got lost. After an error that
 * says nothing about the login, such as a timeout of the database, the browser can load the page again until the account expires.
 * @throws Unauthenticated, and what says nothing about the login
 */
async function answeredUrl(ctx: Context, { answerToken, ...which }: Answered): Promise<string> {
  const { databases, keys } = ctx.services;
  const { tenantId } = which;
  if (!isAnswerToken(keys.refresh, { tenantId, id: which.id }, answerToken)) throw refused();
  const login = await asTenant(databases.app, { tenantId }, "read", (tx) => findAnsweredLogin(tx, which));
  if (login === null) throw refused();
  try {
    if (login.userId === null) {
      const signedIn = await writeAs(ctx, tenantId, (tx) => authorizeKept(ctx, tx, which));
      if (signedIn !== null) await announceSignIn(ctx, signedIn);
    }
    return returnUrl(login, { code: issueCode(keys.refresh, login) });
  } catch (error) {
    if (!(error instanceof UserRefused || error instanceof ProviderChanged || error instanceof TenantSuspended)) throw error;
    // A login that was refused is not tried again.
    await writeAs(ctx, tenantId, (tx) => eraseKeptAccount(tx, login.id));
    return failedUrl(ctx, login, error);
  }
}

/** Names the user of a login. Returns null if another request has done so. @throws Unauthenticated, TenantSuspended, UserRefused, ProviderChanged */
async function authorizeKept(ctx: Context, tx: Tx, which: Omit<Answered, "answerToken">): Promise<SignedIn | null> {
  const { tenantId } = which;
  await lockRights(tx, tenantId);
  const login = await lockAnsweredLogin(tx, which);
  if (login === null) throw refused();
  if (login.account === null) return null;
  const provider = await findActiveProvider(tx, which);
  if (provider === null) throw new TenantSuspended();
  const [text = ""] = await ctx.services.secrets.open(tx, tenantId, [{ field: accountField(login.id), value: login.account }]);
  return authorizeAccount(ctx, tx, login, { provider, account: readKeptAccount(text, provider) });
}

/** Returns the application's URL, with a code or an error. @param authorize names the user in the login, or throws */
async function signedInUrl(ctx: Context, login: ProviderLogin, authorize: () => Promise<void>): Promise<string> {
  try {
    await authorize();
    return returnUrl(login, { code: issueCode(ctx.services.keys.refresh, login) });
  } catch (error) {
    return failedUrl(ctx, login, error);
  }
}

function failedUrl(ctx: Context, login: ProviderLogin, error: unknown): string {
  const { error: code, description } = failureOf(ctx, login, error);
  return returnUrl(login, { error: code, error_description: description });
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
