import { createHash, randomBytes, randomUUID } from "node:crypto";
import type { TestUser } from "../test-user.js";
import { testIssuer } from "./test-issuer.js";

const redirectUrl = "https://app.example/login";

/** Returns the input of a provider, whose name is new. @param redirectUrls pages to which it returns */
export const anIdentityProvider = async (redirectUrls: readonly string[] = [redirectUrl]) => ({
  name: `Login ${randomUUID()}`,
  oidc: { issuer: (await testIssuer()).url, clientId: "weft", groupsClaim: "groups" },
  createsUsers: true,
  createsUsersOfAllDomains: true,
  redirectUrls,
});

/** Creates an identity provider. Returns its ID. */
export async function newIdentityProvider(user: TestUser, redirectUrls?: readonly string[]): Promise<string> {
  const { createIdentityProvider } = await user.run<{ createIdentityProvider: { identityProvider: { id: string } } }>(
    "mutation ($input: CreateIdentityProviderInput!) { createIdentityProvider(input: $input) { identityProvider { id } } }",
    { input: await anIdentityProvider(redirectUrls) },
  );
  return createIdentityProvider.identityProvider.id;
}

const passing = new WeakMap<TestUser, string[]>();

/**
 * Creates an identity provider for one call of an operation. A tenant can have only some, so the oldest of those that were created in this way is deleted
 * when there are ten: no call uses it any more. Returns its ID.
 */
export async function newPassingProvider(
  user: TestUser,
  create: (user: TestUser) => Promise<string> = newIdentityProvider,
): Promise<string> {
  const created = passing.get(user) ?? [];
  passing.set(user, created);
  const past = created.length < 10 ? undefined : created.shift();
  // It may be deleted already, which is an error in the response.
  if (past !== undefined)
    await user.send("mutation ($id: ID!) { deleteIdentityProvider(input: { id: $id }) { identityProviderId } }", { id: past });
  const id = await create(user);
  created.push(id);
  return id;
}

/** Active providers by their creator. Logins share one, because a tenant can have only some. */
const activeProviders = new WeakMap<TestUser, Promise<string>>();

export async function newActiveProvider(user: TestUser, redirectUrls?: readonly string[]): Promise<string> {
  const id = await newIdentityProvider(user, redirectUrls);
  await user.run("mutation ($id: ID!) { activateIdentityProvider(input: { id: $id }) { identityProvider { id } } }", { id });
  return id;
}

function activeProviderOf(user: TestUser): Promise<string> {
  const known = activeProviders.get(user) ?? newActiveProvider(user);
  activeProviders.set(user, known);
  return known;
}

/** Returns an input of `startSingleSignOn` with an active provider. */
export async function newLoginStart(user: TestUser) {
  const providerId = await activeProviderOf(user);
  const { me } = await user.run<{ me: { tenant: { id: string } } }>("{ me { tenant { id } } }");
  const codeVerifier = randomBytes(32).toString("base64url");
  const codeChallenge = createHash("sha256").update(codeVerifier).digest("base64url");
  return { input: { tenantId: me.tenant.id, providerId, redirectUrl, codeChallenge }, codeVerifier };
}

/** Returns an input of `receiveSingleSignOn`: the provider's answer for a new user. */
export async function newLoginAnswer(user: TestUser) {
  const { input, codeVerifier } = await newLoginStart(user);
  const { startSingleSignOn } = await user.run<{ startSingleSignOn: { authorizationUrl: string; browserToken: string } }>(
    "mutation ($input: StartSingleSignOnInput!) { startSingleSignOn(input: $input) { authorizationUrl browserToken } }",
    { input },
  );
  const { authorizationUrl, browserToken } = startSingleSignOn;
  const asked = new URL(authorizationUrl).searchParams;
  const sub = randomUUID();
  const claims = { sub, aud: "weft", nonce: asked.get("nonce"), email: `${sub}@mail.example`, email_verified: true, name: "Ada" };
  const url = new URL(asked.get("redirect_uri") ?? "");
  url.search = new URLSearchParams({ code: (await testIssuer()).codeFor(claims), state: asked.get("state") ?? "" }).toString();
  return { input: { url: url.href, browserToken }, codeVerifier };
}

/** Returns an input of `completeSingleSignOn`. */
export async function newLoginCode(user: TestUser) {
  const { input, codeVerifier } = await newLoginAnswer(user);
  const { receiveSingleSignOn } = await user.internally.run<{ receiveSingleSignOn: { redirectUrl: string } }>(
    "mutation ($input: ReceiveSingleSignOnInput!) { receiveSingleSignOn(input: $input) { redirectUrl } }",
    { input },
  );
  return { code: new URL(receiveSingleSignOn.redirectUrl).searchParams.get("code") ?? "", codeVerifier };
}

/** Returns an input of `receiveLogoutToken`, which ends no session. */
export async function newLogoutToken(user: TestUser) {
  const { input } = await newLoginStart(user);
  const events = { "http://schemas.openid.net/event/backchannel-logout": {} };
  const claims = { aud: "weft", sub: "nobody", jti: randomUUID(), events };
  return { tenantId: input.tenantId, providerId: input.providerId, logoutToken: await (await testIssuer()).sign(claims, "logout+jwt") };
}

/** Adds a domain, which is not verified. Returns its ID. */
export async function newDomain(user: TestUser): Promise<string> {
  const { addDomain } = await user.run<{ addDomain: { domain: { id: string } } }>(
    "mutation ($name: String!) { addDomain(input: { name: $name }) { domain { id } } }",
    { name: `${randomUUID()}.example` },
  );
  return addDomain.domain.id;
}
