import { createHash, randomBytes, randomUUID } from "node:crypto";
import type { NameServer } from "../domains/name-server.fixture.js";
import { Browser } from "./browser.fixture.js";
import type { Account, OidcIssuer } from "./oidc-issuer.fixture.js";

/** What is needed of a tenant of the test kit: its administrator. */
interface Tenant {
  readonly admin: { run<Data>(query: string, variables: Record<string, unknown>): Promise<Data> };
}

/** What Weft shows as its own address in tests. */
export const shownUrl = "http://127.0.0.1:4000";
export const appUrl = "https://app.example/after-login";

/** A provider of a tenant. */
export interface ConnectedProvider {
  readonly id: string;
  readonly startUrl: string;
  readonly callbackUrl: string;
}

/** The same, with its client at the issuer. */
export interface ConnectedOidcProvider extends ConnectedProvider {
  readonly clientId: string;
}

interface Provided {
  readonly identityProvider: ConnectedProvider & { readonly backChannelLogoutUrl: string };
}

const create =
  "mutation ($input: CreateIdentityProviderInput!) { createIdentityProvider(input: $input) { identityProvider { id startUrl callbackUrl backChannelLogoutUrl } } }";
const activate = "mutation ($id: ID!) { activateIdentityProvider(input: { id: $id }) { identityProvider { status } } }";

/** Creates an active provider, registered at the issuer. */
export async function connect(
  { admin }: Tenant,
  issuer: OidcIssuer,
  options: Readonly<Record<string, unknown>> = {},
): Promise<ConnectedOidcProvider> {
  const [clientId, clientSecret] = [`weft-${randomUUID()}`, randomBytes(16).toString("hex")];
  const oidc = { issuer: issuer.url, clientId, clientSecret, scopes: ["email", "profile", "groups"], groupsClaim: "groups" };
  const input = { name: `Login ${clientId}`, oidc, redirectUrls: [appUrl], createsUsers: true, createsUsersOfAllDomains: true, ...options };
  const { identityProvider } = (await admin.run<{ createIdentityProvider: Provided }>(create, { input })).createIdentityProvider;
  await admin.run(activate, { id: identityProvider.id });
  issuer.register({ clientId, clientSecret, redirectUri: identityProvider.callbackUrl, logoutUri: identityProvider.backChannelLogoutUrl });
  return { ...identityProvider, clientId };
}

/** An application in a browser, which begins logins. */
export class LoginAttempt {
  readonly browser: Browser;
  readonly verifier = randomBytes(32).toString("base64url");
  readonly challenge = createHash("sha256").update(this.verifier).digest("base64url");
  readonly #url: string;
  readonly #issuer: Pick<OidcIssuer, "account">;
  readonly #secretSeen: (secret: string) => void;

  /** @param secretSeen gets every secret of the login that the browser or the application sees */
  constructor(
    { url }: { readonly url: string },
    issuer: Pick<OidcIssuer, "account">,
    secretSeen: (secret: string) => void = () => undefined,
  ) {
    this.#url = url;
    this.#issuer = issuer;
    this.#secretSeen = secretSeen;
    this.browser = new Browser((shown) => shown.replace(shownUrl, url));
  }

  startUrlOf({ startUrl }: Pick<ConnectedProvider, "startUrl">, parameters: Readonly<Record<string, string>> = {}): string {
    const url = new URL(startUrl);
    const all = { redirect_url: appUrl, code_challenge: this.challenge, state: "of the application", ...parameters };
    for (const [name, value] of Object.entries(all)) url.searchParams.set(name, value);
    return url.href;
  }

  /** Logs in at the provider, and returns the address of the callback with the provider's answer, which is not requested. */
  async answered(provider: ConnectedProvider, account: Account, parameters: Readonly<Record<string, string>> = {}): Promise<string> {
    this.#issuer.account = account;
    const { url } = await this.browser.visit(this.startUrlOf(provider, parameters), [provider.callbackUrl]);
    const { searchParams } = new URL(url);
    for (const secret of [searchParams.get("code"), searchParams.get("state"), this.verifier]) this.#remember(secret);
    for (const jar of this.browser.cookies.values()) for (const cookie of jar.values()) this.#remember(cookie);
    return url;
  }

  #remember(secret: string | null | undefined): void {
    if (typeof secret === "string") this.#secretSeen(secret);
  }

  /** Brings an answer to Weft, and returns the parameters for the application. */
  async receive(callback: string): Promise<Readonly<Record<string, string>>> {
    const response = await this.browser.request(callback);
    const location = response.headers.get("location");
    if (location === null) return { status: String(response.status), text: await response.text() };
    if (!location.startsWith(appUrl)) throw new Error(`The login returned to ${location}.`);
    this.#remember(new URL(location).searchParams.get("code"));
    return Object.fromEntries(new URL(location).searchParams);
  }

  async logIn(provider: ConnectedProvider, account: Account): Promise<Readonly<Record<string, string>>> {
    return this.receive(await this.answered(provider, account));
  }

  async complete(code: string | undefined, codeVerifier = this.verifier): Promise<Completed> {
    const query =
      "mutation ($input: CompleteSingleSignOnInput!) { completeSingleSignOn(input: $input) { accessToken refreshToken user { id name email status roles { key } } } }";
    const body = JSON.stringify({ query, variables: { input: { code: code ?? "", codeVerifier } } });
    const response = await fetch(`${this.#url}/graphql`, { method: "POST", headers: { "content-type": "application/json" }, body });
    return (await response.json()) as Completed;
  }

  /** The whole way, which must succeed. */
  async session(provider: ConnectedProvider, account: Account): Promise<Session> {
    const { code, error, error_description: why } = await this.logIn(provider, account);
    if (code === undefined) throw new Error(`The login failed: ${error} ${why}`);
    const { data, errors } = await this.complete(code);
    if (!data) throw new Error(`The code was refused: ${JSON.stringify(errors)}`);
    return data.completeSingleSignOn;
  }
}

interface Completed {
  readonly data?: { readonly completeSingleSignOn: Session } | null;
  readonly errors?: { readonly message: string; readonly extensions?: { readonly code?: string } }[];
}

export interface Session {
  readonly accessToken: string;
  readonly refreshToken: string;
  readonly user: {
    readonly id: string;
    readonly name: string;
    readonly email: string;
    readonly status: string;
    readonly roles: readonly { readonly key: string }[];
  };
}

/** Verifies a tenant's domain: its slug under `.example`. */
export async function verifyDomainOf({ admin, slug }: Tenant & { readonly slug: string }, names: NameServer): Promise<void> {
  const { addDomain } = await admin.run<{ addDomain: { domain: { id: string; record: { name: string; value: string } } } }>(
    "mutation ($name: String!) { addDomain(input: { name: $name }) { domain { id record { name value } } } }",
    { name: `${slug}.example` },
  );
  const { id, record } = addDomain.domain;
  names.texts.set(record.name, [record.value]);
  const verify = "mutation ($id: ID!) { verifyDomain(input: { id: $id }) { problem } }";
  const { verifyDomain } = await admin.run<{ verifyDomain: { problem: string | null } }>(verify, { id });
  if (verifyDomain.problem !== null) throw new Error(verifyDomain.problem);
}

// What the application gets, or the browser shows, if a login fails.
export const refusedUser = {
  error: "access_denied",
  error_description: "Your account cannot be used here. Ask an administrator of your organization.",
  state: "of the application",
};
export const invalidAnswer = {
  error: "server_error",
  error_description: "The answer of the identity provider is not valid. Start the login again.",
  state: "of the application",
};
export const noLogin = { status: "401", text: "This login is no longer valid. Start it again." };
