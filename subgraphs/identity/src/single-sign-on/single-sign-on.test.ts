import { createHash, randomUUID } from "node:crypto";
import { parseAnyId } from "@weft/shared/ids";
import {
  addPasskey,
  aSecondMs,
  ApiClient,
  internalCallsOf,
  enrolTotp,
  pendingLogin,
  rememberSecret,
  type SoftwareAuthenticator,
  startTestWeft,
  type TestTenant,
  type TestWeft,
  totpCode,
  until,
} from "@weft/testkit";
import { postgres, type Sql } from "@weft/pg-driver";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { type NameServer, startNameServer } from "../domains/name-server.fixture.js";
import { type Account, type OidcIssuer, startOidcIssuer } from "./oidc-issuer.fixture.js";
import {
  appUrl,
  connect,
  type ConnectedProvider,
  invalidAnswer,
  LoginAttempt,
  noLogin,
  refusedUser,
  shownUrl,
  verifyDomainOf,
} from "./single-sign-on.fixture.js";
import type { OidcConfiguration } from "../identity-providers/oidc-configuration.js";
import { providerSessionOf, readProviderUser } from "./user-claims.js";

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

/** None of them may be in a table or the log when the tests have ended. */
const remember = (secret: string) => rememberSecret(weft.url, secret);
const attempt = () => new LoginAttempt(weft, issuer, remember);
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

/** Logs in with nothing but a passkey. */
async function passkeyLogin(authenticator: SoftwareAuthenticator): Promise<{ code: string; accessToken: string; refreshToken: string }> {
  const anyone = new ApiClient(weft.url);
  const { startPasskeyLogin } = await anyone.run<{ startPasskeyLogin: { options: unknown } }>(
    "mutation { startPasskeyLogin(input: {}) { options } }",
  );
  const answer = await anyone.send<{ loginWithPasskey: { accessToken: string; refreshToken: string } }>(
    "mutation ($passkey: JSON!) { loginWithPasskey(input: { passkey: $passkey }) { accessToken refreshToken } }",
    { passkey: authenticator.get(startPasskeyLogin.options) },
  );
  return { accessToken: "", refreshToken: "", ...answer.data?.loginWithPasskey, code: codeOf(answer) };
}

const configure = (tenant: TestTenant, security: object) =>
  tenant.admin.run("mutation ($input: UpdateConfigurationInput!) { updateConfiguration(input: $input) { configuration { version } } }", {
    input: { patch: { security }, message: "Logins" },
  });

const deactivate =
  "mutation ($input: DeactivateIdentityProviderInput!) { deactivateIdentityProvider(input: $input) { identityProvider { status } } }";

const verifyDomain = (tenant: TestTenant) => verifyDomainOf(tenant, names);

const roleIdOf = async (tenant: TestTenant, key: string): Promise<string> => {
  const { roles } = await tenant.admin.run<{ roles: { edges: { node: { id: string; key: string } }[] } }>(
    "{ roles(first: 50) { edges { node { id key } } } }",
  );
  return roles.edges.find(({ node }) => node.key === key)?.node.id ?? "";
};

const sendScim = async (tenant: TestTenant, method: string, path: string, body?: object): Promise<string> => {
  const { sendScimRequest } = await tenant.admin.internally.run<{
    sendScimRequest: { response: { httpStatus: number; body: { id?: string } | null } };
  }>("mutation ($input: SendScimRequestInput!) { sendScimRequest(input: $input) { response { httpStatus body } } }", {
    input: { method, path, body },
  });
  expect(sendScimRequest.response.httpStatus).toBeLessThan(300);
  return sendScimRequest.response.body?.id ?? "";
};

describe("a login with an identity provider", () => {
  test("creates a user at the first time, and finds the same user afterwards", { tags: "slow" }, async () => {
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

  test("creates only users of verified domains, unless the provider is said to know only users of the organization", async () => {
    const tenant = await weft.tenant();
    const provider = await connect(tenant, issuer, { createsUsersOfAllDomains: false });
    const stranger = account(tenant, { email: `${randomUUID()}@mail.example` });
    // Anybody can have an account at some issuers.
    for (const refused of [stranger, account(tenant)]) expect(await attempt().logIn(provider, refused)).toEqual(refusedUser);
    await verifyDomain(tenant);
    expect((await attempt().session(provider, account(tenant))).user.roles).toEqual([]);
    expect(await attempt().logIn(provider, stranger)).toEqual(refusedUser);
    const update = "mutation ($input: UpdateIdentityProviderInput!) { updateIdentityProvider(input: $input) { identityProvider { id } } }";
    await tenant.admin.run(update, { input: { id: provider.id, createsUsersOfAllDomains: true } });
    expect((await attempt().session(provider, stranger)).user.email).toBe(stranger.email);
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
    const refused = await login.complete(code);
    expect(codeOf(refused)).toBe("UNAUTHENTICATED");
    // The same answer as for every other reason.
    expect(refused.errors?.[0]?.message).toBe((await login.complete("wsc_made-up")).errors?.[0]?.message);
  });

  test("takes a user whose address nobody had confirmed from whoever knew a password or had a session", async () => {
    const tenant = await weft.tenant();
    await verifyDomain(tenant);
    const provider = await connect(tenant, issuer);
    const user = await tenant.user("viewer");
    await enrolTotp(user);
    expect(await works({ accessToken: user.token })).toBe(true);
    const session = await attempt().session(provider, account(tenant, { email: user.login }));
    expect(session.user.id).toBe(user.id);
    expect(await works(session)).toBe(true);
    await until(async () => !(await works({ accessToken: user.token })), { what: "the earlier session ended", deadlineMs: aSecondMs });
    expect(await passwordLogin(user.login, user.password)).toBe("UNAUTHENTICATED");
    const [row] = await owner`select password_hash, email_verified_at is not null as verified,
      (select count(*)::int from identity.second_factors f where f.user_id = u.id) as factors from identity.users u where id = ${uuidOf(user.id)}`;
    expect(row).toEqual({ password_hash: null, verified: true, factors: 0 });
  });

  test("takes a user whose address was confirmed without a login from whoever had a session or a second factor", async () => {
    const tenant = await weft.tenant();
    await verifyDomain(tenant);
    const provider = await connect(tenant, issuer);
    const user = await tenant.user("viewer");
    await enrolTotp(user);
    await user.run("mutation { requestEmailVerification { user { id } } }");
    const token = (await weft.mails(user.login)).at(-1)?.token;
    await new ApiClient(weft.url).run("mutation ($token: String!) { verifyEmail(input: { token: $token }) { slug } }", { token });
    const session = await attempt().session(provider, account(tenant, { email: user.login }));
    expect(session.user.id).toBe(user.id);
    await until(async () => !(await works({ accessToken: user.token })), { what: "the earlier session ended", deadlineMs: aSecondMs });
    expect(await passwordLogin(user.login, user.password)).toBe("UNAUTHENTICATED");
    const [row] = await owner`select is_verified_without_login as unproven,
      (select count(*)::int from identity.second_factors f where f.user_id = u.id) as factors from identity.users u where id = ${uuidOf(user.id)}`;
    expect(row).toEqual({ unproven: false, factors: 0 });
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
    const sameAddress = () => account(tenant, { ...head, sub: randomUUID(), email_verified: false });
    const claiming = new LoginAttempt(weft, other, remember);
    const claimed = await claiming.session(loose, sameAddress());
    const session = await attempt().session(strict, head);
    expect(session.user.id).toBe(claimed.user.id);
    await until(async () => !(await works(claimed)), { what: "the claimed session ended", deadlineMs: aSecondMs });
    const again = new LoginAttempt(weft, other, remember);
    expect(await again.logIn(loose, sameAddress())).toEqual(refusedUser);
    const links = await owner`select provider_id from identity.user_identities where user_id = ${uuidOf(session.user.id)}`;
    expect(links.map((link) => String(link["provider_id"]))).toEqual([uuidOf(strict.id)]);
  });

  test("exchanges no code of an account from which the user was taken meanwhile", async () => {
    const tenant = await weft.tenant();
    await verifyDomain(tenant);
    const [loose, strict] = [await connect(tenant, other, { acceptsUnverifiedEmail: true }), await connect(tenant, issuer)];
    const head = account(tenant);
    const claiming = account(tenant, { ...head, sub: randomUUID(), email_verified: false });
    await new LoginAttempt(weft, other).session(loose, claiming);
    const held = new LoginAttempt(weft, other);
    const { code } = await held.logIn(loose, claiming);
    await attempt().session(strict, head);
    expect(codeOf(await held.complete(code))).toBe("UNAUTHENTICATED");
  });

  test("records what it takes from whoever had a user before, and tells the owner of the address", async () => {
    const tenant = await weft.tenant();
    await verifyDomain(tenant);
    const [loose, strict] = [await connect(tenant, other, { acceptsUnverifiedEmail: true }), await connect(tenant, issuer)];
    const head = account(tenant);
    const { user } = await new LoginAttempt(weft, other).session(loose, { ...head, sub: randomUUID(), email_verified: false });
    await owner`insert into identity.second_factors (tenant_id, id, user_id, kind, secret, confirmed_at)
      values (${tenant.id}, ${randomUUID()}, ${uuidOf(user.id)}, 'TOTP', 'x', now())`;
    const rightsOf = async () => {
      const [row] = await owner`select rights_version from identity.users where id = ${uuidOf(user.id)}`;
      return Number(row?.["rights_version"]);
    };
    const before = await rightsOf();
    await attempt().session(strict, head);
    // So that no request that is already under way still acts as the user.
    expect(await rightsOf()).toBeGreaterThan(before);
    const entries =
      await owner`select action from audit.entries where tenant_id = ${tenant.id} and actor_id = ${uuidOf(user.id)} order by id`;
    expect(entries.map(({ action }) => String(action)).slice(3)).toEqual([
      "user.resetSecondFactors",
      "identityProvider.unlinkUser",
      "user.proveEmail",
      "session.revoke",
      "identityProvider.linkUser",
      "session.login",
    ]);
    const told = async () =>
      (await tenant.mails(String(head.email))).map(({ text }) => text).filter((text) => text.includes("log in with"));
    await until(async () => (await told()).length === 1, { what: "the owner was told" });
    expect((await told())[0]).toContain("were removed");
  });

  test("is told to a user with a confirmed address, who is linked", async () => {
    const tenant = await weft.tenant();
    await verifyDomain(tenant);
    const provider = await connect(tenant, issuer, { name: "Corporate login" });
    const user = await tenant.user("viewer");
    await owner`update identity.users set email_verified_at = now() where id = ${uuidOf(user.id)}`;
    await attempt().session(provider, account(tenant, { email: user.login }));
    const told = async () => (await tenant.mails(user.login)).filter(({ text }) => text.includes("Corporate login"));
    await until(async () => (await told()).length === 1, { what: "the user was told" });
    expect((await told())[0]?.text).not.toContain("were removed");
  });

  test("does not take the password of a break-glass user, whose address must be confirmed first", async () => {
    const tenant = await weft.tenant();
    await verifyDomain(tenant);
    const provider = await connect(tenant, issuer);
    const user = await tenant.user("admin");
    await tenant.admin.run("mutation ($id: ID!) { setBreakGlass(input: { userId: $id, isBreakGlass: true }) { user { id } } }", {
      id: user.id,
    });
    const ada = account(tenant, { email: user.login });
    expect(await attempt().logIn(provider, ada)).toEqual(refusedUser);
    expect(await passwordLogin(user.login, user.password)).toBe("done");
    await owner`update identity.users set email_verified_at = now() where id = ${uuidOf(user.id)}`;
    expect((await attempt().session(provider, ada)).user.id).toBe(user.id);
    expect(await passwordLogin(user.login, user.password)).toBe("done");
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
    other.register({
      clientId: provider.clientId,
      clientSecret,
      redirectUri: provider.callbackUrl,
      logoutUri: "https://weft.example/logout",
    });
    expect(await begun.receive(callback)).toEqual(noLogin);
    expect(await new LoginAttempt(weft, other, remember).logIn(provider, ada)).toEqual(refusedUser);
    const stranger = await new LoginAttempt(weft, other, remember).session(provider, { ...ada, email: `x${ada.email}` });
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
    const isRestricted = async (id: string) => {
      const rows = await owner`select is_restricted from identity.sessions where user_id = ${uuidOf(id)} order by id desc limit 1`;
      return rows[0]?.["is_restricted"] === true;
    };
    const isNextRestricted = async () => isRestricted((await user.again()).id);
    await until(isNextRestricted, { what: "password logins are restricted" });
    const session = await attempt().session(provider, account(tenant));
    expect(await isRestricted(session.user.id)).toBe(false);
    const refresh = "mutation ($token: String!) { refreshSession(input: { refreshToken: $token }) { accessToken } }";
    const { refreshSession } = await new ApiClient(weft.url).run<{ refreshSession: { accessToken: string } }>(refresh, {
      token: session.refreshToken,
    });
    expect(await works(refreshSession)).toBe(true);
    expect(await isRestricted(session.user.id)).toBe(false);
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

  test("links a user whom SCIM has created, by a verified address of a verified domain only, and none whom it has deactivated", async () => {
    const tenant = await weft.tenant();
    const provider = await connect(tenant, issuer);
    const ada = account(tenant);
    const scim = (method: string, path: string, body?: object) => sendScim(tenant, method, path, body);
    const id = await scim("POST", "Users", {
      schemas: ["urn:ietf:params:scim:schemas:core:2.0:User"],
      userName: ada.email,
      displayName: "Ada",
    });
    expect(await attempt().logIn(provider, ada)).toEqual(refusedUser);
    await verifyDomain(tenant);
    expect((await attempt().session(provider, ada)).user).toMatchObject({ id, status: "ACTIVE" });
    const patch = {
      schemas: ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
      Operations: [{ op: "replace", path: "active", value: false }],
    };
    await scim("PATCH", `Users/${id}`, patch);
    expect(await attempt().logIn(provider, ada)).toEqual(refusedUser);
    await scim("DELETE", `Users/${id}`);
    expect(await attempt().logIn(provider, ada)).toEqual(refusedUser);
  });

  test("with the account of a user whom SCIM has deleted stays refused when SCIM creates the user again, and the new account is linked", async () => {
    const tenant = await weft.tenant();
    const provider = await connect(tenant, issuer);
    await verifyDomain(tenant);
    const former = account(tenant);
    const namesake = { ...former, sub: randomUUID() };
    const user = {
      schemas: ["urn:ietf:params:scim:schemas:core:2.0:User"],
      userName: former.email,
      externalId: "ada",
      displayName: "Ada",
    };
    const id = await sendScim(tenant, "POST", "Users", user);
    expect((await attempt().session(provider, former)).user.id).toBe(id);
    await sendScim(tenant, "DELETE", `Users/${id}`);
    expect(await sendScim(tenant, "POST", "Users", user)).toBe(id);
    expect((await attempt().session(provider, namesake)).user).toMatchObject({ id, status: "ACTIVE" });
    expect(await attempt().logIn(provider, former)).toEqual(refusedUser);
  });
});

test("a user without a password who is reactivated is active at once, because their account at the provider works", async () => {
  const tenant = await weft.tenant();
  const provider = await connect(tenant, issuer);
  const ada = account(tenant);
  const { user } = await attempt().session(provider, ada);
  await tenant.admin.run("mutation ($id: ID!) { deactivateUser(input: { id: $id }) { user { status } } }", { id: user.id });
  const reactivate = "mutation ($id: ID!) { reactivateUser(input: { id: $id }) { user { status } } }";
  expect(await tenant.admin.run(reactivate, { id: user.id })).toEqual({ reactivateUser: { user: { status: "ACTIVE" } } });
  expect((await attempt().session(provider, ada)).user.id).toBe(user.id);
});

test("an account without a password does not make the password of the same person in another organization ambiguous", async () => {
  const [tenant, elsewhere] = [await weft.tenant(), await weft.tenant()];
  await verifyDomain(tenant);
  const ada = account(tenant);
  await attempt().session(await connect(tenant, issuer), ada);
  const password = "a winding road 77";
  await elsewhere.admin.run("mutation ($input: CreateUserInput!) { createUser(input: $input) { user { id } } }", {
    input: { email: ada.email, name: "Ada", roleKeys: ["viewer"], password },
  });
  expect(await passwordLogin(String(ada.email), password)).toBe("done");
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

  test("do not give a role that has become one for users of vendors", async () => {
    const tenant = await weft.tenant();
    const [viewer, fitter] = [await roleIdOf(tenant, "viewer"), await tenant.role("fitter", [])];
    const provider = await connect(tenant, issuer, { roleMappings: [viewer, fitter].map((roleId) => ({ group: "staff", roleId })) });
    await tenant.admin.run("mutation ($input: UpdateRoleInput!) { updateRole(input: $input) { role { id } } }", {
      input: { id: fitter, parentKeys: ["vendor_user"] },
    });
    const { user } = await attempt().session(provider, account(tenant, { groups: ["staff"] }));
    expect(user.roles).toEqual([{ key: "viewer" }]);
  });

  test("are not taken for none if a provider does not give them all", async () => {
    const tenant = await weft.tenant();
    const roleMappings = [{ group: "staff", roleId: await roleIdOf(tenant, "viewer") }];
    const provider = await connect(tenant, issuer, { roleMappings });
    const ada = account(tenant, { groups: ["staff"] });
    const { user } = await attempt().session(provider, ada);
    const many = Array.from({ length: 2_001 }, (_, at) => `group ${at}`);
    expect(await attempt().logIn(provider, { ...ada, groups: many })).toEqual(invalidAnswer);
    const [row] = await owner`select count(*)::int as roles from identity.user_roles where user_id = ${uuidOf(user.id)}`;
    expect(row?.["roles"]).toBe(1);
    expect((await attempt().session(provider, { ...ada, groups: [] })).user.roles).toEqual([]);
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
    const cookies = victim.browser.cookies.get("127.0.0.1:4000");
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

  test("is refused while the organization is suspended, and is not valid afterwards", async () => {
    const stopped = await weft.tenant();
    const login = attempt();
    const { code } = await login.logIn(await connect(stopped, issuer), account(stopped));
    const set = (status: string) => owner`update identity.tenants set status = ${status} where tenant_id = ${stopped.id}`;
    await set("SUSPENDED");
    expect(codeOf(await login.complete(code))).toBe("UNAUTHENTICATED");
    expect(await owner`select 1 from identity.sessions where tenant_id = ${stopped.id} and factors = '{SSO}'`).toEqual([]);
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
    const cookie = [...(login.browser.cookies.get("127.0.0.1:4000")?.values() ?? [])].at(-1) ?? "missing";
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

  test("answers the same for providers that do not exist, of another tenant, and that are not active", { tags: "slow" }, async () => {
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
    const [row] = await owner`select provider_session from identity.sessions where user_id = ${uuidOf(session.user.id)} order by id desc`;
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

  test("ends all sessions of its user whose session at the provider is not known", async () => {
    const tenant = await weft.tenant();
    const provider = await connect(tenant, issuer);
    const ada = account(tenant);
    const [unnamed, named] = [await loggedIn(provider, ada), await loggedIn(provider, ada)];
    const stranger = await loggedIn(provider, account(tenant));
    await owner`update identity.sessions set provider_session = null where tenant_id = ${tenant.id} and provider_session <> ${named.sid}`;
    await issuer.logOut(provider.clientId, ada.sub, "a session that nobody has told us of");
    await until(async () => !(await works(unnamed.session)), { what: "the session ended", deadlineMs: aSecondMs });
    expect([await works(named.session), await works(stranger.session)]).toEqual([true, true]);
  });

  test("knows sessions with long names", () => {
    const sid = "s".repeat(600);
    const configuration = { emailClaim: "email", nameClaim: "name", groupsClaim: null } as OidcConfiguration;
    const { session } = readProviderUser({ sub: "x", sid }, configuration) ?? {};
    expect(session).toBe(providerSessionOf(sid));
    expect(session).toHaveLength(64);
    expect(providerSessionOf(`${sid}s`)).not.toBe(session);
    expect(providerSessionOf("short")).toBe("short");
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

describe("the end of a provider", () => {
  test("ends the sessions that it has opened: if asked to when it is deactivated, and always when it is deleted", async () => {
    const tenant = await weft.tenant();
    const [first, second] = [await connect(tenant, issuer), await connect(tenant, issuer)];
    const [one, two] = [await attempt().session(first, account(tenant)), await attempt().session(second, account(tenant))];
    const status = { deactivateIdentityProvider: { identityProvider: { status: "INACTIVE" } } };
    expect(await tenant.admin.run(deactivate, { input: { id: first.id } })).toEqual(status);
    expect(await works(one)).toBe(true);
    expect(await tenant.admin.run(deactivate, { input: { id: first.id, endsSessions: true } })).toEqual(status);
    await until(async () => !(await works(one)), { what: "the session of the inactive provider ended", deadlineMs: aSecondMs });
    expect(await works(two)).toBe(true);
    await tenant.admin.run("mutation ($id: ID!) { deleteIdentityProvider(input: { id: $id }) { identityProviderId } }", { id: second.id });
    await until(async () => !(await works(two)), { what: "the session of the deleted provider ended", deadlineMs: aSecondMs });
    expect(await works({ accessToken: tenant.admin.token })).toBe(true);
  });

  test("ends the sessions that it has opened if the provider is changed to another issuer or client", async () => {
    const tenant = await weft.tenant();
    const provider = await connect(tenant, issuer);
    const session = await attempt().session(provider, account(tenant));
    const update = "mutation ($input: UpdateIdentityProviderInput!) { updateIdentityProvider(input: $input) { identityProvider { id } } }";
    const oidc = { issuer: issuer.url, clientId: provider.clientId, scopes: ["email"] };
    await tenant.admin.run(update, { input: { id: provider.id, oidc } });
    expect(await works(session)).toBe(true);
    await tenant.admin.run(update, { input: { id: provider.id, oidc: { ...oidc, clientId: "another" } } });
    await until(async () => !(await works(session)), { what: "the session ended", deadlineMs: aSecondMs });
  });

  test("revokes the API keys that users have made in its sessions, and lists those of service accounts", async () => {
    const tenant = await weft.tenant();
    const roleMappings = [{ group: "admins", roleId: await roleIdOf(tenant, "admin") }];
    const provider = await connect(tenant, issuer, { roleMappings });
    const session = await attempt().session(provider, account(tenant, { groups: ["admins"] }));
    const createAccount = "mutation ($input: CreateServiceAccountInput!) { createServiceAccount(input: $input) { user { id } } }";
    const { createServiceAccount } = await tenant.admin.run<{ createServiceAccount: { user: { id: string } } }>(createAccount, {
      input: { name: "Robot", username: "robot", roleKeys: ["viewer"] },
    });
    const createKey = "mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) { key apiKey { id } } }";
    const keyOf = async (client: Pick<ApiClient, "run">, more: object = {}) => {
      const input = { name: "Key", permissions: [{ permission: "user.read", scope: "TENANT" }], ...more };
      return (await client.run<{ createApiKey: { key: string; apiKey: { id: string } } }>(createKey, { input })).createApiKey;
    };
    const rotate = "mutation ($id: ID!) { rotateApiKey(input: { id: $id }) { key } }";
    const suspect = new ApiClient(weft.url, session.accessToken);
    const [own, robot, rotated] = [
      await keyOf(suspect),
      await keyOf(suspect, { userId: createServiceAccount.user.id }),
      await keyOf(tenant.admin, { userId: createServiceAccount.user.id }),
    ];
    const [untouched, ofAdmin] = [await keyOf(tenant.admin, { userId: createServiceAccount.user.id }), await keyOf(tenant.admin)];
    // Whoever rotates a key knows it.
    await suspect.run(rotate, { id: rotated.apiKey.id });
    const end =
      "mutation ($input: DeactivateIdentityProviderInput!) { deactivateIdentityProvider(input: $input) { serviceAccountApiKeyIds } }";
    expect(await tenant.admin.run(end, { input: { id: provider.id } })).toEqual({
      deactivateIdentityProvider: { serviceAccountApiKeyIds: [] },
    });
    expect(await works({ accessToken: own.key })).toBe(true);
    expect(await tenant.admin.run(end, { input: { id: provider.id, endsSessions: true } })).toEqual({
      deactivateIdentityProvider: { serviceAccountApiKeyIds: [robot.apiKey.id, rotated.apiKey.id] },
    });
    await until(async () => !(await works({ accessToken: own.key })), { what: "the key was revoked", deadlineMs: aSecondMs });
    for (const { key } of [robot, untouched, ofAdmin]) expect(await works({ accessToken: key })).toBe(true);
    const remove = "mutation ($id: ID!) { deleteIdentityProvider(input: { id: $id }) { serviceAccountApiKeyIds } }";
    expect(await tenant.admin.run(remove, { id: provider.id })).toEqual({
      deleteIdentityProvider: { serviceAccountApiKeyIds: [robot.apiKey.id, rotated.apiKey.id] },
    });
  });

  describe("ends the passkeys that were registered in its sessions, and what they have opened", () => {
    const update = "mutation ($input: UpdateIdentityProviderInput!) { updateIdentityProvider(input: $input) { identityProvider { id } } }";
    const remove = "mutation ($id: ID!) { deleteIdentityProvider(input: { id: $id }) { identityProviderId } }";
    const accounts = "query ($id: ID!) { user(id: $id) { identities { id } } }";
    const unlink = "mutation ($input: UnlinkUserIdentityInput!) { unlinkUserIdentity(input: $input) { user { id } } }";
    const createKey =
      'mutation { createApiKey(input: { name: "Key", permissions: [{ permission: "user.read", scope: TENANT }] }) { key apiKey { id } } }';
    const ends: readonly [string, boolean, (tenant: TestTenant, provider: ConnectedProvider, userId: string) => Promise<unknown>][] = [
      ["deactivated with its sessions", true, (tenant, { id }) => tenant.admin.run(deactivate, { input: { id, endsSessions: true } })],
      ["deleted", true, (tenant, { id }) => tenant.admin.run(remove, { id })],
      [
        "changed to another client",
        false,
        (tenant, { id }) => {
          const oidc = { issuer: issuer.url, clientId: "another", scopes: ["email", "groups"], groupsClaim: "groups" };
          return tenant.admin.run(update, { input: { id, oidc } });
        },
      ],
      [
        "unlinked from the user",
        false,
        async (tenant, _, userId) => {
          const { user } = await tenant.admin.run<{ user: { identities: { id: string }[] } }>(accounts, { id: userId });
          return tenant.admin.run(unlink, { input: { userId, identityId: user.identities[0]?.id } });
        },
      ],
    ];

    test.each(ends)("when it is %s", { tags: "slow" }, async (_, endsKeys, end) => {
      const tenant = await weft.tenant();
      const roleMappings = [{ group: "admins", roleId: await roleIdOf(tenant, "admin") }];
      const provider = await connect(tenant, issuer, { roleMappings });
      const session = await attempt().session(provider, account(tenant, { groups: ["admins"] }));
      const { authenticator } = await addPasskey(new ApiClient(weft.url, session.accessToken));
      const byPasskey = await passkeyLogin(authenticator);
      expect(byPasskey.code).toBe("done");
      const { createApiKey } = await new ApiClient(weft.url, byPasskey.accessToken).run<{ createApiKey: { key: string } }>(createKey);
      // Another user's passkey, from a session with a password, has nothing to do with the provider.
      const own = await addPasskey(await tenant.user("viewer"));
      await end(tenant, provider, session.user.id);
      expect((await passkeyLogin(authenticator)).code).toBe("UNAUTHENTICATED");
      await until(async () => !(await works(byPasskey)), { what: "the session of the passkey ended", deadlineMs: aSecondMs });
      if (endsKeys)
        await until(async () => !(await works({ accessToken: createApiKey.key })), {
          what: "the API key was revoked",
          deadlineMs: aSecondMs,
        });
      expect((await passkeyLogin(own.authenticator)).code).toBe("done");
      const id = uuidOf(session.user.id);
      expect(await owner`select 1 from identity.recovery_codes where user_id = ${id}`).toHaveLength(0);
      expect(await owner`select 1 from audit.entries where action = 'user.removePasskey' and entity_id = ${id}`).toHaveLength(1);
      await until(
        async () =>
          (await tenant.mails(session.user.email)).some(({ text }) => text.includes("The second factor of your account was removed")),
        { what: "the user was told" },
      );
    });

    test("but not the session of the user who unlinks the account, nor a passkey registered with a password", async () => {
      const tenant = await weft.tenant();
      await verifyDomain(tenant);
      const provider = await connect(tenant, issuer);
      const user = await tenant.user("viewer");
      const kept = await addPasskey(user);
      await owner`update identity.users set email_verified_at = now() where id = ${uuidOf(user.id)}`;
      const email = (await tenant.admin.run<{ user: { email: string } }>("query ($id: ID!) { user(id: $id) { email } }", { id: user.id }))
        .user.email;
      const session = await attempt().session(provider, account(tenant, { email }));
      expect(session.user.id).toBe(user.id);
      const client = new ApiClient(weft.url, session.accessToken);
      const { me: known } = await client.run<{ me: { identities: { id: string }[] } }>("{ me { identities { id } } }");
      await client.run("mutation ($id: ID!) { unlinkIdentity(input: { id: $id }) { user { id } } }", { id: known.identities[0]?.id });
      expect((await passkeyLogin(kept.authenticator)).code).toBe("done");
      expect(await works(session)).toBe(true);
    });
  });

  test("leaves its users a way in: a link to choose a password, once no provider is active", { tags: "slow" }, async () => {
    const tenant = await weft.tenant();
    await verifyDomain(tenant);
    const provider = await connect(tenant, issuer);
    const ada = account(tenant);
    const { user } = await attempt().session(provider, ada);
    const request = "mutation ($input: RequestPasswordResetInput!) { requestPasswordReset(input: $input) { message } }";
    const ask = () => new ApiClient(weft.url).run(request, { input: { login: ada.email } });
    const tokens = async () =>
      (await tenant.mails(String(ada.email))).flatMap(({ text }) => /reset-password#token=(\S+)/.exec(text)?.[1] ?? []);
    await ask();
    const start = "mutation ($id: ID!) { startPasswordReset(input: { id: $id }) { user { id } } }";
    // An administrator can give a user a password at any time that passwords are accepted.
    expect(codeOf(await tenant.admin.send(start, { id: user.id }))).toBe("done");
    await until(async () => (await tokens()).length === 1, { what: "the link of the administrator arrived" });
    await tenant.admin.run(deactivate, { input: { id: provider.id } });
    await owner`update app.mails set created_at = created_at - interval '2 hours' where tenant_id = ${tenant.id}`;
    await ask();
    await until(async () => (await tokens()).length === 2, { what: "the link arrived" });
    const reset = "mutation ($input: ResetPasswordInput!) { resetPassword(input: $input) { slug } }";
    const password = "a winding road 77";
    await new ApiClient(weft.url).run(reset, { input: { token: (await tokens()).at(-1), password } });
    expect(await passwordLogin(String(ada.email), password)).toBe("done");
  });

  test("is refused if no administrator could log in afterwards", async () => {
    const tenant = await weft.tenant();
    const [provider, second] = [await connect(tenant, issuer), await connect(tenant, issuer)];
    await owner`update identity.users set password_hash = null where id = ${uuidOf(tenant.admin.id)}`;
    const remove = "mutation ($id: ID!) { deleteIdentityProvider(input: { id: $id }) { identityProviderId } }";
    expect(codeOf(await tenant.admin.send(deactivate, { input: { id: second.id } }))).toBe("done");
    expect(await tenant.admin.refusal(deactivate, { input: { id: provider.id } })).toBe("CONFLICT");
    expect(await tenant.admin.refusal(remove, { id: provider.id })).toBe("CONFLICT");
    expect(codeOf(await tenant.admin.send(remove, { id: second.id }))).toBe("done");
    // With a confirmed address, they can have a link sent.
    await owner`update identity.users set email_verified_at = now() where id = ${uuidOf(tenant.admin.id)}`;
    expect(codeOf(await tenant.admin.send(remove, { id: provider.id }))).toBe("done");
  });

  test("does not keep an inactive provider from logging its users out", async () => {
    const tenant = await weft.tenant();
    const provider = await connect(tenant, issuer);
    const ada = account(tenant);
    const session = await attempt().session(provider, ada);
    const [row] = await owner`select provider_session from identity.sessions where user_id = ${uuidOf(session.user.id)}`;
    await tenant.admin.run(deactivate, { input: { id: provider.id } });
    await issuer.logOut(provider.clientId, ada.sub, String(row?.["provider_session"]));
    await until(async () => !(await works(session)), { what: "the session ended", deadlineMs: aSecondMs });
  });
});

describe("other pages", () => {
  test("cannot begin or end logins with images and frames", async () => {
    const tenant = await weft.tenant();
    const provider = await connect(tenant, issuer);
    const start = attempt().startUrlOf(provider).replace(shownUrl, weft.url);
    const callback = `${provider.callbackUrl.replace(shownUrl, weft.url)}?state=x&code=y`;
    const statusOf = async (url: string, destination: string) =>
      (await fetch(url, { redirect: "manual", headers: { "sec-fetch-dest": destination } })).status;
    for (const destination of ["image", "iframe", "empty", "script"])
      expect([await statusOf(start, destination), await statusOf(callback, destination)], destination).toEqual([403, 403]);
    expect([await statusOf(start, "document"), await statusOf(callback, "document")]).toEqual([303, 401]);
  });

  test("cannot lock an office out with answers that belong to no login", async () => {
    const tenant = await weft.tenant();
    const provider = await connect(tenant, issuer);
    const receive = "mutation ($input: ReceiveSingleSignOnInput!) { receiveSingleSignOn(input: $input) { redirectUrl } }";
    for (let count = 0; count < 110; count += 1) {
      const url = `${provider.callbackUrl}?state=made-up-${count}&code=x`;
      const answer = await new ApiClient(weft.url, undefined, internalCallsOf(weft.url)).send(receive, {
        input: { url, browserToken: "x" },
      });
      expect(codeOf(answer)).toBe("UNAUTHENTICATED");
    }
    expect(await passwordLogin(tenant.admin.login, tenant.admin.password)).toBe("done");
  });

  test("cannot have many logins begun with one request", async () => {
    const tenant = await weft.tenant();
    const provider = await connect(tenant, issuer);
    const tenantId = /sso\/(\w+)\//.exec(provider.startUrl)?.[1];
    const input = { tenantId, providerId: provider.id, redirectUrl: appUrl, codeChallenge: attempt().challenge };
    const field = "startSingleSignOn(input: $input) { authorizationUrl }";
    const start = (fields: string) => new ApiClient(weft.url).send(`mutation ($input: StartSingleSignOnInput!) { ${fields} }`, { input });
    expect(codeOf(await start(field))).toBe("done");
    expect(codeOf(await start(`one: ${field} two: ${field}`))).toBe("QUERY_LIMIT_EXCEEDED");
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
  const canLogIn = passwordLogin;
  const setBreakGlass = "mutation ($id: ID!) { setBreakGlass(input: { userId: $id, isBreakGlass: true }) { user { isBreakGlass } } }";
  const requireIt = async (tenant: TestTenant) => {
    await tenant.admin.run(setBreakGlass, { id: tenant.admin.id });
    await configure(tenant, { singleSignOn: "REQUIRED" });
  };
  const breakGlassUses = async (tenant: TestTenant) =>
    (await owner`select 1 from audit.entries where tenant_id = ${tenant.id} and action = 'session.breakGlass'`).length;

  test("concerns employees only: vendors' users log in, and reset their passwords", async () => {
    const tenant = await weft.tenant();
    await connect(tenant, issuer);
    const [{ user: vendor }, user] = [await tenant.vendor(), await tenant.user("viewer")];
    await requireIt(tenant);
    await until(async () => (await canLogIn(user.login, user.password)) === "UNAUTHENTICATED", { what: "passwords are refused" });
    expect(await canLogIn(vendor.login, vendor.password)).toBe("done");
    const change = "mutation ($input: ChangePasswordInput!) { changePassword(input: $input) { user { id } } }";
    const input = { currentPassword: vendor.password, newPassword: "a winding road 77" };
    expect(codeOf(await (await vendor.again()).send(change, { input }))).toBe("done");
    // An address gets one email in a minute.
    await owner`update app.mails set created_at = created_at - interval '2 hours' where tenant_id = ${tenant.id}`;
    const request = "mutation ($input: RequestPasswordResetInput!) { requestPasswordReset(input: $input) { message } }";
    for (const name of [vendor.login, user.login]) await new ApiClient(weft.url).run(request, { input: { login: name } });
    const resets = async (name: string) => (await tenant.mails(name)).filter(({ text }) => text.includes("/reset-password#token="));
    await until(async () => (await resets(vendor.login)).length === 1, { what: "the vendor's user got a link" });
    expect(await resets(user.login)).toEqual([]);
    expect(await breakGlassUses(tenant)).toBe(0);
  });

  test("refuses invitations of employees, and renewals of sessions that a password opened", async () => {
    const tenant = await weft.tenant();
    await verifyDomain(tenant);
    const provider = await connect(tenant, issuer);
    const user = await tenant.user("viewer");
    const session = await attempt().session(provider, account(tenant));
    const invite = "mutation ($input: InviteUserInput!) { inviteUser(input: $input) { user { id } } }";
    const invited = account(tenant);
    await tenant.admin.run(invite, { input: { email: invited.email, name: "Ada", roleKeys: ["viewer"] } });
    const tokenOf = async () => / *token=(\S+)/.exec((await tenant.mails(String(invited.email))).at(-1)?.text ?? "")?.[1];
    await until(async () => (await tokenOf()) !== undefined, { what: "the invitation arrived" });
    await requireIt(tenant);
    await until(async () => (await canLogIn(user.login, user.password)) === "UNAUTHENTICATED", { what: "passwords are refused" });
    const accept = "mutation ($input: AcceptInvitationInput!) { acceptInvitation(input: $input) { accessToken } }";
    const input = { token: await tokenOf(), password: "a winding road 77" };
    expect(codeOf(await new ApiClient(weft.url).send(accept, { input }))).toBe("FORBIDDEN");
    const refresh = "mutation ($token: String!) { refreshSession(input: { refreshToken: $token }) { accessToken } }";
    const renewed = async (token: string) => codeOf(await new ApiClient(weft.url).send(refresh, { token }));
    expect(await renewed(user.refreshToken)).toBe("UNAUTHENTICATED");
    expect(await renewed(session.refreshToken)).toBe("done");
    const again = "mutation ($password: String!) { reauthenticate(input: { password: $password }) { authenticatedAt } }";
    expect(codeOf(await user.send(again, { password: user.password }))).toBe("FORBIDDEN");
  });

  test("lets a break-glass user with a second factor in only with it, and records the use then", async () => {
    const tenant = await weft.tenant();
    await connect(tenant, issuer);
    const user = await tenant.user("viewer");
    const { secret } = await enrolTotp(user);
    await tenant.admin.run(setBreakGlass, { id: user.id });
    const other = await tenant.user("viewer");
    await requireIt(tenant);
    await until(async () => (await canLogIn(other.login, other.password)) === "UNAUTHENTICATED", { what: "passwords are refused" });
    const mfaToken = await pendingLogin(user);
    expect(await breakGlassUses(tenant)).toBe(0);
    const complete = "mutation ($input: CompleteLoginInput!) { completeLogin(input: $input) { accessToken } }";
    const input = { mfaToken, code: totpCode(secret, Date.now() + 30_000) };
    expect(codeOf(await new ApiClient(weft.url).send(complete, { input }))).toBe("done");
    expect(await breakGlassUses(tenant)).toBe(1);
  });

  test("refuses passkeys like passwords: alone, as the second factor, and at the renewal of a session", async () => {
    const tenant = await weft.tenant();
    await connect(tenant, issuer);
    const user = await tenant.user("viewer");
    const { authenticator } = await addPasskey(user);
    const opened = await passkeyLogin(authenticator);
    const mfaToken = await pendingLogin(user);
    const anyone = new ApiClient(weft.url);
    const start = "mutation ($mfaToken: String) { startPasskeyLogin(input: { mfaToken: $mfaToken }) { options } }";
    const { startPasskeyLogin } = await anyone.run<{ startPasskeyLogin: { options: unknown } }>(start, { mfaToken });
    await requireIt(tenant);
    await until(async () => (await passkeyLogin(authenticator)).code === "UNAUTHENTICATED", { what: "passkeys are refused" });
    const complete = "mutation ($input: CompleteLoginInput!) { completeLogin(input: $input) { accessToken } }";
    const input = { mfaToken, passkey: authenticator.get(startPasskeyLogin.options) };
    expect(codeOf(await anyone.send(complete, { input }))).toBe("UNAUTHENTICATED");
    const refresh = "mutation ($token: String!) { refreshSession(input: { refreshToken: $token }) { accessToken } }";
    expect(codeOf(await anyone.send(refresh, { token: opened.refreshToken }))).toBe("UNAUTHENTICATED");
    expect(await breakGlassUses(tenant)).toBe(0);
  });

  test("lets a break-glass user in with a passkey, and records the use", async () => {
    const tenant = await weft.tenant();
    await connect(tenant, issuer);
    const [user, other] = [await tenant.user("viewer"), await tenant.user("viewer")];
    const { authenticator } = await addPasskey(user);
    await tenant.admin.run(setBreakGlass, { id: user.id });
    await requireIt(tenant);
    await until(async () => (await canLogIn(other.login, other.password)) === "UNAUTHENTICATED", { what: "passwords are refused" });
    expect((await passkeyLogin(authenticator)).code).toBe("done");
    expect(await breakGlassUses(tenant)).toBe(1);
  });

  test("cannot lock everybody out: a break-glass user is needed first, and the last one stays", async () => {
    const tenant = await weft.tenant();
    const provider = await connect(tenant, issuer);
    const write = "mutation ($input: UpdateConfigurationInput!) { updateConfiguration(input: $input) { configuration { version } } }";
    const input = { patch: { security: { singleSignOn: "REQUIRED" } }, message: "Logins" };
    expect((await tenant.admin.refused(write, { input })).extensions).toMatchObject({
      code: "BAD_USER_INPUT",
      problems: [{ path: "input.patch.security.singleSignOn" }],
    });
    // Somebody without rights could log in, but help nobody.
    await tenant.admin.run(setBreakGlass, { id: (await tenant.user("viewer")).id });
    expect(await tenant.admin.refusal(write, { input })).toBe("BAD_USER_INPUT");
    const user = await tenant.user("admin");
    await requireIt(tenant);
    await until(async () => (await canLogIn(user.login, user.password)) === "UNAUTHENTICATED", { what: "passwords are refused" });
    const unset = "mutation ($id: ID!) { setBreakGlass(input: { userId: $id, isBreakGlass: false }) { user { isBreakGlass } } }";
    expect(await tenant.admin.refusal(unset, { id: tenant.admin.id })).toBe("CONFLICT");
    await tenant.admin.run(setBreakGlass, { id: user.id });
    expect(await tenant.admin.run(unset, { id: tenant.admin.id })).toEqual({ setBreakGlass: { user: { isBreakGlass: false } } });
    const disable = "mutation ($id: ID!) { deactivateUser(input: { id: $id }) { user { id } } }";
    expect(await tenant.admin.refusal(disable, { id: user.id })).toBe("CONFLICT");
    // Without a provider, passwords are accepted, but then no provider can be activated.
    await tenant.admin.run(deactivate, { input: { id: provider.id } });
    await owner`update identity.users set status = 'DISABLED' where id = ${uuidOf(user.id)}`;
    const activate = "mutation ($id: ID!) { activateIdentityProvider(input: { id: $id }) { identityProvider { status } } }";
    expect(await tenant.admin.refusal(activate, { id: provider.id })).toBe("CONFLICT");
  });

  /** Runs calls that wait for a row. Lets them go on once all of them wait, and `meanwhile` is done. */
  async function behind<T>(
    lock: (sql: postgres.TransactionSql) => Promise<unknown>,
    { waiting, meanwhile }: { waiting: number; meanwhile?: () => Promise<unknown> },
    run: () => Promise<T>,
  ): Promise<T> {
    const gate = postgres(weft.database.ownerUrl, { max: 1, onnotice: () => undefined });
    try {
      const { promise: opened, resolve: open } = Promise.withResolvers<void>();
      const { promise: locked, resolve: hasLocked } = Promise.withResolvers<void>();
      const held = gate.begin(async (sql) => {
        await lock(sql);
        hasLocked();
        await opened;
      });
      await locked;
      const running = run();
      const count = "select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";
      await until(async () => (await owner.unsafe(count)).length >= waiting, { what: "the calls wait" })
        .then(meanwhile)
        .finally(open);
      await held;
      return await running;
    } finally {
      await gate.end();
    }
  }

  test("is not set while the last break-glass user is deactivated", async () => {
    const tenant = await weft.tenant();
    await connect(tenant, issuer);
    const user = await tenant.user("admin");
    await tenant.admin.run(setBreakGlass, { id: user.id });
    const write = "mutation ($input: UpdateConfigurationInput!) { updateConfiguration(input: $input) { configuration { version } } }";
    const input = { patch: { security: { singleSignOn: "REQUIRED" } }, message: "Logins" };
    const disable = "mutation ($id: ID!) { deactivateUser(input: { id: $id }) { user { id } } }";
    const answers = await behind(
      (sql) => sql`select 1 from identity.tenants where tenant_id = ${tenant.id} for no key update`,
      { waiting: 2 },
      () => Promise.all([tenant.admin.send(disable, { id: user.id }), tenant.admin.send(write, { input })]),
    );
    expect(answers.map(codeOf).filter((code) => code === "done")).toHaveLength(1);
  });

  test("keeps an invitation that is being accepted meanwhile", async () => {
    const tenant = await weft.tenant();
    await connect(tenant, issuer);
    const invited = account(tenant);
    const invite = "mutation ($input: InviteUserInput!) { inviteUser(input: $input) { user { id } } }";
    const { inviteUser } = await tenant.admin.run<{ inviteUser: { user: { id: string } } }>(invite, {
      input: { email: invited.email, name: "Ada", roleKeys: ["viewer"] },
    });
    const tokenOf = async () => / *token=(\S+)/.exec((await tenant.mails(String(invited.email))).at(-1)?.text ?? "")?.[1];
    await until(async () => (await tokenOf()) !== undefined, { what: "the invitation arrived" });
    const accept = "mutation ($input: AcceptInvitationInput!) { acceptInvitation(input: $input) { accessToken } }";
    const input = { token: await tokenOf(), password: "a winding road 77" };
    const id = uuidOf(inviteUser.user.id);
    const answer = await behind(
      (sql) => sql`select 1 from identity.users where id = ${id} for update`,
      { waiting: 1, meanwhile: () => requireIt(tenant) },
      () => new ApiClient(weft.url).send(accept, { input }),
    );
    expect(codeOf(answer)).toBe("FORBIDDEN");
    const [row] = await owner`select status, password_hash from identity.users where id = ${id}`;
    expect(row).toEqual({ status: "INVITED", password_hash: null });
  });

  test("tells administrators of a break-glass login, although somebody has used up the emails of the hour", async () => {
    const tenant = await weft.tenant();
    await connect(tenant, issuer);
    await requireIt(tenant);
    const hash = createHash("sha256").update(`mail ${tenant.admin.login.toLowerCase()}`).digest("hex");
    await owner`insert into app.mails (tenant_id, id, person_id, template, destination_hash, content)
      select ${tenant.id}, gen_random_uuid(), ${uuidOf(tenant.admin.id)}, 'invitation', ${hash}, 'x' from generate_series(1, 20)`;
    expect(await canLogIn(tenant.admin.login, tenant.admin.password)).toBe("done");
    expect(await owner`select 1 from app.mails where tenant_id = ${tenant.id} and template = 'breakGlassUsed'`).toHaveLength(1);
  });

  test("exempts only active employees who have a password", async () => {
    const tenant = await weft.tenant();
    const provider = await connect(tenant, issuer);
    const { user } = await attempt().session(provider, account(tenant));
    const { user: vendor } = await tenant.vendor();
    for (const { id } of [user, vendor]) expect(await tenant.admin.refusal(setBreakGlass, { id })).toBe("CONFLICT");
  });

  test("is not lifted by somebody with fewer rights, who deactivates or deletes the provider", async () => {
    const tenant = await weft.tenant();
    const provider = await connect(tenant, issuer);
    const permissions = ["identityProvider.read", "identityProvider.manage"].map((permission) => ({ permission, scope: "TENANT" }));
    await tenant.admin.run("mutation ($input: CreateRoleInput!) { createRole(input: $input) { role { id } } }", {
      input: { key: "logins", name: "Logins", permissions },
    });
    const helper = await tenant.user("logins");
    await requireIt(tenant);
    await until(async () => (await canLogIn(helper.login, helper.password)) === "UNAUTHENTICATED", { what: "passwords are refused" });
    const remove = "mutation ($input: VersionedIdInput!) { deleteIdentityProvider(input: $input) { identityProviderId } }";
    for (const mutation of [deactivate, remove]) expect(await helper.refusal(mutation, { input: { id: provider.id } })).toBe("FORBIDDEN");
  });

  test("is not lifted by API keys, or by somebody with fewer rights, who changes the configuration", async () => {
    const tenant = await weft.tenant();
    await connect(tenant, issuer);
    const permissions = ["configuration.read", "configuration.update"].map((permission) => ({ permission, scope: "TENANT" }));
    await tenant.admin.run("mutation ($input: CreateRoleInput!) { createRole(input: $input) { role { id } } }", {
      input: { key: "settings", name: "Settings", permissions },
    });
    const helper = await tenant.user("settings");
    const createKey = "mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) { key } }";
    const { createApiKey } = await tenant.admin.run<{ createApiKey: { key: string } }>(createKey, {
      input: { name: "Deployment", permissions },
    });
    await requireIt(tenant);
    const update = "mutation ($input: UpdateConfigurationInput!) { updateConfiguration(input: $input) { configuration { version } } }";
    const rollback =
      "mutation ($input: RollbackConfigurationInput!) { rollbackConfiguration(input: $input) { configuration { version } } }";
    const lift = { patch: { security: { singleSignOn: "OPTIONAL" } }, message: "Lift" };
    for (const client of [new ApiClient(weft.url, createApiKey.key), helper]) {
      expect(codeOf(await client.send(update, { input: lift }))).toBe("FORBIDDEN");
      expect(codeOf(await client.send(rollback, { input: { toVersion: 0, message: "Lift" } }))).toBe("FORBIDDEN");
      expect(codeOf(await client.send(update, { input: { patch: { locale: "de" }, message: "Other" } }))).toBe("done");
    }
    expect(codeOf(await tenant.admin.send(update, { input: lift }))).toBe("done");
    // Nor is it set by them: they could lock others out.
    expect(codeOf(await helper.send(update, { input: { patch: { security: { singleSignOn: "REQUIRED" } }, message: "Set" } }))).toBe(
      "FORBIDDEN",
    );
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
    // Written after the answer.
    const isAudited = async () =>
      (await owner`select 1 from audit.entries where tenant_id = ${tenant.id} and action = 'session.passwordRefused' limit 1`).length === 1;
    await until(isAudited, { what: "the refused password was audited" });
    expect(await breakGlassUses(tenant)).toBe(1);
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
    const start = "mutation ($id: ID!) { startPasswordReset(input: { id: $id }) { user { id } } }";
    expect(await tenant.admin.refusal(start, { id: user.id })).toBe("CONFLICT");
    await tenant.admin.run("mutation ($id: ID!) { deactivateIdentityProvider(input: { id: $id }) { identityProvider { id } } }", {
      id: provider.id,
    });
    expect(await canLogIn(user.login, user.password)).toBe("done");
  });
});
