import { NotFound, TenantSuspended, Unauthenticated } from "@weft/shared/errors";
import { decodeId } from "@weft/shared/ids";
import { asTenant } from "@weft/platform/db";
import type { Context } from "@weft/api/context";
import { findIdentityProvider } from "../identity-providers/identity-provider.service.js";
import { samlConfigurationOf } from "../identity-providers/saml-configuration.js";
import { decryptionKeysOf } from "../identity-providers/service-provider-key.service.js";
import { writeAs } from "../sessions/session-write.js";
import { AnswerRefused } from "./answer-refused.js";
import { accountField, answerSeconds, keptAccountOf } from "./kept-account.js";
import { answerTokenOf, readState } from "./login-tokens.js";
import { providerIds, providerUrl, serviceProviderUrls } from "./provider-url.js";
import { refused } from "./receive.service.js";
import { type GivenResponse, readResponse, readSamlUser } from "./saml-client.js";
import { failureOf, returnUrl } from "./sign-in.service.js";
import { keepAccount, type ProviderLogin, receiveProviderLogin } from "./single-sign-on.store.js";
import { endStart } from "./start-limit.js";
import type { ReceiveSamlResponseInput } from "./single-sign-on.type.js";
import { findActiveProvider } from "./start.service.js";

/** A login that begins at the provider could be anybody's: an attacker could make a browser log in as them. */
const unsolicited = (): Unauthenticated =>
  new Unauthenticated("Start the login in the application. Logins that begin at the provider are not accepted.");

/**
 * Takes the response of a provider of the kind SAML, which the provider's page makes the browser send. It counts once, and only for the login whose request
 * it answers. Browsers send no cookie with it, so the verified account is only kept, encrypted. It can be used for a minute, and is erased
 * with its expired login, by the next login of the tenant or by the cleaner. `receiveSingleSignOn` logs the user in once
 * the browser has shown that the login began in it: whoever makes another user's browser log in at the provider changes nothing about that user.
 * @returns the provider's `callbackUrl` with what the browser proves itself by, or the application's URL with an error
 * @throws NotFound, Unauthenticated (the login is not known: there is nowhere to return to)
 */
export async function receiveSamlResponse(ctx: Context, input: ReceiveSamlResponseInput): Promise<string> {
  const { config, databases, keys } = ctx.services;
  const tenantId = decodeId("tenant", input.tenantId, "input.tenantId");
  const providerId = decodeId("identityProvider", input.providerId, "input.providerId");
  const provider = await asTenant(databases.app, { tenantId }, "read", (tx) => findIdentityProvider(tx, providerId));
  if (provider?.kind !== "SAML") throw new NotFound("IdentityProvider", input.providerId);
  const response = parsed(ctx, input);
  const state = response.inResponseTo;
  if (state === null) throw unsolicited();
  const ref = readState(keys.refresh, state);
  if (ref?.tenantId !== tenantId) throw refused();
  // Failures are not counted: nobody can guess a state, and other pages can make the browsers of an office send one that was used, which must not lock it out.
  // Used up before the response is verified, so that no response is accepted twice, and none is tried a second time.
  const login = await writeAs(ctx, tenantId, (tx) => receiveProviderLogin(tx, { id: ref.id, providerId, kind: "SAML" }));
  if (login === null) throw refused();
  try {
    await keep(ctx, login, { state, response });
  } catch (error) {
    const { error: code, description } = failureOf(ctx, login, error);
    return returnUrl(login, { error: code, error_description: description });
  }
  const url = new URL(providerUrl(config, providerIds(login), "callback"));
  url.search = new URLSearchParams({ state, answer: answerTokenOf(keys.refresh, login) }).toString();
  return url.href;
}

/** There is no login yet to return to. */
function parsed(ctx: Context, { samlResponse, tenantId, providerId }: ReceiveSamlResponseInput): GivenResponse {
  try {
    return readResponse(samlResponse);
  } catch (error) {
    if (!(error instanceof AnswerRefused)) throw error;
    // Anybody can send one.
    ctx.log.info({ err: error, tenantId, providerId }, "the answer of an identity provider was refused");
    throw refused();
  }
}

async function keep(
  ctx: Context,
  login: ProviderLogin,
  { state, response }: { readonly state: string; readonly response: GivenResponse },
): Promise<void> {
  const { tenantId, providerId } = login;
  const { databases, config, secrets } = ctx.services;
  const provider = await asTenant(databases.app, { tenantId }, "read", (tx) => findActiveProvider(tx, { tenantId, providerId }));
  if (provider === null) throw new TenantSuspended();
  const configuration = samlConfigurationOf(provider);
  const authenticatedSince = login.isReauthentication ? new Date(login.createdAt) : null;
  const expected = { configuration, urls: serviceProviderUrls(config, providerIds(login)), state };
  const decryptionKeys = configuration.acceptsEncryptedAssertions ? () => decryptionKeysOf(ctx, provider) : null;
  const account = await readSamlUser(expected, response, { authenticatedSince, decryptionKeys });
  // Only now: strangers can begin logins, and send responses that mean nothing.
  await endStart(ctx, login);
  await writeAs(ctx, tenantId, async (tx) => {
    const [sealed = ""] = await secrets.seal(tx, tenantId, [{ field: accountField(login.id), value: keptAccountOf(provider, account) }]);
    await keepAccount(tx, { id: login.id, account: sealed, answerSeconds });
  });
}
