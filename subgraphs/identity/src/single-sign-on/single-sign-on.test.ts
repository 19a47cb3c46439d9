import { createHash, randomUUID } from "node:crypto";
import { parseAnyId } from "@weft/shared";
import { aSecondMs, ApiClient, startTestWeft, type TestTenant, type TestWeft, until } from "@weft/testkit";
import postgres, { type Sql } from "postgres";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { type NameServer, startNameServer } from "../domains/name-server.fixture.js";
import { type Account, type OidcIssuer, startOidcIssuer } from "./oidc-issuer.fixture.js";
import { appUrl, connect, type ConnectedProvider, LoginAttempt, shownUrl } from "./single-sign-on.fixture.js";

let weft: TestWeft;
let owner: Sql;
let issuer: OidcIssuer;
let other: OidcIssuer;
let names: NameServer;
/** Logout tokens, if they are kept instead of being sent. */
let intercepted: string[] | null = null;

beforeAll(async () => {
  const fetchLogout = (url: string, { method = "POST", headers = {}, body = null }: RequestInit) => {
    if (body instanceof URLSearchParams) intercepted?.push(body.toString());
    if (intercepted) return Promise.resolve(new Response(null, { status: 200 }));
    return fetch(String(url).replace(shownUrl, weft.url), { method, headers, body });
  };
  [issuer, other, names] = await Promise.all([startOidcIssuer(fetchLogout), startOidcIssuer(fetchLogout), startNameServer()]);
  weft = await startTestWeft({ settings: { WEFT_OUTBOUND_ALLOWED: "127.0.0.1", WEFT_DNS_SERVERS: names.address } });
  owner = postgres(weft.database.ownerUrl, { max: 1, onnotice: () => undefined });
});
afterAll(async () => {
  await owner.end();
  await weft.stop();
  await Promise.all([issuer.close(), other.close(), names.close()]);
});
afterEach(() => {
  issuer.isDown = false;
  issuer.tamper = null;
  issuer.beforeToken = null;
});

const attempt = () => new LoginAttempt(weft, issuer);
const me = "{ me { id } }";
const codeOf = ({ errors }: { errors?: readonly { extensions?: { code?: string } }[] }) => errors?.[0]?.extensions?.code ?? "done";
const works = async ({ accessToken }: { accessToken: string }) => codeOf(await new ApiClient(weft.url, accessToken).send(me)) === "done";
const uuidOf = (id: string): string => parseAnyId(id)?.uuid ?? "";

/** A new account with an email address at the tenant's domain. */
function account(tenant: TestTenant, more: Partial<Account> = {}): Account {
  const sub = randomUUID();
  return { sub, email: `${sub}@${tenant.slug}.example`, email_verified: true, name: "Ada", groups: [], ...more };
}

const passwordLogin = async (name: string, password: string) =>
  codeOf(
    await new ApiClient(weft.url).send("mutation ($input: LoginInput!) { login(input: $input) { accessToken } }", {
      input: { login: name, password },
    }),
  );

const configure = (tenant: TestTenant, security: object) =>
  tenant.admin.run("mutation ($input: UpdateConfigurationInput!) { updateConfiguration(input: $input) { configuration { version } } }", {
    input: { patch: { security }, message: "Logins" },
  });

const deactivate =
  "mutation ($input: DeactivateIdentityProviderInput!) { deactivateIdentityProvider(input: $input) { identityProvider { status } } }";

/** Verifies the tenant's domain. */
async function verifyDomain({ admin, slug }: TestTenant): Promise<void> {
  const { addDomain } = await admin.run<{ addDomain: { domain: { id: string; record: { name: string; value: string } } } }>(
    "mutation ($name: String!) { addDomain(input: { name: $name }) { domain { id record { name value } } } }",
    { name: `${slug}.example` },
  );
  const { id, record } = addDomain.domain;
  names.texts.set(record.name, [record.value]);
  const verify = "mutation ($id: ID!) { verifyDomain(input: { id: $id }) { problem } }";
  expect(await admin.run(verify, { id })).toEqual({ verifyDomain: { problem: null } });
}

const roleIdOf = async (tenant: TestTenant, key: string): Promise<string> => {
  const { roles } = await tenant.admin.run<{ roles: { edges: { node: { id: string; key: string } }[] } }>(
    "{ roles(first: 50) { edges { node { id key } } } }",
  );
  return roles.edges.find(({ node }) => node.key === key)?.node.id ?? "";
};

const refusedUser = {
  error: "access_denied",
  error_description: "Your account cannot be used here. Ask an administrator of your organization.",
  state: "of the application",
};
const invalidAnswer = {
  error: "server_error",
  error_description: "The answer of the identity provider is not valid. Start the login again.",
  state: "of the application",
};
const noLogin = { status: "401", text: "This login is no longer valid. Start it again." };

describe("a login with an identity provider", () => {
  test("creates a user at the first time, and finds the same user afterwards", async () => {
    const tenant = await weft.tenant();
    const provider = await connect(tenant, issuer);
    const ada = account(tenant);
    const first = await attempt().session(provider, ada);
    expect(first.user).toMatchObject({ name: "Ada", email: ada.email, status: "ACTIVE", roles: [] });
    expect(await works(first)).toBe(true);
    const second = await attempt().session(provider, { ...ada, email: `another@${tenant.slug}.example` });
    expect(second.user).toMatchObject({ id: first.user.id, email: ada.email });
    const actions =
      await owner`select action from audit.entries where tenant_id = ${tenant.id} and actor_id = ${uuidOf(first.user.id)} order by id`;
    expect(actions.map(({ action }) => String(action))).toEqual([
      "user.create",
      "identityProvider.linkUser",
      "session.login",
      "session.login",
    ]);
  });

  test("returns the application's state with the code, and sends the provider neither", async () => {
    const tenant = await weft.tenant();
    const provider = await connect(tenant, issuer);
    const login = attempt();
    const { response } = await login.browser.visit(login.startUrlOf(provider), [issuer.url]).then(async () => ({
      response: await login.browser.request(login.startUrlOf(provider)),
    }));
    const sent = new URL(response.headers.get("location") ?? "");
    expect(Object.fromEntries(sent.searchParams)).toMatchObject({
      client_id: provider.clientId,
      redirect_uri: provider.callbackUrl,
      response_type: "code",
      code_challenge_method: "S256",
      scope: "openid email profile groups",
    });
    expect(sent.href).not.toContain(login.challenge);
    expect(response.headers.get("set-cookie")).toMatch(/^weft-sso-[0-9a-f]{16}=[\w-]{43}; Max-Age=600; Path=\/; HttpOnly; SameSite=Lax$/);
    expect(await attempt().logIn(provider, account(tenant))).toEqual({
      code: expect.stringMatching(/^wsc_/) as string,
      state: "of the application",
    });
  });

  test("links an existing user by a verified address of a verified domain only", async () => {
    const tenant = await weft.tenant();
    const provider = await connect(tenant, issuer);
    const { id, login: email } = await tenant.user("viewer");
    const ada = account(tenant, { email });
    expect(email).toContain(`@${tenant.slug}.example`);
    expect(await attempt().logIn(provider, ada)).toEqual(refusedUser);
    await verifyDomain(tenant);
    expect(await attempt().logIn(provider, { ...ada, email_verified: false })).toEqual(refusedUser);
    expect((await attempt().session(provider, ada)).user.id).toBe(id);
    // Another account with the same address does not become the user, too.
    expect(await attempt().logIn(provider, account(tenant, { email }))).toEqual(refusedUser);
  });

  test("does not link an existing user by an unverified address, even where such addresses are accepted for new users", async () => {
    const tenant = await weft.tenant();
    await verifyDomain(tenant);
    const provider = await connect(tenant, issuer, { acceptsUnverifiedEmail: true });
    const { login: email } = await tenant.user("viewer");
    expect(await attempt().logIn(provider, account(tenant, { email, email_verified: false }))).toEqual(refusedUser);
    const { user } = await attempt().session(provider, account(tenant, { email_verified: false }));
    const [row] = await owner`select email_verified_at from identity.users where id = ${uuidOf(user.id)}`;
    expect(row?.["email_verified_at"]).toBeNull();
  });

  test("creates nobody with an unverified address, or if the provider creates no users", async () => {
    const tenant = await weft.tenant();
    const creating = await connect(tenant, issuer);
    const { email: _email, ...nameless } = account(tenant);
    for (const refused of [account(tenant, { email_verified: false }), nameless, account(tenant, { email: "no address" })])
      expect(await attempt().logIn(creating, refused)).toEqual(refusedUser);
    const closed = await connect(tenant, issuer, { createsUsers: false });
    expect(await attempt().logIn(closed, account(tenant))).toEqual(refusedUser);
    const [row] = await owner`select count(*)::int as users from identity.users where tenant_id = ${tenant.id}`;
    expect(row?.["users"]).toBe(1);
  });

  test("refuses deactivated users, and users of vendors", async () => {
    const tenant = await weft.tenant();
    await verifyDomain(tenant);
    const provider = await connect(tenant, issuer);
    const ada = account(tenant);
    const { user } = await attempt().session(provider, ada);
    await tenant.admin.run("mutation ($id: ID!) { deactivateUser(input: { id: $id }) { user { status } } }", { id: user.id });
    expect(await attempt().logIn(provider, ada)).toEqual(refusedUser);
    const vendor = await tenant.vendor();
    expect(await attempt().logIn(provider, account(tenant, { email: vendor.user.login }))).toEqual(refusedUser);
  });

  test("refuses a user who was deactivated before the code was exchanged", async () => {
    const tenant = await weft.tenant();
    const provider = await connect(tenant, issuer);
    const ada = account(tenant);
    const { user } = await attempt().session(provider, ada);
    const login = attempt();
    const { code } = await login.logIn(provider, ada);
    await tenant.admin.run("mutation ($id: ID!) { deactivateUser(input: { id: $id }) { user { status } } }", { id: user.id });
    expect(codeOf(await login.complete(code))).toBe("UNAUTHENTICATED");
  });

  test("takes a user whose address nobody had confirmed from whoever knew a password or had a session", async () => {
    const tenant = await weft.tenant();
    await verifyDomain(tenant);
    const provider = await connect(tenant, issuer);
    const user = await tenant.user("viewer");
    await enrolTotp(user);
    expect(await works(user)).toBe(true);
    const session = await attempt().session(provider, account(tenant, { email: user.login }));
    expect(session.user.id).toBe(user.id);
    expect(await works(session)).toBe(true);
    await until(async () => !(await works(user)), { what: "the earlier session ended", deadlineMs: aSecondMs });
    expect(await passwordLogin(user.login, user.password)).toBe("UNAUTHENTICATED");
    const [row] = await owner`select password_hash, email_verified_at is not null as verified,
      (select count(*)::int from identity.second_factors f where f.user_id = u.id) as factors from identity.users u where id = ${uuidOf(user.id)}`;
    expect(row).toEqual({ password_hash: null, verified: true, factors: 0 });
  });

  test("leaves a user whose address was confirmed their password", async () => {
    const tenant = await weft.tenant();
    await verifyDomain(tenant);
    const provider = await connect(tenant, issuer);
    const user = await tenant.user("viewer");
    await owner`update identity.users set email_verified_at = now() where id = ${uuidOf(user.id)}`;
    expect((await attempt().session(provider, account(tenant, { email: user.login }))).user.id).toBe(user.id);
    expect(await passwordLogin(user.login, user.password)).toBe("done");
  });

  test("takes a user from an account of another provider that only claimed the address", async () => {
    const tenant = await weft.tenant();
    await verifyDomain(tenant);
    const [loose, strict] = [await connect(tenant, other, { acceptsUnverifiedEmail: true }), await connect(tenant, issuer)];
    const head = account(tenant);
    const claiming = new LoginAttempt(weft, other);
    const claimed = await claiming.session(loose, account(tenant, { email: head.email, email_verified: false }));
    const session = await attempt().session(strict, head);
    expect(session.user.id).toBe(claimed.user.id);
    await until(async () => !(await works(claimed)), { what: "the claimed session ended", deadlineMs: aSecondMs });
    const again = new LoginAttempt(weft, other);
    expect(await again.logIn(loose, account(tenant, { email: head.email, email_verified: false }))).toEqual(refusedUser);
    const links = await owner`select provider_id from identity.user_identities where user_id = ${uuidOf(session.user.id)}`;
    expect(links.map((link) => String(link["provider_id"]))).toEqual([uuidOf(strict.id)]);
  });

  test("does not take accounts of a new issuer for those of the old one, though they have the same subjects", async () => {
    const tenant = await weft.tenant();
    const provider = await connect(tenant, issuer);
    const ada = account(tenant);
    const { user } = await attempt().session(provider, ada);
    const begun = attempt();
    const callback = await begun.answered(provider, ada);
    const clientSecret = randomUUID();
    const oidc = { issuer: other.url, clientId: provider.clientId, clientSecret, scopes: ["email", "profile"] };
    const update = "mutation ($input: UpdateIdentityProviderInput!) { updateIdentityProvider(input: $input) { identityProvider { id } } }";
    await tenant.admin.run(update, { input: { id: provider.id, oidc } });
    other.register({ clientId: provider.clientId, clientSecret, redirectUri: provider.callbackUrl, logoutUri: "https://weft.example/logout" });
    expect(await begun.receive(callback)).toEqual(noLogin);
    expect(await new LoginAttempt(weft, other).logIn(provider, ada)).toEqual(refusedUser);
    const stranger = await new LoginAttempt(weft, other).session(provider, { ...ada, email: `x${ada.email}` });
    expect(stranger.user.id).not.toBe(user.id);
  });

  test("gives nothing that the provider was no longer allowed to give when its answer came", async () => {
    const tenant = await weft.tenant();
    const roleMappings = [{ group: "admins", roleId: await roleIdOf(tenant, "admin") }];
    const provider = await connect(tenant, issuer, { roleMappings });
    const update = "mutation ($input: UpdateIdentityProviderInput!) { updateIdentityProvider(input: $input) { identityProvider { id } } }";
    issuer.beforeToken = async () => {
      issuer.beforeToken = null;
      await tenant.admin.run(update, { input: { id: provider.id, roleMappings: [] } });
    };
    const ada = account(tenant, { groups: ["admins"] });
    expect(await attempt().logIn(provider, ada)).toMatchObject({ error: "temporarily_unavailable" });
    expect(await owner`select 1 from identity.users where tenant_id = ${tenant.id} and email = ${String(ada.email)}`).toEqual([]);
    expect((await attempt().session(provider, ada)).user.roles).toEqual([]);
  });

  test("links one user if two accounts with one address log in for the first time at the same time", async () => {
    const tenant = await weft.tenant();
    const provider = await connect(tenant, issuer);
    const [one, two] = [attempt(), attempt()];
    const ada = account(tenant);
    const callbacks = [await one.answered(provider, ada), await two.answered(provider, { ...ada, sub: randomUUID() })];
    const answers = await Promise.all([one.receive(callbacks[0] ?? ""), two.receive(callbacks[1] ?? "")]);
    expect(answers.filter((each) => "code" in each)).toHaveLength(1);
    expect(answers).toContainEqual(refusedUser);
  });

  test("is not asked for a second factor of Weft, which the provider is responsible for", async () => {
    const tenant = await weft.tenant();
    const provider = await connect(tenant, issuer);
    await configure(tenant, { secondFactor: "REQUIRED" });
    const user = await tenant.user("viewer");
    await until(async () => codeOf(await new ApiClient(weft.url, (await user.freshLogin()).accessToken).send(me)) === "MFA_REQUIRED", {
      what: "password logins are restricted",
    });
    const session = await attempt().session(provider, account(tenant));
    expect(await works(session)).toBe(true);
    const refresh = "mutation ($token: String!) { refreshSession(input: { refreshToken: $token }) { accessToken } }";
    const { refreshSession } = await new ApiClient(weft.url).run<{ refreshSession: { accessToken: string } }>(refresh, {
      token: session.refreshToken,
    });
    expect(await works(refreshSession)).toBe(true);
    const [row] = await owner`select factors from identity.sessions where user_id = ${uuidOf(session.user.id)}`;
    expect(row?.["factors"]).toEqual(["SSO"]);
  });

  test("does not find accounts of another provider with the same subject", async () => {
    const tenant = await weft.tenant();
    const [one, another] = [await connect(tenant, issuer), await connect(tenant, issuer)];
    const ada = account(tenant);
    await attempt().session(one, ada);
    expect(await attempt().logIn(another, ada)).toEqual(refusedUser);
  });

  test("activates an invited user of a verified domain, and voids the invitation", async () => {
    const tenant = await weft.tenant();
    await verifyDomain(tenant);
    const provider = await connect(tenant, issuer);
    const ada = account(tenant);
    const invite = "mutation ($input: InviteUserInput!) { inviteUser(input: $input) { user { id } } }";
    const input = { email: ada.email, name: "Ada", roleKeys: ["viewer"] };
    const { inviteUser } = await tenant.admin.run<{ inviteUser: { user: { id: string } } }>(invite, { input });
    expect((await attempt().session(provider, ada)).user).toMatchObject({ id: inviteUser.user.id, status: "ACTIVE" });
    const [token] = await owner`select revoked_at from identity.one_time_tokens where user_id = ${uuidOf(inviteUser.user.id)}`;
    expect(token?.["revoked_at"]).not.toBeNull();
  });
});

describe("groups of a provider", () => {
  test("give and take their roles at each login, and leave the other ones", async () => {
    const tenant = await weft.tenant();
    const [viewer, operations] = [await roleIdOf(tenant, "viewer"), await roleIdOf(tenant, "operations")];
    const roleMappings = [
      { group: "staff", roleId: viewer },
      { group: "facilities", roleId: operations },
    ];
    const provider = await connect(tenant, issuer, { roleMappings });
    const ada = account(tenant, { groups: ["staff", "unknown"] });
    const { user } = await attempt().session(provider, ada);
    expect(user.roles).toEqual([{ key: "viewer" }]);
    const approver = await roleIdOf(tenant, "approver");
    await tenant.admin.run("mutation ($input: UpdateUserInput!) { updateUser(input: $input) { user { id } } }", {
      input: { id: user.id, roleIds: [viewer, approver] },
    });
    const again = await attempt().session(provider, { ...ada, groups: ["facilities"] });
    expect(again.user.roles.map(({ key }) => key)).toEqual(["approver", "operations"]);
  });

  test("leave the last administrator their role", async () => {
    const tenant = await weft.tenant();
    await verifyDomain(tenant);
    const roleMappings = [{ group: "admins", roleId: await roleIdOf(tenant, "admin") }];
    const provider = await connect(tenant, issuer, { roleMappings });
    const session = await attempt().session(provider, account(tenant, { email: tenant.admin.login, groups: [] }));
    expect(session.user).toMatchObject({ id: tenant.admin.id, roles: [{ key: "admin" }] });
  });
});

describe("an answer of a provider", () => {
  let tenant: TestTenant;
  let provider: ConnectedProvider;
  beforeAll(async () => {
    tenant = await weft.tenant();
    provider = await connect(tenant, issuer);
  });

  test("counts only once", async () => {
    const login = attempt();
    const callback = await login.answered(provider, account(tenant));
    const cookies = new Map([...login.browser.cookies].map(([host, jar]) => [host, new Map(jar)]));
    expect(await login.receive(callback)).toHaveProperty("code");
    for (const [host, jar] of cookies) login.browser.cookies.set(host, jar);
    expect(await login.receive(callback)).toEqual(noLogin);
  });

  test("counts only once if it comes twice at the same time", async () => {
    const login = attempt();
    const callback = await login.answered(provider, account(tenant));
    const answers = await Promise.all([login.receive(callback), login.receive(callback)]);
    expect(answers.filter((each) => "code" in each)).toHaveLength(1);
    expect(answers).toContainEqual(noLogin);
  });

  test("counts only in the browser in which the login began", async () => {
    const callback = await attempt().answered(provider, account(tenant));
    const victim = attempt();
    expect(await victim.receive(callback)).toEqual(noLogin);
    // Not even with the cookie of a login of their own.
    const own = new URL(await victim.answered(provider, account(tenant)));
    const cookies = victim.browser.cookies.get("localhost:4000");
    const [cookie = ""] = cookies?.values() ?? [];
    const state = new URL(callback).searchParams.get("state") ?? "";
    cookies?.set(`weft-sso-${createHash("sha256").update(state).digest("hex").slice(0, 16)}`, cookie);
    expect(await victim.receive(callback)).toEqual(noLogin);
    expect(await victim.receive(own.href)).toHaveProperty("code");
  });

  test("with another state is refused, whether it is made up, changed, or of another login", async () => {
    const login = attempt();
    const callback = new URL(await login.answered(provider, account(tenant)));
    const states = ["", "made-up", `${callback.searchParams.get("state")}A`];
    const foreign = new URL(await login.answered(provider, account(tenant)));
    for (const state of states) {
      const changed = new URL(callback);
      changed.searchParams.set("state", state);
      expect(await login.receive(changed.href)).toEqual(noLogin);
    }
    // The code of one login with the state of another one of the same browser: PKCE and nonce do not fit.
    foreign.searchParams.set("code", callback.searchParams.get("code") ?? "");
    expect(await login.receive(foreign.href)).toEqual(invalidAnswer);
  });

  test("with a code that was issued for another verifier or nonce is refused", async () => {
    const login = attempt();
    const start = await login.browser.request(login.startUrlOf(provider));
    for (const parameter of ["code_challenge", "nonce"]) {
      const authorization = new URL(start.headers.get("location") ?? "");
      const again = await login.browser.request(login.startUrlOf(provider));
      const sent = new URL(again.headers.get("location") ?? "");
      sent.searchParams.set(parameter, authorization.searchParams.get(parameter) ?? "");
      issuer.account = account(tenant);
      const { url } = await login.browser.visit(sent.href, [provider.callbackUrl]);
      expect(await login.receive(url), parameter).toEqual(invalidAnswer);
    }
  });

  test("of another issuer is refused before its code is used", async () => {
    issuer.tamper = (parameters) => parameters.set("iss", other.url);
    const login = attempt();
    const callback = await login.answered(provider, account(tenant));
    const requests = issuer.tokenRequests;
    expect(await login.receive(callback)).toEqual(invalidAnswer);
    issuer.tamper = (parameters) => parameters.delete("iss");
    expect(await attempt().logIn(provider, account(tenant))).toEqual(invalidAnswer);
    expect(issuer.tokenRequests).toBe(requests);
  });

  test("at the address of another provider, or of another tenant's, is refused", async () => {
    const [second, elsewhere] = [await connect(tenant, other), await connect(await weft.tenant(), issuer)];
    const login = attempt();
    const callback = await login.answered(provider, account(tenant));
    for (const { callbackUrl } of [second, elsewhere])
      expect(await login.receive(callback.replace(provider.callbackUrl, callbackUrl))).toEqual(noLogin);
    expect(await login.receive(callback)).toHaveProperty("code");
  });

  test("is refused after ten minutes", async () => {
    const login = attempt();
    const callback = await login.answered(provider, account(tenant));
    await owner`update identity.provider_logins set expires_at = now() where tenant_id = ${tenant.id} and received_at is null`;
    expect(await login.receive(callback)).toEqual(noLogin);
  });

  test("is refused if the provider was deactivated meanwhile", async () => {
    const stopped = await connect(tenant, issuer);
    const login = attempt();
    const callback = await login.answered(stopped, account(tenant));
    await tenant.admin.run("mutation ($id: ID!) { deactivateIdentityProvider(input: { id: $id }) { identityProvider { id } } }", {
      id: stopped.id,
    });
    expect(await login.receive(callback)).toEqual(noLogin);
    expect((await attempt().browser.request(attempt().startUrlOf(stopped))).status).toBe(404);
  });

  test("that is an error is passed on, without the provider's text", async () => {
    const login = attempt();
    const callback = new URL(await login.answered(provider, account(tenant)));
    callback.searchParams.delete("code");
    callback.searchParams.set("error", "access_denied");
    callback.searchParams.set("error_description", "<b>Call 555-0100</b>");
    expect(await login.receive(callback.href)).toEqual({
      error: "access_denied",
      error_description: "The identity provider refused the login.",
      state: "of the application",
    });
  });

  test("is accepted after the provider has rotated its keys", async () => {
    await attempt().session(provider, account(tenant));
    issuer.rotateKeys();
    expect(await works(await attempt().session(provider, account(tenant)))).toBe(true);
  });
});

describe("the code for the application", () => {
  let tenant: TestTenant;
  let provider: ConnectedProvider;
  beforeAll(async () => {
    tenant = await weft.tenant();
    provider = await connect(tenant, issuer);
  });

  test("works once, also if it is exchanged twice at the same time", async () => {
    const login = attempt();
    const { code } = await login.logIn(provider, account(tenant));
    const answers = await Promise.all([login.complete(code), login.complete(code)]);
    expect(answers.map(codeOf).toSorted()).toEqual(["UNAUTHENTICATED", "done"]);
    expect(codeOf(await login.complete(code))).toBe("UNAUTHENTICATED");
  });

  test("is useless without the verifier of the application", async () => {
    const login = attempt();
    const { code } = await login.logIn(provider, account(tenant));
    for (const verifier of [attempt().verifier, login.challenge, "", "x".repeat(10_000)])
      expect(codeOf(await login.complete(code, verifier))).toBe("UNAUTHENTICATED");
    expect(codeOf(await login.complete(code))).toBe("done");
  });

  test("is refused after a minute, and if it was made up", async () => {
    const login = attempt();
    const { code = "" } = await login.logIn(provider, account(tenant));
    const [row] = await owner`select extract(epoch from expires_at - received_at)::int as seconds from identity.provider_logins
      where tenant_id = ${tenant.id} order by id desc limit 1`;
    expect(row?.["seconds"]).toBeLessThanOrEqual(61);
    await owner`update identity.provider_logins set expires_at = now() where tenant_id = ${tenant.id} and user_id is not null`;
    for (const wrong of [code, `${code}A`, "wsc_made-up", ""]) expect(codeOf(await login.complete(wrong))).toBe("UNAUTHENTICATED");
  });

  test("and the login's other secrets are in no table and no log of events", async () => {
    const login = attempt();
    const callback = new URL(await login.answered(provider, account(tenant)));
    const cookie = [...(login.browser.cookies.get("localhost:4000")?.values() ?? [])].at(-1) ?? "missing";
    const { code = "missing" } = await login.receive(callback.href);
    const secrets = [callback.searchParams.get("state") ?? "missing", cookie, code, login.verifier];
    for (const table of ["identity.provider_logins", "identity.user_identities", "audit.entries", "events.log"])
      for (const secret of secrets)
        expect(
          await owner`select 1 from ${owner(table)} t where t::text like ${`%${secret}%`} limit 1`,
          `${table} contains ${secret.slice(0, 4)}`,
        ).toEqual([]);
  });
});

describe("the start of a login", () => {
  test("refuses every URL that is not exactly one of the provider's", async () => {
    const tenant = await weft.tenant();
    const provider = await connect(tenant, issuer);
    const login = attempt();
    for (const wrong of [`${appUrl}/`, `${appUrl}?x=1`, "https://app.example", "https://evil.example/after-login", "//evil.example", ""]) {
      const response = await login.browser.request(login.startUrlOf(provider, { redirect_url: wrong }));
      expect([response.status, response.headers.get("location"), await response.text()], wrong).toEqual([
        400,
        null,
        expect.stringContaining("redirect URLs") as string,
      ]);
    }
  });

  test("refuses a challenge that is not one, so that no code works without a verifier", async () => {
    const provider = await connect(await weft.tenant(), issuer);
    const login = attempt();
    for (const wrong of ["", "short", `${login.challenge}=`])
      expect((await login.browser.request(login.startUrlOf(provider, { code_challenge: wrong }))).status).toBe(400);
  });

  test("says that the provider does not respond, and nothing about where it is", async () => {
    const tenant = await weft.tenant();
    const oidc = { issuer: "http://127.0.0.1:9", clientId: "c" };
    const provider = await connect(tenant, issuer, { oidc });
    const response = await attempt().browser.request(attempt().startUrlOf(provider));
    expect(response.status).toBe(503);
    expect(await response.text()).not.toContain("127.0.0.1");
  });

  test("answers the same for providers that do not exist, of another tenant, and that are not active", async () => {
    const [tenant, foreign] = [await weft.tenant(), await weft.tenant()];
    const [provider, elsewhere] = [await connect(tenant, issuer), await connect(foreign, issuer)];
    const deactivate = "mutation ($id: ID!) { deactivateIdentityProvider(input: { id: $id }) { identityProvider { id } } }";
    await tenant.admin.run(deactivate, { id: provider.id });
    const mixed = elsewhere.startUrl.replace(elsewhere.id, provider.id);
    for (const startUrl of [provider.startUrl, mixed])
      expect((await attempt().browser.request(attempt().startUrlOf({ startUrl }))).status).toBe(404);
  });
});

test("a login during which the provider stops responding tells the application so", async () => {
  const tenant = await weft.tenant();
  const provider = await connect(tenant, issuer);
  const login = attempt();
  const callback = await login.answered(provider, account(tenant));
  issuer.isDown = true;
  expect(await login.receive(callback)).toEqual({
    error: "temporarily_unavailable",
    error_description: "The identity provider does not respond. Try again later.",
    state: "of the application",
  });
});

describe("a logout at the provider", () => {
  /** Logs in, and returns the session and the provider's name for it. */
  async function loggedIn(provider: ConnectedProvider, ada: Account) {
    const session = await attempt().session(provider, ada);
    const [row] =
      await owner`select provider_session from identity.sessions where user_id = ${uuidOf(session.user.id)} order by id desc`;
    return { session, sid: String(row?.["provider_session"]) };
  }

  test("ends the session that it opened within a second, and no other one", async () => {
    const tenant = await weft.tenant();
    const provider = await connect(tenant, issuer);
    const ada = account(tenant);
    const [first, second] = [await loggedIn(provider, ada), await loggedIn(provider, ada)];
    await issuer.logOut(provider.clientId, ada.sub, first.sid);
    await until(async () => !(await works(first.session)), { what: "the session ended", deadlineMs: aSecondMs });
    expect(await works(second.session)).toBe(true);
    const [row] = await owner`select revoked_reason from identity.sessions where tenant_id = ${tenant.id} and revoked_at is not null`;
    expect(row?.["revoked_reason"]).toBe("PROVIDER_LOGOUT");
  });

  test("is refused with a token of another issuer, another client, twice, or without a token", async () => {
    const tenant = await weft.tenant();
    const provider = await connect(tenant, issuer);
    const elsewhere = await connect(tenant, other);
    const ada = account(tenant);
    const { session, sid } = await loggedIn(provider, ada);
    const url = provider.callbackUrl.replace(/callback$/, "back-channel-logout").replace(shownUrl, weft.url);
    const post = (body: string) => fetch(url, { method: "POST", headers: { "content-type": "application/x-www-form-urlencoded" }, body });
    const sent: string[] = (intercepted = []);
    await other.logOut(elsewhere.clientId, ada.sub, sid);
    await issuer.logOut((await connect(tenant, issuer)).clientId, ada.sub, sid);
    await issuer.logOut(provider.clientId, ada.sub, "another session");
    intercepted = null;
    const [ofOther = "", ofSecond = "", harmless = ""] = sent;
    const changed = `${harmless.slice(0, -6)}AAAAAA`;
    for (const wrong of [ofOther, ofSecond, changed, "", "logout_token=x", `${harmless}&${harmless}`])
      expect((await post(wrong)).status).toBe(400);
    expect((await post(harmless)).status).toBe(200);
    expect((await post(harmless)).status).toBe(400);
    expect(await works(session)).toBe(true);
  });
});

describe("loginMethods", () => {
  const ask = (login: string) =>
    new ApiClient(weft.url).run<{ loginMethods: { acceptsPassword: boolean; providers: { name: string; startUrl: string }[] } }>(
      "query ($login: String!) { loginMethods(login: $login) { acceptsPassword providers { providerId startUrl } } }",
      { login },
    );

  test("names the active providers of a verified domain, whether or not the user exists", async () => {
    const tenant = await weft.tenant();
    const { id: providerId, startUrl } = await connect(tenant, issuer);
    const nothing = { loginMethods: { acceptsPassword: true, providers: [] } };
    expect(await ask(tenant.admin.login)).toEqual(nothing);
    await verifyDomain(tenant);
    const found = { loginMethods: { acceptsPassword: true, providers: [{ providerId, startUrl }] } };
    for (const login of [tenant.admin.login, `nobody@${tenant.slug}.example`, ` X@${tenant.slug.toUpperCase()}.EXAMPLE `])
      expect(await ask(login)).toEqual(found);
    for (const login of ["admin", "", "@", `x@sub.${tenant.slug}.example`, `x@${"a".repeat(400)}.example`])
      expect(await ask(login)).toEqual(nothing);
  });
});

describe("required single sign-on", () => {
  const login = "mutation ($input: LoginInput!) { login(input: $input) { accessToken } }";
  const canLogIn = async (name: string, password: string) =>
    codeOf(await new ApiClient(weft.url).send(login, { input: { login: name, password } }));
  const requireIt = (tenant: TestTenant) =>
    tenant.admin.run("mutation ($input: UpdateConfigurationInput!) { updateConfiguration(input: $input) { configuration { version } } }", {
      input: { patch: { security: { singleSignOn: "REQUIRED" } }, message: "Single sign-on" },
    });

  test("refuses passwords like wrong ones, except those of break-glass users, which administrators are told of", async () => {
    const tenant = await weft.tenant();
    const provider = await connect(tenant, issuer);
    const [user, exempt] = [await tenant.user("viewer"), await tenant.user("viewer")];
    await tenant.admin.run("mutation ($id: ID!) { setBreakGlass(input: { userId: $id, isBreakGlass: true }) { user { isBreakGlass } } }", {
      id: exempt.id,
    });
    await requireIt(tenant);
    await until(async () => (await canLogIn(user.login, user.password)) === "UNAUTHENTICATED", { what: "passwords are refused" });
    const answers = await Promise.all(
      [user.password, "a wrong password"].map((password) =>
        new ApiClient(weft.url).send(login, { input: { login: user.login, password } }),
      ),
    );
    const [right, wrong] = answers.map(({ errors }) => errors?.[0]?.message);
    expect(right).toBe(wrong);
    expect(await canLogIn(exempt.login, exempt.password)).toBe("done");
    const told = async () => (await tenant.mails(tenant.admin.login)).some(({ subject }) => subject.includes("break-glass user logged in"));
    await until(told, { what: "the administrator was told" });
    const entries =
      await owner`select action from audit.entries where tenant_id = ${tenant.id} and action in ('session.breakGlass', 'session.passwordRefused') order by 1`;
    expect(new Set(entries.map(({ action }) => String(action)))).toEqual(new Set(["session.breakGlass", "session.passwordRefused"]));
    // Everybody else logs in with the provider.
    await verifyDomain(tenant);
    expect((await attempt().session(provider, account(tenant, { email: user.login }))).user.id).toBe(user.id);
  });

  test("refuses changes and resets of passwords, and accepts passwords again without an active provider", async () => {
    const tenant = await weft.tenant();
    const provider = await connect(tenant, issuer);
    const user = await tenant.user("viewer");
    await requireIt(tenant);
    await until(async () => (await canLogIn(user.login, user.password)) === "UNAUTHENTICATED", { what: "passwords are refused" });
    const change = "mutation ($input: ChangePasswordInput!) { changePassword(input: $input) { user { id } } }";
    expect(await user.refusal(change, { input: { currentPassword: user.password, newPassword: "a winding road 77" } })).toBe("FORBIDDEN");
    const start = "mutation ($id: ID!) { startPasswordReset(input: { userId: $id }) { user { id } } }";
    expect(await tenant.admin.refusal(start, { id: user.id })).toBe("CONFLICT");
    await tenant.admin.run("mutation ($id: ID!) { deactivateIdentityProvider(input: { id: $id }) { identityProvider { id } } }", {
      id: provider.id,
    });
    expect(await canLogIn(user.login, user.password)).toBe("done");
  });
});
