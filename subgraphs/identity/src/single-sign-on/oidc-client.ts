import type { Services } from "@weft/platform/services";
import {
  authorizationCodeGrant,
  buildAuthorizationUrl,
  ClientSecretBasic,
  ClientSecretPost,
  Configuration,
  customFetch,
  enableNonRepudiationChecks,
  fetchUserInfo,
  None,
} from "openid-client";
import type { OidcConfiguration } from "../identity-providers/oidc-configuration.js";
import { discover, ProviderUnusable, reasonOf, tlsRuleOf } from "../identity-providers/oidc-discovery.js";
import { withOidcFetch } from "../identity-providers/oidc-http.js";
import type { ProviderMetadata } from "../identity-providers/provider-metadata.js";
import { AnswerRefused } from "./answer-refused.js";

/** What Weft expects of the provider's answer. */
export interface ExpectedAnswer {
  readonly state: string;
  readonly nonce: string;
  readonly pkceVerifier: string;
  /** Time since which the user must have logged in at the provider. Null: any time. */
  readonly authenticatedSince: Date | null;
}

/** What Weft asks of the provider. */
export interface AskedLogin {
  readonly state: string;
  readonly nonce: string;
  readonly challenge: string;
  readonly redirectUri: string;
  /** Whether the user must log in although the provider has a session. */
  readonly isReauthentication: boolean;
}

/** Clocks of providers can differ by so much. */
const clockToleranceSeconds = 60;

/** Returns where the provider logs the user in. @throws ProviderUnusable */
export async function authorizationUrlOf(
  services: Pick<Services, "config">,
  configuration: OidcConfiguration,
  { state, nonce, challenge, redirectUri, isReauthentication }: AskedLogin,
): Promise<string> {
  const metadata = await discover(services, configuration);
  if (metadata.authorization_endpoint === undefined) throw new ProviderUnusable("The discovery document has no authorization_endpoint.");
  const client = new Configuration(metadata, configuration.clientId, undefined, None());
  for (const apply of tlsRuleOf(configuration)) apply(client);
  return buildAuthorizationUrl(client, {
    redirect_uri: redirectUri,
    scope: configuration.scopes.join(" "),
    state,
    nonce,
    code_challenge: challenge,
    code_challenge_method: "S256",
    // Providers know one or the other. Whether they complied is checked with `auth_time`.
    ...(isReauthentication && { prompt: "login", max_age: "0" }),
  }).href;
}

/** What a provider says about a user: the claims of the ID token and, where it has any, of the user info. */
export type ProviderClaims = Readonly<Record<string, unknown>> & { readonly sub: string };

/**
 * Exchanges the code of a provider's answer for claims. Checks the state, the issuer of the answer (RFC 9207), PKCE, and of the ID token signature, issuer,
 * audience, time, and nonce. If asked to, also that the user has just logged in.
 * @param answer the redirect URI with the parameters of the answer
 * @throws AnswerRefused, ProviderUnusable
 */
export async function exchangeCode(
  services: Pick<Services, "config">,
  configuration: OidcConfiguration,
  { answer, secret, expected }: { readonly answer: URL; readonly secret: string | null; readonly expected: ExpectedAnswer },
): Promise<ProviderClaims> {
  const metadata = await discover(services, configuration);
  return withOidcFetch(services, async (fetch) => {
    const client = new Configuration(metadata, configuration.clientId, undefined, authenticationOf(metadata, secret));
    client[customFetch] = fetch;
    for (const apply of tlsRuleOf(configuration)) apply(client);
    // The signature is verified although the token comes from the provider directly: keys are read anew, so rotated ones are known.
    enableNonRepudiationChecks(client);
    try {
      const tokens = await authorizationCodeGrant(client, answer, {
        expectedState: expected.state,
        expectedNonce: expected.nonce,
        pkceCodeVerifier: expected.pkceVerifier,
        idTokenExpected: true,
      });
      const claims = tokens.claims();
      if (claims === undefined) throw new AnswerRefused("The provider gave no ID token.");
      assertRecent(claims.auth_time, expected.authenticatedSince);
      const info = metadata.userinfo_endpoint === undefined ? {} : await fetchUserInfo(client, tokens.access_token, claims.sub);
      return { ...withoutEmail(info, configuration, claims), ...claims };
    } catch (error) {
      throw failureOf(error, configuration);
    }
  });
}

/** A provider that ignores the wish for a new login must not renew anything. */
function assertRecent(authTime: unknown, since: Date | null): void {
  if (since === null) return;
  if (typeof authTime !== "number") throw new AnswerRefused("The provider does not say when the user logged in (auth_time).");
  const early = since.getTime() / 1000 - clockToleranceSeconds;
  const late = Date.now() / 1000 + clockToleranceSeconds;
  if (authTime < early || authTime > late) throw new AnswerRefused("The provider has not asked the user to log in again.");
}

/** An address and whether it is verified must come from one source. */
function withoutEmail(
  info: Readonly<Record<string, unknown>>,
  { emailClaim }: OidcConfiguration,
  claims: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const isSame = info[emailClaim] === claims[emailClaim] && !("email_verified" in claims);
  if (isSame || (!(emailClaim in claims) && !("email_verified" in claims))) return info;
  return Object.fromEntries(Object.entries(info).filter(([name]) => name !== emailClaim && name !== "email_verified"));
}

const authenticationOf = ({ token_endpoint_auth_methods_supported: methods }: ProviderMetadata, secret: string | null) => {
  if (secret === null) return None();
  // Without a list, a provider supports client_secret_basic (OpenID Connect Discovery 1.0).
  return methods?.includes("client_secret_post") === true ? ClientSecretPost(secret) : ClientSecretBasic(secret);
};

/** An answer that breaks the protocol is refused. Everything else, such as a provider that does not respond, can be tried again. */
function failureOf(error: unknown, { issuer }: OidcConfiguration): Error {
  if (error instanceof AnswerRefused) return error;
  if (!(error instanceof Error)) return new ProviderUnusable(`${issuer} cannot be used.`, error);
  const { code = "", error: oauthError } = error as Error & { readonly code?: string; readonly error?: string };
  if (code === "OAUTH_AUTHORIZATION_RESPONSE_ERROR")
    return new AnswerRefused("The provider refused the login.", { isDenial: true, cause: error });
  // The provider does not accept the code, for example because it was used before or PKCE does not fit.
  if (oauthError === "invalid_grant") return new AnswerRefused("The provider does not accept the code.", { cause: error });
  if (oauthError !== undefined) return new ProviderUnusable(`${issuer} answers ${oauthError.slice(0, 100)}.`, error);
  const isDown = error.cause instanceof Response && error.cause.status >= 500;
  if (code.startsWith("OAUTH_") && !isDown)
    return new AnswerRefused(`The answer of the provider is not valid (${code}).`, { cause: error });
  return new ProviderUnusable(`${issuer} cannot be used: ${reasonOf(error)}`, error);
}
