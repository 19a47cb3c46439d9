/** An identity provider for tests: the certified npm package oidc-provider, over HTTP, without a login page. */
import { generateKeyPairSync, randomUUID } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Provider } from "oidc-provider";

/** Claims of an account, by which it is described to clients. */
export interface Account {
  readonly sub: string;
  readonly email?: string;
  readonly email_verified?: boolean;
  readonly name?: string;
  readonly groups?: readonly string[];
}

interface ClientOptions {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly redirectUri: string;
  readonly logoutUri: string;
}

export interface OidcIssuer {
  readonly url: string;
  /** Whoever logs in next, on any browser without a session. */
  account: Account;
  /** Whether requests are answered with 503. */
  isDown: boolean;
  /** Changes the parameters of authorization responses before the browser gets them. */
  tamper: ((parameters: URLSearchParams) => void) | null;
  /** Runs before a request to the token endpoint is answered. */
  beforeToken: (() => Promise<void>) | null;
  /** Number of requests to the token endpoint. */
  tokenRequests: number;
  register(client: ClientOptions): void;
  /** Replaces the signing keys. */
  rotateKeys(): void;
  /** Sends a logout token for a session of an account. */
  logOut(clientId: string, subject: string, session: string): Promise<void>;
  close(): Promise<void>;
}

const keySet = () => ({
  keys: [
    {
      ...generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey.export({ format: "jwk" }),
      kid: randomUUID(),
      use: "sig",
      alg: "RS256",
    },
  ],
});

/** @param fetchLogout sends logout tokens: the address that Weft shows for itself is not the one of the test */
export async function startOidcIssuer(fetchLogout: (url: string, init: RequestInit) => Promise<Response>): Promise<OidcIssuer> {
  const clients = new Map<string, Readonly<Record<string, unknown>>>();
  const rows = new Map<string, Record<string, unknown>>();
  const sub = (id: string): Account => accounts.get(id) ?? { sub: id };
  const accounts = new Map<string, Account>();

  /** Keeps everything in memory, also when the keys change. */
  class Adapter {
    readonly #kind: string;
    constructor(kind: string) {
      this.#kind = kind;
    }
    #key = (id: string): string => `${this.#kind}:${id}`;
    async upsert(id: string, row: Record<string, unknown>): Promise<void> {
      rows.set(this.#key(id), row);
    }
    async find(id: string): Promise<unknown> {
      return this.#kind === "Client" ? clients.get(id) : rows.get(this.#key(id));
    }
    async findByUid(uid: string): Promise<unknown> {
      return [...rows].find(([key, row]) => key.startsWith(`${this.#kind}:`) && row["uid"] === uid)?.[1];
    }
    async consume(id: string): Promise<void> {
      const row = rows.get(this.#key(id));
      if (row) row["consumed"] = Math.floor(Date.now() / 1000);
    }
    async destroy(id: string): Promise<void> {
      rows.delete(this.#key(id));
    }
    async revokeByGrantId(grantId: string): Promise<void> {
      for (const [key, row] of rows) if (row["grantId"] === grantId) rows.delete(key);
    }
  }

  const build = (): Provider =>
    new Provider(issuer.url, {
      adapter: Adapter,
      jwks: keySet(),
      cookies: { keys: [randomUUID()] },
      claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name"], groups: ["groups"] },
      scopes: ["openid", "email", "profile", "groups"],
      features: { devInteractions: { enabled: false }, backchannelLogout: { enabled: true } },
      interactions: { url: (_ctx: unknown, { uid }: { readonly uid: string }) => `/interaction/${uid}` },
      findAccount: (_ctx: unknown, id: string) => ({ accountId: id, claims: () => ({ ...sub(id) }) }),
      loadExistingGrant: async (ctx: { oidc: { client: { clientId: string }; session: { accountId: string } } }) => {
        const { client, session } = ctx.oidc;
        const grant = new provider.Grant({ accountId: session.accountId, clientId: client.clientId });
        grant.addOIDCScope("openid email profile groups");
        await grant.save();
        return grant;
      },
      fetch: fetchLogout,
      ttl: { AccessToken: 600, AuthorizationCode: 60, Grant: 600, IdToken: 600, Interaction: 600, Session: 600 },
    });

  const server = createServer(async (request, response) => {
    const url = new URL(request.url ?? "", issuer.url);
    if (issuer.isDown) return void response.writeHead(503).end();
    if (url.pathname === "/token") {
      issuer.tokenRequests += 1;
      await issuer.beforeToken?.();
    }
    if (url.pathname.startsWith("/interaction/")) {
      accounts.set(issuer.account.sub, issuer.account);
      return void provider.interactionFinished(request, response, { login: { accountId: issuer.account.sub } });
    }
    const setHeader = response.setHeader.bind(response);
    response.setHeader = (name, value) => setHeader(name, name.toLowerCase() === "location" ? tampered(String(value)) : value);
    return provider.callback()(request, response);
  });

  function tampered(location: string): string {
    const url = new URL(location, issuer.url);
    if (!issuer.tamper || !url.searchParams.has("code")) return location;
    issuer.tamper(url.searchParams);
    return url.href;
  }

  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const issuer: OidcIssuer = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    account: { sub: "nobody" },
    isDown: false,
    tamper: null,
    beforeToken: null,
    tokenRequests: 0,
    register: ({ clientId, clientSecret, redirectUri, logoutUri }) =>
      void clients.set(clientId, {
        client_id: clientId,
        client_secret: clientSecret,
        redirect_uris: [redirectUri],
        backchannel_logout_uri: logoutUri,
        backchannel_logout_session_required: true,
      }),
    rotateKeys: () => void (provider = build()),
    logOut: async (clientId, subject, session) => (await provider.Client.find(clientId))?.backchannelLogout(subject, session),
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
  let provider = build();
  return issuer;
}
