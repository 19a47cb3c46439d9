import { createHash, generateKeyPairSync, randomBytes, randomUUID } from "node:crypto";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { parseAnyId } from "@weft/shared/ids";
import { asTenant } from "@weft/platform/db";
import { aSecondMs, ApiClient, internalCallsOf, rememberSecret, startTestWeft, type TestTenant, type TestWeft, until } from "@weft/testkit";
import { base64url, exportJWK, type JWTPayload, SignJWT } from "jose";
import { postgres, type Sql } from "@weft/pg-driver";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { pastProviderLogins } from "./past-logins.js";
import { type HostileIssuer, type HostileIssuers, now, startHostileIssuers } from "./hostile-issuer.fixture.js";

let weft: TestWeft;
let owner: Sql;
let issuers: HostileIssuers;
/** A server in the installation's own network, which no provider can have Weft reach. */
let inside: Server;
let insideUrl: string;
let insideRequests = 0;

beforeAll(async () => {
  inside = createServer((_request, response) => {
    insideRequests += 1;
    response.setHeader("content-type", "application/json").end("{}");
  });
  await new Promise<void>((resolve) => inside.listen(0, "127.0.0.2", resolve));
  insideUrl = `http://127.0.0.2:${(inside.address() as AddressInfo).port}`;
  issuers = await startHostileIssuers((token) => rememberSecret(weft.url, token));
  weft = await startTestWeft({ settings: { WEFT_OUTBOUND_ALLOWED: issuers.host } });
  owner = postgres(weft.database.ownerUrl, { max: 1, onnotice: () => undefined });
});
afterAll(async () => {
  await owner.end();
  await weft.stop();
  await Promise.all([issuers.close(), new Promise((resolve) => inside.close(resolve))]);
});

const appUrl = "https://app.example/login";
const clientId = "weft";
const uuidOf = (id: string): string => parseAnyId(id)?.uuid ?? "";
const codeOf = ({ errors }: { errors?: readonly { extensions?: { code?: string } }[] }) => errors?.[0]?.extensions?.code ?? "done";
const works = async (token: string) => codeOf(await new ApiClient(weft.url, token).send("{ me { id } }")) === "done";

interface Connected {
  readonly tenantId: string;
  readonly providerId: string;
  readonly issuer: HostileIssuer;
}

/** Creates an active provider with an issuer of its own. */
async function connect(tenant: TestTenant, issuer = issuers.issuer()): Promise<Connected> {
  const create =
    "mutation ($input: CreateIdentityProviderInput!) { createIdentityProvider(input: $input) { identityProvider { id startUrl } } }";
  const oidc = { issuer: issuer.url, clientId, clientSecret: randomBytes(16).toString("hex") };
  const input = { name: `Login ${randomUUID()}`, oidc, redirectUrls: [appUrl], createsUsers: true, createsUsersOfAllDomains: true };
  const { createIdentityProvider } = await tenant.admin.run<{
    createIdentityProvider: { identityProvider: { id: string; startUrl: string } };
  }>(create, { input });
  const { id, startUrl } = createIdentityProvider.identityProvider;
  await tenant.admin.run("mutation ($id: ID!) { activateIdentityProvider(input: { id: $id }) { identityProvider { id } } }", { id });
  return { tenantId: /sso\/(\w+)\//.exec(startUrl)?.[1] ?? "", providerId: id, issuer };
}

const anybody = () => new ApiClient(weft.url);
/** What the routes of the gateway call. */
const gateway = () => new ApiClient(weft.url, undefined, internalCallsOf(weft.url));
const verifier = randomBytes(32).toString("base64url");
const codeChallenge = createHash("sha256").update(verifier).digest("base64url");

const start = ({ tenantId, providerId }: Connected, more: object = {}) =>
  anybody().send<{ startSingleSignOn: { authorizationUrl: string; browserToken: string } }>(
    "mutation ($input: StartSingleSignOnInput!) { startSingleSignOn(input: $input) { authorizationUrl browserToken } }",
    { input: { tenantId, providerId, redirectUrl: appUrl, codeChallenge, ...more } },
  );

/** Logs in as far as the application, which gets these parameters. */
async function received(connected: Connected, claims: JWTPayload = {}, more: object = {}): Promise<Readonly<Record<string, string>>> {
  const { data, errors } = await start(connected, more);
  if (!data) throw new Error(JSON.stringify(errors));
  const { authorizationUrl, browserToken } = data.startSingleSignOn;
  const asked = new URL(authorizationUrl).searchParams;
  const sub = randomUUID();
  const all = { aud: clientId, nonce: asked.get("nonce"), sub, email: `${sub}@mail.example`, email_verified: true, ...claims };
  const code = connected.issuer.codeFor(all);
  rememberSecret(weft.url, code);
  const url = new URL(asked.get("redirect_uri") ?? "");
  url.search = new URLSearchParams({ code, state: asked.get("state") ?? "" }).toString();
  const { receiveSingleSignOn } = await gateway().run<{ receiveSingleSignOn: { redirectUrl: string } }>(
    "mutation ($input: ReceiveSingleSignOnInput!) { receiveSingleSignOn(input: $input) { redirectUrl } }",
    { input: { url: url.href, browserToken } },
  );
  return Object.fromEntries(new URL(receiveSingleSignOn.redirectUrl).searchParams);
}

const complete = (code: string | undefined) =>
  anybody().send<{ completeSingleSignOn: { accessToken: string; user: { id: string } } }>(
    "mutation ($input: CompleteSingleSignOnInput!) { completeSingleSignOn(input: $input) { accessToken user { id } } }",
    { input: { code, codeVerifier: verifier } },
  );

/** Opens a session of a subject. */
async function session(connected: Connected, claims: JWTPayload): Promise<string> {
  const { code, error_description: why } = await received(connected, claims);
  const { data } = await complete(code);
  if (!data) throw new Error(`The login failed: ${why}`);
  return data.completeSingleSignOn.accessToken;
}

const logOut = async ({ tenantId, providerId }: Connected, logoutToken: string): Promise<string> =>
  codeOf(
    await gateway().send("mutation ($input: ReceiveLogoutTokenInput!) { receiveLogoutToken(input: $input) { isAccepted } }", {
      input: { tenantId, providerId, logoutToken },
    }),
  );

describe("a logout token", () => {
  const events = { "http://schemas.openid.net/event/backchannel-logout": {} };
  const claimsOf = (sub: string, more: JWTPayload = {}): JWTPayload => ({ aud: clientId, sub, jti: randomUUID(), events, ...more });

  test("ends nothing unless issuer, audience, times, event and the absence of a nonce are right", async () => {
    const provider = await connect(await weft.tenant());
    const { sign } = provider.issuer;
    const sub = randomUUID();
    const token = await session(provider, { sub });
    const wrong: Record<string, JWTPayload> = {
      "another issuer": { iss: "https://other.example" },
      "no issuer": { iss: undefined as never },
      "another audience": { aud: "another client" },
      "no audience": { aud: undefined as never },
      "no event": { events: undefined },
      "another event": { events: { "http://schemas.openid.net/event/other": {} } },
      "events that are a text": { events: "http://schemas.openid.net/event/backchannel-logout" },
      "events that are a list": { events: ["http://schemas.openid.net/event/backchannel-logout"] },
      "a nonce": { nonce: "x" },
      "an empty nonce": { nonce: "" },
      expired: { exp: now() - 120 },
      "issued long ago": { iat: now() - 3_600, exp: now() + 3_600 },
      "issued in the future": { iat: now() + 3_600, exp: now() + 7_200 },
      "no time of issue": { iat: undefined as never },
      "not valid yet": { nbf: now() + 3_600 },
      "no jti": { jti: undefined as never },
      "a jti that is a number": { jti: 7 as never },
      "neither subject nor session": { sub: undefined as never },
      "a subject that is a list": { sub: [sub] as never },
    };
    for (const [what, claims] of Object.entries(wrong))
      expect(await logOut(provider, await sign(claimsOf(sub, claims), { typ: "logout+jwt" })), what).toBe("BAD_USER_INPUT");
    for (const typ of ["at+jwt", "dpop+jwt"]) expect(await logOut(provider, await sign(claimsOf(sub), { typ }))).toBe("BAD_USER_INPUT");
    expect(await works(token)).toBe(true);
    expect(await logOut(provider, await sign(claimsOf(sub), { typ: "logout+jwt" }))).toBe("done");
    await until(async () => !(await works(token)), { what: "the session ended", deadlineMs: aSecondMs });
  });

  test("ends nothing without the provider's signature, however it was made", async () => {
    const provider = await connect(await weft.tenant());
    const { url, sign } = provider.issuer;
    const sub = randomUUID();
    const token = await session(provider, { sub });
    const claims = { iss: url, iat: now(), exp: now() + 120, ...claimsOf(sub) };
    const body = base64url.encode(JSON.stringify(claims));
    const unsigned = (alg: string) => `${base64url.encode(JSON.stringify({ alg, typ: "logout+jwt" }))}.${body}.`;
    const good = await sign(claims);
    const [header = "", payload = "", signature = ""] = good.split(".");
    const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const jwk = await exportJWK(publicKey);
    const keys = await (await fetch(`${url}/jwks`)).text();
    const own = (more: object) => new SignJWT(claims).setProtectedHeader({ alg: "ES256", kid: "hostile", ...more }).sign(privateKey);
    const shared = (secret: string) =>
      new SignJWT(claims).setProtectedHeader({ alg: "HS256", kid: "hostile" }).sign(Buffer.from(secret.padEnd(32, "x")));
    const wrong: Record<string, string> = {
      "alg none": unsigned("none"),
      "alg None": unsigned("None"),
      "no signature": `${header}.${payload}.`,
      "two parts": `${header}.${payload}`,
      "another payload": `${header}.${base64url.encode(JSON.stringify({ ...claims, sub: "other" }))}.${signature}`,
      "HS256 with the public keys": await shared(keys),
      "HS256 with the client ID": await shared(clientId),
      "another key": await own({}),
      "a key in the header": await own({ jwk }),
      "an address of a key": await own({ jku: `${insideUrl}/keys`, x5u: `${insideUrl}/cert` }),
      "an unknown key": await own({ kid: "../../etc/passwd" }),
      "an unknown critical header": `${base64url.encode(JSON.stringify({ alg: "ES256", kid: "hostile", crit: ["x"], x: 1 }))}.${payload}.${signature}`,
      "no token": "",
      "no JSON": "a.b.c",
      huge: `${header}.${"A".repeat(11_000)}.${signature}`,
    };
    for (const [what, text] of Object.entries(wrong)) expect(await logOut(provider, text), what).toBe("BAD_USER_INPUT");
    expect(await works(token)).toBe(true);
    expect(insideRequests).toBe(0);
    expect(await logOut(provider, good)).toBe("done");
  });

  test(
    "of one provider ends nothing at another one, of the same tenant or another one, though client and subject are the same",
    { tags: "slow" },
    async () => {
      const [tenant, foreign] = [await weft.tenant(), await weft.tenant()];
      const [one, two, elsewhere] = [await connect(tenant), await connect(tenant), await connect(foreign)];
      const sub = randomUUID();
      const tokens = [await session(two, { sub }), await session(elsewhere, { sub })];
      const text = await one.issuer.sign(claimsOf(sub));
      for (const provider of [two, elsewhere]) expect(await logOut(provider, text)).toBe("BAD_USER_INPUT");
      // A tenant that knows the issuer and client of another one ends only sessions of its own provider.
      const copied = await connect(foreign, two.issuer);
      expect(await logOut(copied, await two.issuer.sign(claimsOf(sub)))).toBe("done");
      expect(await logOut({ ...two, tenantId: elsewhere.tenantId }, await two.issuer.sign(claimsOf(sub)))).toBe("NOT_FOUND");
      expect(await Promise.all(tokens.map(works))).toEqual([true, true]);
    },
  );

  test("works once if it is sent twice at the same time, and its ID cannot be used by another token", async () => {
    const provider = await connect(await weft.tenant());
    const text = await provider.issuer.sign(claimsOf("nobody", { jti: "the same" }));
    const answers = await Promise.all([logOut(provider, text), logOut(provider, text)]);
    expect(answers.toSorted()).toEqual(["BAD_USER_INPUT", "done"]);
    expect(await logOut(provider, await provider.issuer.sign(claimsOf("somebody", { jti: "the same" })))).toBe("BAD_USER_INPUT");
  });

  test("is refused at the address of the gateway if it is larger than any token", async () => {
    const { tenantId, providerId } = await connect(await weft.tenant());
    const answer = await fetch(`${weft.url}/sso/${tenantId}/${providerId}/back-channel-logout`, {
      method: "POST",
      headers: { "content-type": "application/x-www-form-urlencoded" },
      body: `logout_token=${"A".repeat(50_000)}`,
    });
    expect(answer.status).toBe(413);
  });
});

describe("a provider cannot make Weft reach the installation's own network", () => {
  const down = "temporarily_unavailable";
  const redirect = (path: string) => ({ status: 307, headers: { location: `${insideUrl}${path}` } });
  const places = () => [insideUrl, "http://[::1]:4000", "http://169.254.169.254", "http://10.0.0.1", "http://2130706434"];

  test("with its discovery document", async () => {
    const { admin } = await weft.tenant();
    const create = "mutation ($input: CreateIdentityProviderInput!) { createIdentityProvider(input: $input) { identityProvider { id } } }";
    for (const issuer of places())
      expect(
        await admin.refusal(create, { input: { name: randomUUID(), oidc: { issuer, clientId }, redirectUrls: [appUrl] } }),
        issuer,
      ).toBe("BAD_USER_INPUT");
    const issuer = issuers.issuer();
    issuer.answers.set("/.well-known/openid-configuration", redirect("/.well-known/openid-configuration"));
    const provider = await connect(await weft.tenant(), issuer);
    expect(codeOf(await start(provider))).toBe("SERVICE_UNAVAILABLE");
    expect(insideRequests).toBe(0);
  });

  test("with the endpoint for tokens", async () => {
    const tenant = await weft.tenant();
    for (const place of places()) {
      const issuer = issuers.issuer();
      issuer.answers.set("/.well-known/openid-configuration", documentOf(issuer, { token_endpoint: `${place}/token` }));
      expect(await received(await connect(tenant, issuer)), place).toMatchObject({ error: down });
    }
    const issuer = issuers.issuer();
    issuer.answers.set("/token", redirect("/token"));
    expect(await received(await connect(tenant, issuer))).toHaveProperty("error");
    expect(insideRequests).toBe(0);
  });

  test("with its keys or its user info", async () => {
    const tenant = await weft.tenant();
    for (const field of ["jwks_uri", "userinfo_endpoint"]) {
      const direct = issuers.issuer();
      direct.answers.set("/.well-known/openid-configuration", documentOf(direct, { [field]: `${insideUrl}/x` }));
      expect(await received(await connect(tenant, direct)), field).toMatchObject({ error: down });
      const redirected = issuers.issuer();
      redirected.answers.set("/.well-known/openid-configuration", documentOf(redirected, { [field]: `${redirected.url}/x` }));
      redirected.answers.set("/x", redirect("/x"));
      expect(await received(await connect(tenant, redirected)), `${field}, redirected`).toHaveProperty("error");
    }
    const issuer = issuers.issuer();
    issuer.answers.set("/.well-known/openid-configuration", documentOf(issuer, { jwks_uri: `${insideUrl}/jwks` }));
    const provider = await connect(tenant, issuer);
    expect(await logOut(provider, await issuer.sign({ aud: clientId, sub: "x", jti: "x" }))).toBe("SERVICE_UNAVAILABLE");
    expect(insideRequests).toBe(0);
  });

  function documentOf({ url }: HostileIssuer, more: object) {
    return {
      issuer: url,
      authorization_endpoint: `${url}/auth`,
      token_endpoint: `${url}/token`,
      jwks_uri: `${url}/jwks`,
      ...more,
      id_token_signing_alg_values_supported: ["ES256"],
    };
  }
});

test("a provider that did not let the user log in again proves nothing", async () => {
  const provider = await connect(await weft.tenant());
  const sub = randomUUID();
  await session(provider, { sub });
  const asked = { isReauthentication: true };
  for (const auth_time of [undefined, now() - 3_600, now() + 3_600, String(now()), 0])
    expect(await received(provider, { sub, auth_time }, asked), String(auth_time)).toMatchObject({ error: "server_error" });
  expect(await received(provider, { sub, auth_time: now() }, asked)).toHaveProperty("code");
  const { data } = await start(provider, asked);
  const parameters = new URL(data?.startSingleSignOn.authorizationUrl ?? "").searchParams;
  expect([parameters.get("prompt"), parameters.get("max_age")]).toEqual(["login", "0"]);
});

test(
  "logins that nobody finishes are limited for each provider and address, and each row is deleted when it has expired",
  { tags: "slow" },
  async () => {
    const tenant = await weft.tenant();
    const [provider, other] = [await connect(tenant), await connect(tenant)];
    let begun = 0;
    let code = "done";
    // Every three seconds, one more is allowed, so that the next call need not be refused.
    while (begun < 400 && (code = codeOf(await start(provider))) === "done") begun += 1;
    expect(code).toBe("RATE_LIMITED");
    expect(begun).toBeGreaterThanOrEqual(300);
    const rows = () => owner`select 1 from identity.provider_logins where provider_id = ${uuidOf(provider.providerId)}`;
    expect(await rows()).toHaveLength(begun);
    expect(codeOf(await start(other))).toBe("done");
    await owner`update identity.provider_logins set expires_at = now() - interval '1 second' where provider_id = ${uuidOf(provider.providerId)}`;
    expect(
      await asTenant(weft.weft.services.databases.worker, { tenantId: tenant.id }, "write", (tx) =>
        pastProviderLogins.deleteSome(tx, 1_000, tenant.id),
      ),
    ).toBe(begun);
    expect(await rows()).toEqual([]);
  },
);

describe("a provider that is deactivated with its sessions", () => {
  test("while the code is exchanged opens no session, because the exchange waits for the deactivation", async () => {
    const provider = await connect(await weft.tenant());
    const { code } = await received(provider);
    const deactivation = postgres(weft.database.ownerUrl, { max: 1, onnotice: () => undefined });
    let exchange: ReturnType<typeof complete> | undefined;
    await deactivation.begin(async (tx) => {
      await tx`update identity.identity_providers set status = 'INACTIVE' where id = ${uuidOf(provider.providerId)}`;
      exchange = complete(code);
      const isWaiting = async () =>
        (
          await owner`select 1 from pg_stat_activity where wait_event_type = 'Lock' and query like '%shareIdentityProvider%' and datname = current_database()`
        ).length > 0;
      await until(isWaiting, { what: "the exchange waits for the provider" });
    });
    await deactivation.end();
    expect(codeOf((await exchange) ?? {})).toBe("UNAUTHENTICATED");
    expect(await owner`select 1 from identity.sessions where provider_id = ${uuidOf(provider.providerId)}`).toEqual([]);
  });
});
