import { BadUserInput, NotFound, quote, ServiceUnavailable } from "@weft/shared/errors";
import { decodeId, newId, type RowRef } from "@weft/shared/ids";
import { textProblems } from "@weft/shared/texts";
import { asTenant, type Tx } from "@weft/platform/db";
import type { Context } from "@weft/api/context";
import { findIdentityProvider, type IdentityProviderRow } from "../identity-providers/identity-provider.service.js";
import { oidcConfigurationOf } from "../identity-providers/oidc-configuration.js";
import { ProviderUnusable } from "../identity-providers/oidc-discovery.js";
import { issuerOf } from "../identity-providers/provider-settings.js";
import { samlConfigurationOf } from "../identity-providers/saml-configuration.js";
import { signingKeyOf } from "../identity-providers/service-provider-key.service.js";
import { beginStart, endStart } from "./start-limit.js";
import { writeAs } from "../sessions/session-write.js";
import { findTenant } from "../tenants/tenant.service.js";
import { browserTokenOf, challengeOf, issueState, nonceOf, pkceVerifierOf } from "./login-tokens.js";
import { authorizationUrlOf } from "./oidc-client.js";
import { providerIds, providerUrl, serviceProviderUrls } from "./provider-url.js";
import { samlLoginUrl } from "./saml-client.js";
import { deletePastProviderLogins, insertProviderLogin } from "./single-sign-on.store.js";
import type { StartSingleSignOnInput, StartSingleSignOnPayload } from "./single-sign-on.type.js";

/** Time that a user has to log in at the provider. */
export const loginSeconds = 600;
const MAX_STATE_LENGTH = 500;
/** S256 of a code verifier, as base64url. */
const challengePattern = /^[A-Za-z0-9_-]{43}$/;

/**
 * Begins a login with an identity provider.
 * @throws NotFound (also for providers that are not active), BadUserInput, RateLimited, ServiceUnavailable (the provider does not respond)
 */
export async function startSingleSignOn(ctx: Context, input: StartSingleSignOnInput): Promise<StartSingleSignOnPayload> {
  const { databases, keys } = ctx.services;
  const tenantId = decodeId("tenant", input.tenantId, "input.tenantId");
  const providerId = decodeId("identityProvider", input.providerId, "input.providerId");
  const applicationState = input.state ?? null;
  const { isReauthentication } = input;
  const provider = await asTenant(databases.app, { tenantId }, "read", (tx) => findActiveProvider(tx, { tenantId, providerId }));
  if (provider === null || provider.kind === "LDAP") throw new NotFound("IdentityProvider", input.providerId);
  const problems = [
    ...(provider.redirectUrls.includes(input.redirectUrl)
      ? []
      : [
          {
            path: "input.redirectUrl",
            message: `The identity provider does not list ${quote(input.redirectUrl)} among its redirect URLs.`,
          },
        ]),
    ...(challengePattern.test(input.codeChallenge)
      ? []
      : [
          {
            path: "input.codeChallenge",
            message: "A code challenge is the SHA-256 of the code verifier as base64url, without padding: 43 characters.",
          },
        ]),
    ...textProblems("input.state", applicationState, { max: MAX_STATE_LENGTH, mayBeEmpty: true }),
  ];
  if (problems.length > 0) throw new BadUserInput(problems);
  await beginStart(ctx, { tenantId, providerId });
  const login = { tenantId, id: newId() };
  const state = issueState(keys.refresh, login);
  const issuer = issuerOf(provider);
  const urlOf = provider.kind === "SAML" ? samlUrl : oidcUrl;
  const authorizationUrl = await urlOf(ctx, provider, { ...login, isReauthentication }).catch(async (error: unknown) => {
    // There is no login that would have to be limited.
    await endStart(ctx, { tenantId, providerId });
    if (!(error instanceof ProviderUnusable)) throw error;
    ctx.log.warn({ err: error, tenantId, providerId }, "a login with an identity provider could not begin");
    throw new ServiceUnavailable("identity provider", error);
  });
  await writeAs(ctx, tenantId, async (tx) => {
    await deletePastProviderLogins(tx);
    const { redirectUrl, codeChallenge } = input;
    const row = { ...login, providerId, issuer, redirectUrl, codeChallenge, applicationState, isReauthentication };
    await insertProviderLogin(tx, { ...row, lifetimeSeconds: loginSeconds });
  });
  return { authorizationUrl, browserToken: browserTokenOf(keys.refresh, login), state, expiresInSeconds: loginSeconds };
}

/** A login that begins. */
interface Beginning extends RowRef {
  readonly isReauthentication: boolean;
}

/** @throws ProviderUnusable */
async function oidcUrl({ services }: Context, provider: IdentityProviderRow, { isReauthentication, ...login }: Beginning): Promise<string> {
  const { config, keys } = services;
  return authorizationUrlOf(services, oidcConfigurationOf(provider), {
    state: issueState(keys.refresh, login),
    nonce: nonceOf(keys.refresh, login),
    challenge: challengeOf(pkceVerifierOf(keys.refresh, login)),
    isReauthentication,
    redirectUri: providerUrl(config, providerIds({ tenantId: provider.tenantId, providerId: provider.id }), "callback"),
  });
}

/** The `state` is the ID of the request, which the response repeats. */
async function samlUrl({ services }: Context, provider: IdentityProviderRow, { isReauthentication, ...login }: Beginning): Promise<string> {
  const { config, keys } = services;
  const configuration = samlConfigurationOf(provider);
  const privateKey = configuration.signsRequests ? await signingKeyOf({ services }, provider) : null;
  const urls = serviceProviderUrls(config, providerIds({ tenantId: provider.tenantId, providerId: provider.id }));
  return samlLoginUrl({ configuration, urls, state: issueState(keys.refresh, login) }, { privateKey, isReauthentication });
}

/** Returns a provider with which users can log in now. */
export async function findActiveProvider(
  tx: Tx,
  { tenantId, providerId }: { readonly tenantId: string; readonly providerId: string },
): Promise<IdentityProviderRow | null> {
  const provider = await findIdentityProvider(tx, providerId);
  if (provider?.status !== "ACTIVE") return null;
  return (await findTenant(tx, tenantId))?.status === "ACTIVE" ? provider : null;
}
