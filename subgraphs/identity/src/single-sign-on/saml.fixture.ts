import { randomUUID } from "node:crypto";
import type { Browser } from "./browser.fixture.js";
import type { SamlAccount, SamlIssuer } from "./saml-issuer.fixture.js";
import { appUrl, type ConnectedProvider, LoginAttempt } from "./single-sign-on.fixture.js";

/** What is needed of a tenant of the test kit: its administrator. */
interface Tenant {
  readonly admin: { run<Data>(query: string, variables: Record<string, unknown>): Promise<Data> };
}

export interface ConnectedSamlProvider extends ConnectedProvider {
  readonly saml: { readonly serviceProvider: Readonly<Record<"entityId" | "acsUrl" | "metadataUrl" | "certificate", string>> };
}

const create = `mutation ($input: CreateIdentityProviderInput!) { createIdentityProvider(input: $input) { identityProvider {
  id startUrl callbackUrl saml { serviceProvider { entityId acsUrl metadataUrl certificate } } } } }`;
const activate = "mutation ($id: ID!) { activateIdentityProvider(input: { id: $id }) { identityProvider { status } } }";

/** Creates an active provider, and registers Weft at the issuer by the metadata document. @param browser fetches the document */
export async function connectSaml(
  { admin }: Tenant,
  issuer: SamlIssuer,
  browser: Browser,
  { saml = {}, ...options }: { readonly saml?: object } & Readonly<Record<string, unknown>> = {},
): Promise<ConnectedSamlProvider> {
  const settings = { metadata: issuer.metadata(), emailAttribute: "email", groupsAttribute: "groups", verifiesEmail: true, ...saml };
  const input = {
    name: `Login ${randomUUID()}`,
    saml: settings,
    redirectUrls: [appUrl],
    createsUsers: true,
    createsUsersOfAllDomains: true,
    ...options,
  };
  const made = await admin.run<{ createIdentityProvider: { identityProvider: ConnectedSamlProvider } }>(create, { input });
  const { identityProvider } = made.createIdentityProvider;
  await admin.run(activate, { id: identityProvider.id });
  issuer.register(await (await browser.request(identityProvider.saml.serviceProvider.metadataUrl)).text());
  return identityProvider;
}

/** The form by which a provider's page sends a response. */
export interface ResponseForm {
  readonly action: string;
  readonly samlResponse: string;
}

/** An application in a browser, which logs in with a provider of the kind SAML. */
export class SamlAttempt extends LoginAttempt {
  readonly #issuer: SamlIssuer;

  constructor(weft: { readonly url: string }, issuer: SamlIssuer) {
    super(weft, issuer);
    this.#issuer = issuer;
  }

  /** Logs in at the provider, and returns the form of its page, which is not sent. */
  async form(provider: ConnectedProvider, account: SamlAccount, parameters: Readonly<Record<string, string>> = {}): Promise<ResponseForm> {
    this.#issuer.account = account;
    const { response } = await this.browser.visit(this.startUrlOf(provider, parameters), []);
    const page = (await response?.text()) ?? "";
    const [, action = "", samlResponse = ""] = /action="([^"]+)".*value="([^"]+)"/.exec(page) ?? [];
    if (action === "") throw new Error(`The provider shows no form: ${page}`);
    return { action, samlResponse };
  }

  /** Sends a form. Returns the parameters for the application, or what the browser shows. */
  async send(form: ResponseForm): Promise<Readonly<Record<string, string>>> {
    const callback = await this.deliver(form);
    if (typeof callback !== "string") return callback;
    return callback.startsWith(appUrl) ? Object.fromEntries(new URL(callback).searchParams) : this.receive(callback);
  }

  /** Sends a form, and returns where the browser is sent, which is not requested, or what it shows. */
  async deliver({ action, samlResponse }: ResponseForm): Promise<string | Readonly<Record<string, string>>> {
    const response = await this.browser.submit(action, new URLSearchParams({ SAMLResponse: samlResponse }));
    return response.headers.get("location") ?? { status: String(response.status), text: await response.text() };
  }

  /** Sends a form that must be accepted, and returns the callback that the browser is sent to, which is not requested. */
  async callback(form: ResponseForm): Promise<string> {
    const callback = await this.deliver(form);
    if (typeof callback !== "string") throw new Error(`The response was refused: ${JSON.stringify(callback)}`);
    return callback;
  }

  override async logIn(provider: ConnectedProvider, account: SamlAccount): Promise<Readonly<Record<string, string>>> {
    return this.send(await this.form(provider, account));
  }
}
