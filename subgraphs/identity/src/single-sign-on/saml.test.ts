import { createHash, randomBytes, randomUUID } from "node:crypto";
import { SAML } from "@node-saml/node-saml";
import { parseAnyId } from "@weft/shared/ids";
import { asTenant } from "@weft/platform/db";
import type { Context } from "@weft/api/context";
import { ApiClient, internalCallsOf, startTestWeft, type TestTenant, type TestWeft, until } from "@weft/testkit";
import { postgres, type Sql } from "@weft/pg-driver";
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test, vi } from "vitest";
import { type NameServer, startNameServer } from "../domains/name-server.fixture.js";
import { pastProviderKeys } from "../identity-providers/past-provider-keys.js";
import { encryptedFor } from "./saml-encryption.fixture.js";
import { connectSaml, type ConnectedSamlProvider, type ResponseForm, SamlAttempt } from "./saml.fixture.js";
import { aesGcm, type Encryption, type SamlAccount, type SamlIssuer, startSamlIssuer } from "./saml-issuer.fixture.js";
import { beginStart } from "./start-limit.js";
import { appUrl, invalidAnswer, noLogin, refusedUser, shownUrl, verifyDomainOf } from "./single-sign-on.fixture.js";

let weft: TestWeft;
let owner: Sql;
let issuer: SamlIssuer;
let other: SamlIssuer;
let names: NameServer;

beforeAll(async () => {
  [issuer, other, names] = await Promise.all([startSamlIssuer(), startSamlIssuer(), startNameServer()]);
  weft = await startTestWeft({ settings: { WEFT_DNS_SERVERS: names.address } });
  owner = postgres(weft.database.ownerUrl, { max: 1, onnotice: () => undefined });
});
afterAll(async () => {
  await owner.end();
  await weft.stop();
  await Promise.all([issuer.close(), other.close(), names.close()]);
});
afterEach(() => issuer.reset());

const attempt = (at: SamlIssuer = issuer) => new SamlAttempt(weft, at);
const connect = (tenant: TestTenant, options?: Parameters<typeof connectSaml>[3], at: SamlIssuer = issuer) =>
  connectSaml(tenant, at, attempt().browser, options);
const uuidOf = (id: string): string => parseAnyId(id)?.uuid ?? "";
const codeOf = ({ errors }: { errors?: readonly { extensions?: { code?: string } }[] }) => errors?.[0]?.extensions?.code ?? "done";
const works = async (token: string) => codeOf(await new ApiClient(weft.url, token).send("{ me { id } }")) === "done";

/** A new account with an email address at the tenant's domain. */
function account({ slug }: TestTenant, more: Partial<SamlAccount> = {}): SamlAccount {
  const sub = randomUUID();
  return { sub, email: `${sub}@${slug}.example`, name: "Ada", groups: [], ...more };
}

const decoded = ({ samlResponse }: ResponseForm): string => Buffer.from(samlResponse, "base64").toString();
const withXml = (form: ResponseForm, xml: string): ResponseForm => ({ ...form, samlResponse: Buffer.from(xml).toString("base64") });
const succeeded = { code: expect.stringMatching(/^wsc_/) as string, state: "of the application" };

async function viewerRole({ admin }: TestTenant): Promise<string | undefined> {
  const { roles } = await admin.run<{ roles: { edges: { node: { id: string } }[] } }>(
    '{ roles(filter: { key: { eq: "viewer" } }) { edges { node { id } } } }',
  );
  return roles.edges[0]?.node.id;
}

const updateSaml = (tenant: TestTenant, id: string, saml: object) =>
  tenant.admin.run(
    "mutation ($input: UpdateIdentityProviderInput!) { updateIdentityProvider(input: $input) { identityProvider { id } } }",
    {
      input: {
        id,
        saml: { metadata: issuer.metadata(), emailAttribute: "email", groupsAttribute: "groups", verifiesEmail: true, ...saml },
      },
    },
  );

describe("a login with SAML", () => {
  test("creates a user at the first time, finds the same user afterwards, and keeps the provider's session", { tags: "slow" }, async () => {
    const tenant = await weft.tenant();
    const provider = await connect(tenant);
    const ada = account(tenant);
    const first = await attempt().session(provider, ada);
    expect(first.user).toMatchObject({ name: "Ada", email: ada.email, status: "ACTIVE", roles: [] });
    expect(await works(first.accessToken)).toBe(true);
    const second = await attempt().session(provider, { ...ada, email: `another@${tenant.slug}.example` });
    expect(second.user).toMatchObject({ id: first.user.id, email: ada.email });
    const sessions = await owner`select provider_id, provider_session from identity.sessions where user_id = ${uuidOf(first.user.id)}`;
    expect(sessions.map((row) => ({ ...row }))).toEqual(
      Array.from({ length: 2 }, () => ({ provider_id: uuidOf(provider.id), provider_session: `session of ${ada.sub}` })),
    );
    const actions =
      await owner`select action from audit.entries where tenant_id = ${tenant.id} and actor_id = ${uuidOf(first.user.id)} order by id`;
    expect(actions.map(({ action }) => String(action))).toEqual([
      "user.create",
      "identityProvider.linkUser",
      "session.login",
      "session.login",
    ]);
  });

  test("accepts a response that is signed as a whole", async () => {
    const tenant = await weft.tenant();
    const provider = await connect(tenant);
    issuer.signs = "response";
    expect(await attempt().logIn(provider, account(tenant))).toEqual(succeeded);
  });

  test("sends the provider a request without the application's parameters, and signs it if the provider wants that", async () => {
    const tenant = await weft.tenant();
    const provider = await connect(tenant);
    const login = attempt();
    const response = await login.browser.request(login.startUrlOf(provider));
    const sent = new URL(response.headers.get("location") ?? "");
    expect(sent.href.startsWith(`${issuer.url}/sso?`)).toBe(true);
    expect([...sent.searchParams.keys()]).toEqual(["SAMLRequest"]);
    expect(response.headers.get("set-cookie")).toMatch(/^weft-sso-[0-9a-f]{16}=[\w-]{43}; Max-Age=600; Path=\/; HttpOnly; SameSite=Lax$/);
    await updateSaml(tenant, provider.id, { signsRequests: true });
    issuer.register(await (await login.browser.request(provider.saml.serviceProvider.metadataUrl)).text());
    issuer.wantsSignedRequests = true;
    expect(await attempt().logIn(provider, account(tenant))).toEqual(succeeded);
    expect(issuer.lastRequest).toEqual({ isSigned: true, id: expect.stringMatching(/^wso_/) as string, isForced: false });
  });

  test("links an existing user only if the provider verifies addresses, and the domain is verified", { tags: "slow" }, async () => {
    const tenant = await weft.tenant();
    const { id, login: email } = await tenant.user("viewer");
    const [strict, loose] = [await connect(tenant, { saml: { verifiesEmail: false } }), await connect(tenant)];
    expect(await attempt().logIn(loose, account(tenant, { email }))).toEqual(refusedUser);
    await verifyDomainOf(tenant, names);
    expect(await attempt().logIn(strict, account(tenant, { email }))).toEqual(refusedUser);
    expect((await attempt().session(loose, account(tenant, { email }))).user.id).toBe(id);
  });

  test("creates nobody with an address that the provider does not verify, unless such addresses are accepted", async () => {
    const tenant = await weft.tenant();
    const saml = { verifiesEmail: false };
    expect(await attempt().logIn(await connect(tenant, { saml }), account(tenant))).toEqual(refusedUser);
    const provider = await connect(tenant, { saml, acceptsUnverifiedEmail: true });
    const { user } = await attempt().session(provider, account(tenant));
    const [row] = await owner`select email_verified_at from identity.users where id = ${uuidOf(user.id)}`;
    expect(row?.["email_verified_at"]).toBeNull();
  });

  test("gives and takes the roles of the provider's groups", { tags: "slow" }, async () => {
    const tenant = await weft.tenant();
    const provider = await connect(tenant, { roleMappings: [{ group: "staff & more", roleId: await viewerRole(tenant) }] });
    const ada = account(tenant);
    const keysOf = async (groups: string[]) => (await attempt().session(provider, { ...ada, groups })).user.roles.map(({ key }) => key);
    expect(await keysOf(["others", "staff &amp; more", ...Array.from({ length: 400 }, (_, at) => `group ${at}`)])).toEqual(["viewer"]);
    expect(await keysOf(["others"])).toEqual([]);
    // Most providers give the type of each value, and declare its namespaces there.
    const types = 'xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="xs:string"';
    issuer.beforeSigning = (xml) => xml.replaceAll("<saml:AttributeValue>", `<saml:AttributeValue ${types}>`);
    expect(await keysOf(["staff &amp; more", ...Array.from({ length: 240 }, (_, at) => `group ${at}`)])).toEqual(["viewer"]);
  });

  test("is refused if the provider does not send all groups", async () => {
    const tenant = await weft.tenant();
    const provider = await connect(tenant);
    const link =
      '<saml:Attribute Name="http://schemas.microsoft.com/claims/groups.link"><saml:AttributeValue>x</saml:AttributeValue></saml:Attribute>';
    issuer.beforeSigning = (xml) => xml.replace("</saml:AttributeStatement>", `${link}</saml:AttributeStatement>`);
    expect(await attempt().logIn(provider, account(tenant))).toEqual(invalidAnswer);
  });

  test("identifies users by an attribute if the NameID changes with every login", { tags: "slow" }, async () => {
    const tenant = await weft.tenant();
    issuer.assertion = { nameIdFormat: "urn:oasis:names:tc:SAML:2.0:nameid-format:transient" };
    const ada = account(tenant);
    const byName = await connect(tenant);
    expect(await attempt().logIn(byName, ada)).toEqual(invalidAnswer);
    const provider = await connect(tenant, { saml: { subjectAttribute: "email" } });
    const first = await attempt().session(provider, ada);
    const second = await attempt().session(provider, { ...ada, sub: randomUUID() });
    expect(second.user.id).toBe(first.user.id);
    issuer.beforeSigning = (xml) =>
      xml.replaceAll(`<saml:AttributeValue>${ada.email ?? ""}</saml:AttributeValue>`, (value) => value + value);
    expect(await attempt().logIn(provider, ada)).toEqual(invalidAnswer);
  });

  test("links users again after what identifies them was changed, and takes nobody for somebody else", { tags: "slow" }, async () => {
    const tenant = await weft.tenant();
    await verifyDomainOf(tenant, names);
    const provider = await connect(tenant);
    const [ada, bob] = [account(tenant, { sub: "7" }), account(tenant, { sub: "8" })];
    const first = await attempt().session(provider, ada);
    const begun = attempt();
    const form = await begun.form(provider, ada);
    await updateSaml(tenant, provider.id, { subjectAttribute: "name" });
    // The response would be read in another way than when the login began.
    expect(await begun.send(form)).toEqual(noLogin);
    // The attribute of one user is what the NameID of another one was.
    const other = await attempt().session(provider, { ...bob, name: "7" });
    expect(other.user.email).toBe(bob.email);
    const again = await attempt().session(provider, { ...ada, name: "8" });
    expect(again.user.id).toBe(first.user.id);
    await updateSaml(tenant, provider.id, { subjectAttribute: null });
    expect((await attempt().session(provider, ada)).user.id).toBe(first.user.id);
  });

  test("takes no address from a provider that gives several", async () => {
    const tenant = await weft.tenant();
    const provider = await connect(tenant);
    const ada = account(tenant);
    issuer.beforeSigning = (xml) =>
      xml.replace(`<saml:AttributeValue>${ada.email ?? ""}</saml:AttributeValue>`, (value) => value + value.replace(">", ">alias."));
    expect(await attempt().logIn(provider, ada)).toEqual(refusedUser);
  });

  test("goes on while the provider changes its key, if both certificates are known, and not with a key that was removed", async () => {
    const tenant = await weft.tenant();
    const provider = await connect(tenant);
    const ada = account(tenant);
    const endpoint = { metadata: null, entityId: issuer.entityId, ssoUrl: `${issuer.url}/sso` };
    const before = issuer.certificate();
    const after = await issuer.rotateKey();
    expect(await attempt().logIn(provider, ada)).toEqual(invalidAnswer);
    await updateSaml(tenant, provider.id, { ...endpoint, certificates: [before, after] });
    expect(await attempt().logIn(provider, ada)).toEqual(succeeded);
    await updateSaml(tenant, provider.id, { ...endpoint, certificates: [before] });
    expect(await attempt().logIn(provider, ada)).toEqual(invalidAnswer);
  });

  test("returns the provider's refusal to the application", async () => {
    const tenant = await weft.tenant();
    const provider = await connect(tenant);
    issuer.signs = "neither";
    issuer.beforeSigning = (xml) => xml.replace(/<saml:Assertion.*<\/saml:Assertion>/, "").replace("status:Success", "status:Responder");
    expect(await attempt().logIn(provider, account(tenant))).toEqual({
      error: "access_denied",
      error_description: "The identity provider refused the login.",
      state: "of the application",
    });
  });

  test("proves again who a user is, if the provider has asked them to log in again", async () => {
    const tenant = await weft.tenant();
    const provider = await connect(tenant);
    const [login, ada] = [attempt(), account(tenant)];
    const { accessToken } = await login.session(provider, ada);
    const again = async (assertion: SamlIssuer["assertion"]) => {
      issuer.assertion = assertion;
      return login.send(await login.form(provider, ada, { prompt: "login" }));
    };
    const inSeconds = (seconds: number) => new Date(Date.now() + seconds * 1_000);
    // The provider's session is older, or the provider says something impossible.
    for (const seconds of [-3_600, -90, 90])
      expect(await again({ authnInstant: inSeconds(seconds) }), String(seconds)).toEqual(invalidAnswer);
    issuer.beforeSigning = (xml) => xml.replace(/ AuthnInstant="[^"]*"/, "");
    expect(await again({})).toEqual(invalidAnswer);
    issuer.beforeSigning = (xml) => xml;
    const { code } = await again({ authnInstant: inSeconds(-30) });
    expect(issuer.lastRequest?.isForced).toBe(true);
    const renew = "mutation ($input: ReauthenticateInput!) { reauthenticate(input: $input) { authenticatedAt } }";
    const input = { singleSignOn: { code, codeVerifier: login.verifier } };
    expect(codeOf(await new ApiClient(weft.url, accessToken).send(renew, { input }))).toBe("done");
    // A login that is none of these can be as old as the provider's session.
    issuer.assertion = { authnInstant: inSeconds(-3_600) };
    expect(await login.logIn(provider, ada)).toEqual(succeeded);
  });

  test("no longer counts as begun after a response that the provider signed", async () => {
    const tenant = await weft.tenant();
    const provider = await connect(tenant);
    const ctx = { services: weft.weft.services, address: "127.0.0.1" } as Context;
    for (let count = 0; count < 299; count += 1) await beginStart(ctx, { tenantId: tenant.id, providerId: uuidOf(provider.id) });
    for (let count = 0; count < 2; count += 1) expect(await attempt().logIn(provider, account(tenant))).toEqual(succeeded);
    const login = attempt();
    const form = await login.form(provider, account(tenant));
    expect(await login.send(withXml(form, decoded(form).replace(">Ada<", ">Eve<")))).toEqual(invalidAnswer);
    expect((await login.browser.request(login.startUrlOf(provider))).status).toBe(429);
  });

  test("is not possible with an inactive provider, also if it has begun before", async () => {
    const tenant = await weft.tenant();
    const provider = await connect(tenant);
    const login = attempt();
    const form = await login.form(provider, account(tenant));
    const answered = attempt();
    const callback = await answered.callback(await answered.form(provider, account(tenant)));
    await tenant.admin.run("mutation ($id: ID!) { deactivateIdentityProvider(input: { id: $id }) { identityProvider { status } } }", {
      id: provider.id,
    });
    expect(await login.send(form)).toEqual(noLogin);
    expect(await answered.receive(callback)).toEqual(noLogin);
  });
});

describe("a response of SAML", () => {
  let tenant: TestTenant;
  let provider: ConnectedSamlProvider;
  beforeAll(async () => {
    tenant = await weft.tenant();
    provider = await connect(tenant);
  });

  /** Logs in, with what the provider sends changed. */
  const changed = async (change: (xml: string) => string) => {
    const login = attempt();
    const form = await login.form(provider, account(tenant));
    return login.send(withXml(form, change(decoded(form))));
  };

  test("counts once", async () => {
    const login = attempt();
    const form = await login.form(provider, account(tenant));
    expect(await login.send(form)).toEqual(succeeded);
    expect(await login.send(form)).toEqual(noLogin);
    const [one, two] = [attempt(), attempt()];
    const raced = await one.form(provider, account(tenant));
    two.browser.cookies.clear();
    const answers = await Promise.all([one.deliver(raced), two.deliver(raced)]);
    expect(answers.filter((answer) => typeof answer === "string")).toHaveLength(1);
  });

  test("is not tried a second time after it was refused", async () => {
    const login = attempt();
    const form = await login.form(provider, account(tenant));
    expect(await login.send(withXml(form, decoded(form).replace(">Ada<", ">Eve<")))).toEqual(invalidAnswer);
    expect(await login.send(form)).toEqual(noLogin);
  });

  test("gives no code to a browser in which the login did not begin", async () => {
    const form = await attempt().form(provider, account(tenant));
    expect(await attempt().send(form)).toEqual(noLogin);
  });

  test("gives no code to whoever began the login, if another browser brought the response", async () => {
    // The attacker begins a login, and makes the victim's browser log in at the provider.
    const attacker = attempt();
    const form = await attacker.form(provider, account(tenant));
    const victim = attempt();
    expect(await victim.send(form)).toEqual(noLogin);
    const state = issuer.lastRequest?.id ?? "";
    for (const answer of [undefined, "", randomBytes(32).toString("base64url")]) {
      const url = new URL(provider.callbackUrl);
      url.search = new URLSearchParams({ state, ...(answer !== undefined && { answer }) }).toString();
      expect(await attacker.receive(url.href)).toEqual(noLogin);
    }
  });

  test("changes nothing about a user whose browser brings it for a login that somebody else began", async () => {
    const acme = await weft.tenant();
    const { id: tenantId, slug } = acme;
    const target = await connect(acme, { roleMappings: [{ group: "staff", roleId: await viewerRole(acme) }] });
    await verifyDomainOf(acme, names);
    const user = await acme.user("operations");
    // Nobody has confirmed the address: a login would take the password, and end the sessions.
    await owner`update identity.users set email_verified_at = null where tenant_id = ${tenantId} and id = ${uuidOf(user.id)}`;
    const image = async () => {
      const [row] = await owner`select
        (select json_agg(u order by u.id) from identity.users u where u.tenant_id = ${tenantId}) as users,
        (select json_agg(s.revoked_at) from identity.sessions s where s.tenant_id = ${tenantId}) as sessions,
        (select count(*) from identity.user_identities i where i.tenant_id = ${tenantId}) as links,
        (select count(*) from identity.user_roles r where r.tenant_id = ${tenantId}) as roles,
        (select count(*) from app.mails m where m.tenant_id = ${tenantId}) as mails,
        (select count(*) from audit.entries a where a.tenant_id = ${tenantId}) as entries`;
      return { ...row };
    };
    const before = await image();
    for (const email of [user.login, `${randomUUID()}@${slug}.example`]) {
      const form = await attempt().form(target, account(acme, { email, groups: ["staff"] }));
      const callback = await attempt().callback(form);
      expect(await attempt().receive(callback)).toEqual(noLogin);
      const [kept] = await owner`select account from identity.provider_logins where tenant_id = ${tenantId} and account is not null`;
      expect(kept?.["account"]).toMatch(/^sec:v1:/);
      await owner`update identity.provider_logins set account = null where tenant_id = ${tenantId}`;
    }
    expect(await image()).toEqual(before);
  });

  test("is kept encrypted until the browser comes to the callback, which gives the same code again if its answer got lost", async () => {
    const login = attempt();
    const callback = await login.callback(await login.form(provider, account(tenant)));
    const rows = () =>
      owner`select account is not null as is_kept, user_id is not null as is_named, expires_at - now() < interval '1 minute' as is_short
        from identity.provider_logins where tenant_id = ${tenant.id} and received_at is not null order by created_at desc limit 1`;
    expect(await rows()).toMatchObject([{ is_kept: true, is_named: false, is_short: true }]);
    const cookies = new Map([...login.browser.cookies].map(([host, jar]) => [host, new Map(jar)]));
    const first = await login.receive(callback);
    expect(first).toEqual(succeeded);
    expect(await rows()).toMatchObject([{ is_kept: false, is_named: true, is_short: true }]);
    // The browser has not got the answer, which deletes its cookie.
    for (const [host, jar] of cookies) login.browser.cookies.set(host, jar);
    expect(await login.receive(callback)).toEqual(first);
    expect(await login.receive(callback)).toEqual(noLogin);
  });

  test("is still there after a login that failed for a reason of Weft's own, and the callback can be loaded again", async () => {
    const login = attempt();
    const ada = account(tenant);
    const callback = await login.callback(await login.form(provider, ada));
    await owner.unsafe(`alter table identity.user_identities add constraint refuses check (subject <> '${ada.sub}')`);
    try {
      expect(await login.receive(callback)).toMatchObject({ status: "500" });
    } finally {
      await owner`alter table identity.user_identities drop constraint refuses`;
    }
    expect(await login.receive(callback)).toEqual(succeeded);
  });

  test("logs nobody in after that minute, and its account is deleted with the login", async () => {
    const login = attempt();
    const callback = await login.callback(await login.form(provider, account(tenant)));
    await owner`update identity.provider_logins set expires_at = now() - interval '1 second' where tenant_id = ${tenant.id} and account is not null`;
    expect(await login.receive(callback)).toEqual(noLogin);
    await attempt().form(provider, account(tenant));
    expect(await owner`select from identity.provider_logins where tenant_id = ${tenant.id} and account is not null`).toHaveLength(0);
  });

  test("creates one user, and gives the same code, if the browser comes to the callback twice at once", async () => {
    const login = attempt();
    const ada = account(tenant);
    const callback = await login.callback(await login.form(provider, ada));
    const answers: Promise<unknown>[] = [];
    await owner.begin(async (sql) => {
      await sql`select from identity.tenants where tenant_id = ${tenant.id} for no key update`;
      answers.push(login.receive(callback), login.receive(callback));
      // Both have found the account before one of them gets it.
      const areWaiting = async () => {
        await sql`select pg_stat_clear_snapshot()`;
        const waiting = await sql`select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
        return waiting.length === 2;
      };
      await until(areWaiting, { what: "both requests wait", everyMs: 50 });
    });
    const [one, two] = await Promise.all(answers);
    expect(one).toEqual(succeeded);
    expect(two).toEqual(one);
    expect(await owner`select from identity.user_identities where tenant_id = ${tenant.id} and subject = ${ada.sub}`).toHaveLength(1);
  });

  test("logs nobody in if the provider was changed before the browser came to the callback", async () => {
    const target = await connect(tenant);
    const login = attempt();
    const callback = await login.callback(await login.form(target, account(tenant)));
    await updateSaml(tenant, target.id, { verifiesEmail: false });
    expect(await login.receive(callback)).toMatchObject({ error: "temporarily_unavailable" });
  });

  test("logs nobody in if the user was disabled before the browser came to the callback", async () => {
    const ada = account(tenant);
    const { user } = await attempt().session(provider, ada);
    const login = attempt();
    const callback = await login.callback(await login.form(provider, ada));
    await tenant.admin.run("mutation ($id: ID!) { deactivateUser(input: { id: $id }) { user { id } } }", { id: user.id });
    const kept = () => owner`select from identity.provider_logins where tenant_id = ${tenant.id} and account is not null`;
    expect(await kept()).toHaveLength(1);
    expect(await login.receive(callback)).toEqual(refusedUser);
    // It is not tried again.
    expect(await kept()).toHaveLength(0);
  });

  test("links nobody if the domain was removed before the browser came to the callback", async () => {
    const own = await weft.tenant();
    const target = await connect(own);
    await verifyDomainOf(own, names);
    const { login: email } = await own.user("viewer");
    const login = attempt();
    const callback = await login.callback(await login.form(target, account(own, { email })));
    await owner`delete from identity.domains where tenant_id = ${own.id}`;
    expect(await login.receive(callback)).toEqual(refusedUser);
  });

  test("gives no role if the groups were mapped otherwise before the browser came to the callback", async () => {
    const mappings = [{ group: "staff", roleId: await viewerRole(tenant) }];
    const target = await connect(tenant, { roleMappings: mappings });
    const login = attempt();
    const callback = await login.callback(await login.form(target, account(tenant, { groups: ["staff"] })));
    await tenant.admin.run(
      "mutation ($input: UpdateIdentityProviderInput!) { updateIdentityProvider(input: $input) { identityProvider { id } } }",
      {
        input: { id: target.id, roleMappings: [{ ...mappings[0], group: "others" }] },
      },
    );
    expect(await login.receive(callback)).toMatchObject({ error: "temporarily_unavailable" });
  });

  test("logs nobody in at the callback of another provider", async () => {
    const another = await connect(tenant);
    const login = attempt();
    const callback = await login.callback(await login.form(provider, account(tenant)));
    expect(await login.receive(callback.replace(provider.id, another.id))).toEqual(noLogin);
    expect(await login.receive(callback)).toEqual(succeeded);
  });

  test("is refused if no login at Weft asked for it", async () => {
    const unsolicited = {
      status: "401",
      text: "Start the login in the application. Logins that begin at the provider are not accepted.",
    };
    issuer.beforeSigning = (xml) => xml.replaceAll(/ InResponseTo="[^"]*"/g, "");
    expect(await attempt().logIn(provider, account(tenant))).toEqual(unsolicited);
    issuer.beforeSigning = (xml) => xml.replaceAll(/ InResponseTo="[^"]*"/g, ' InResponseTo="_1"');
    expect(await attempt().logIn(provider, account(tenant))).toEqual(noLogin);
    // Only the part that is signed lacks it.
    issuer.beforeSigning = (xml) => xml.replace(/(Recipient="[^"]*") InResponseTo="[^"]*"/, "$1");
    expect(await attempt().logIn(provider, account(tenant))).toEqual(invalidAnswer);
  });

  test("does not answer another login with the same provider", async () => {
    const [one, two] = [attempt(), attempt()];
    const form = await one.form(provider, account(tenant));
    const own = issuer.lastRequest?.id ?? "";
    await two.form(provider, account(tenant));
    const others = issuer.lastRequest?.id ?? "";
    // The response names the other login; the signed assertion does not.
    const xml = decoded(form).replace(`InResponseTo="${own}"`, `InResponseTo="${others}"`);
    expect(await two.send(withXml(form, xml))).toEqual(invalidAnswer);
  });

  test("is refused if it is not signed, or was changed after it was signed", async () => {
    issuer.signs = "neither";
    expect(await attempt().logIn(provider, account(tenant))).toEqual(invalidAnswer);
    for (const signs of ["assertion", "response"] as const) {
      issuer.signs = signs;
      expect(await changed((xml) => xml.replace(/@[^<]*</, "@victim.example<")), signs).toEqual(invalidAnswer);
      expect(await changed((xml) => xml.replace(/<ds:Signature .*<\/ds:Signature>/, "")), signs).toEqual(invalidAnswer);
      expect(await changed((xml) => xml.replace(/<ds:SignatureValue>[^<]*/, "<ds:SignatureValue>")), signs).toEqual(invalidAnswer);
      expect(await changed((xml) => xml), signs).toEqual(succeeded);
    }
  });

  test("is refused if it is signed with a key that is not the provider's, whatever certificate it contains", async () => {
    const login = attempt(other);
    const otherProvider = await connect(tenant, undefined, other);
    other.assertion = {
      issuer: issuer.entityId,
      audience: provider.saml.serviceProvider.entityId,
      recipient: provider.saml.serviceProvider.acsUrl,
    };
    const own = attempt();
    await own.form(provider, account(tenant));
    const state = issuer.lastRequest?.id ?? "";
    other.assertion = { ...other.assertion, inResponseTo: state, destination: provider.saml.serviceProvider.acsUrl };
    const form = await login.form(otherProvider, account(tenant));
    other.reset();
    expect(decoded(form)).toContain(`InResponseTo="${state}"`);
    expect(await own.send({ ...form, action: provider.saml.serviceProvider.acsUrl })).toEqual(invalidAnswer);
  });

  test("is not looked at closely unless a key of the provider signed it, because that takes long", async () => {
    const verifications = vi.spyOn(SAML.prototype, "validatePostResponseAsync");
    try {
      await other.rotateKey();
      const foreign = await connect(tenant, { saml: { metadata: other.metadata() } }, other);
      await other.rotateKey();
      for (const signs of ["assertion", "response"] as const) {
        other.signs = signs;
        expect(await attempt(other).logIn(foreign, account(tenant)), signs).toEqual(invalidAnswer);
      }
      expect(verifications).not.toHaveBeenCalled();
      expect(await attempt().logIn(provider, account(tenant))).toEqual(succeeded);
      expect(verifications).toHaveBeenCalledOnce();
    } finally {
      verifications.mockRestore();
      other.reset();
    }
  });

  test("is refused if its signed part is wrapped", async () => {
    const parts = (xml: string) => {
      const [assertion = ""] = /<saml:Assertion.*<\/saml:Assertion>/.exec(xml) ?? [];
      const [signature = ""] = /<ds:Signature .*<\/ds:Signature>/.exec(assertion) ?? [];
      const forged = assertion.replace(signature, "").replace(/<saml:NameID([^>]*)>[^<]*/, "<saml:NameID$1>victim");
      return { assertion, signature, forged, forgedId: forged.replace(/ ID="[^"]*"/, ' ID="_forged"') };
    };
    const wrapped: Readonly<Record<string, (xml: string) => string>> = {
      "a forged assertion before the signed one": (xml) => xml.replace("<saml:Assertion", `${parts(xml).forgedId}<saml:Assertion`),
      "a forged assertion after the signed one": (xml) => xml.replace("</saml:Assertion>", `</saml:Assertion>${parts(xml).forgedId}`),
      "a forged assertion with the same ID": (xml) => xml.replace("<saml:Assertion", `${parts(xml).forged}<saml:Assertion`),
      "the signed assertion in the forged one": (xml) =>
        xml.replace(parts(xml).assertion, parts(xml).forgedId.replace("</saml:Assertion>", `${parts(xml).assertion}</saml:Assertion>`)),
      "the signed assertion in an object of the signature": (xml) =>
        xml.replace(
          parts(xml).assertion,
          parts(xml).forgedId.replace(
            "<saml:Subject>",
            `${parts(xml).signature.replace("</ds:Signature>", `<ds:Object>${parts(xml).assertion.replace(parts(xml).signature, "")}</ds:Object></ds:Signature>`)}<saml:Subject>`,
          ),
        ),
      "the signed assertion in extensions of the response": (xml) =>
        xml.replace(
          parts(xml).assertion,
          `<samlp:Extensions>${parts(xml).assertion}</samlp:Extensions>${parts(xml).forgedId.replace("<saml:Subject>", `${parts(xml).signature}<saml:Subject>`)}`,
        ),
      "the signed assertion under another name": (xml) =>
        xml.replace(parts(xml).assertion, `${parts(xml).forgedId}<x>${parts(xml).assertion}</x>`),
    };
    for (const [how, wrap] of Object.entries(wrapped)) {
      expect(await changed(wrap), how).toEqual(invalidAnswer);
    }
    issuer.signs = "response";
    const response = (xml: string) => xml.replace(/^<\?xml[^>]*>/, "");
    expect(
      await changed((xml) => {
        const forged = response(xml)
          .replace(/<ds:Signature .*<\/ds:Signature>/, "")
          .replace(/ ID="[^"]*"/, ' ID="_forged"');
        return forged.replace("<samlp:Status>", `<samlp:Extensions>${response(xml)}</samlp:Extensions><samlp:Status>`);
      }),
    ).toEqual(invalidAnswer);
  });

  test("is refused if it is signed with SHA-1", async () => {
    issuer.signatureAlgorithm = "http://www.w3.org/2000/09/xmldsig#rsa-sha1";
    expect(await attempt().logIn(provider, account(tenant))).toEqual(invalidAnswer);
    issuer.signatureAlgorithm = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha512";
    expect(await attempt().logIn(provider, account(tenant))).toEqual(succeeded);
  });

  test("is refused with entities, comments, and other markup that readers see differently", async () => {
    const files = '<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]>';
    const bomb = '<!DOCTYPE r [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>';
    for (const type of [files, bomb, "<!DOCTYPE r>", "<!-- a comment -->", '<?x y="z"?>', "x"])
      expect(await changed((xml) => type + xml), type).toEqual(noLogin);
    expect(await changed((xml) => `${xml}x`)).toEqual(noLogin);
    // A signature without comments is valid with comments. Readers that stop there would see another user.
    const ada = account(tenant, { sub: "victim.evil.example" });
    for (const markup of ["<!---->", "<![CDATA[]]>", "<?a?>", "<?xml b?>"]) {
      const login = attempt();
      const form = await login.form(provider, ada);
      const xml = decoded(form).replace(">victim.evil", `>victim${markup}.evil`);
      expect(await login.send(withXml(form, xml)), markup).toEqual(noLogin);
    }
  });

  test("is refused before it is parsed, if parsing it would take long", async () => {
    const nested = (tags: string[]) => tags.join("") + "</a>".repeat(tags.length);
    const large = {
      "many namespaces": nested(Array.from({ length: 499 }, (_, at) => `<a xmlns:p${at}="u" xmlns:q${at}="u">`)),
      "many elements": `<a>${"<a/>".repeat(1_100)}</a>`,
      "many attributes": `<a ${Array.from({ length: 14_000 }, (_, at) => `a${at}="1"`).join(" ")}/>`,
      "elements without an end": "<a>".repeat(40_000),
      "markup without an end": "<".repeat(140_000),
    };
    for (const [what, xml] of Object.entries(large)) {
      const login = attempt();
      const began = performance.now();
      const form = { action: provider.saml.serviceProvider.acsUrl, samlResponse: Buffer.from(xml).toString("base64") };
      expect(await login.send(form), what).toEqual(noLogin);
      expect(performance.now() - began, what).toBeLessThan(1_000);
    }
  });

  test("is refused if it is for another audience, recipient, or destination, or from another issuer", async () => {
    const elsewhere = "https://elsewhere.example/acs";
    const refused = [
      { audience: "https://elsewhere.example" },
      { recipient: elsewhere },
      { destination: elsewhere },
      { issuer: "https://evil.example" },
    ];
    for (const assertion of refused) {
      issuer.assertion = assertion;
      expect(await attempt().logIn(provider, account(tenant)), JSON.stringify(assertion)).toEqual(invalidAnswer);
    }
    issuer.assertion = {};
    for (const without of [
      /<saml:AudienceRestriction>.*<\/saml:AudienceRestriction>/,
      / Recipient="[^"]*"/,
      /<saml:Conditions.*<\/saml:Conditions>/,
    ]) {
      issuer.beforeSigning = (xml) => xml.replace(without, "");
      expect(await attempt().logIn(provider, account(tenant)), String(without)).toEqual(invalidAnswer);
    }
  });

  test("is refused before its time, and after it, with a tolerance of a minute", async () => {
    const inSeconds = (seconds: number) => new Date(Date.now() + seconds * 1_000);
    const answerWith = async (assertion: SamlIssuer["assertion"]) => {
      issuer.assertion = assertion;
      return attempt().logIn(provider, account(tenant));
    };
    expect(await answerWith({ notOnOrAfter: inSeconds(-90) })).toEqual(invalidAnswer);
    expect(await answerWith({ notBefore: inSeconds(90) })).toEqual(invalidAnswer);
    expect(await answerWith({ notBefore: inSeconds(30) })).toEqual(succeeded);
    expect(await answerWith({ notOnOrAfter: inSeconds(-30) })).toEqual(succeeded);
    issuer.beforeSigning = (xml) => xml.replace(/ NotOnOrAfter="[^"]*" Recipient/, " Recipient");
    expect(await answerWith({})).toEqual(invalidAnswer);
    issuer.beforeSigning = (xml) => xml.replace("SessionIndex=", `SessionNotOnOrAfter="${inSeconds(-90).toISOString()}" SessionIndex=`);
    expect(await answerWith({})).toEqual(invalidAnswer);
  });

  test("does not log in with another provider, or in another tenant", { tags: "slow" }, async () => {
    const neighbor = await weft.tenant();
    const [second, foreign] = [await connect(tenant), await connect(neighbor)];
    for (const { saml } of [second, foreign]) {
      const login = attempt();
      const form = await login.form(provider, account(tenant));
      expect(await login.send({ ...form, action: saml.serviceProvider.acsUrl })).toEqual(noLogin);
      // The login is still possible where it began.
      expect(await login.send(form)).toEqual(succeeded);
      // The same issuer answers for one of them. Its assertion is not for the other one.
      const meant = attempt();
      const own = await meant.form(provider, account(tenant));
      const state = issuer.lastRequest?.id ?? "";
      issuer.assertion = { inResponseTo: state, recipient: own.action, destination: own.action };
      const made = await attempt().form(
        saml.serviceProvider.acsUrl === second.saml.serviceProvider.acsUrl ? second : foreign,
        account(tenant),
      );
      issuer.reset();
      expect(await meant.send({ ...made, action: own.action })).toEqual(invalidAnswer);
    }
  });

  test("cannot lock an office out, though other pages can make its browsers send one that was used", { tags: "slow" }, async () => {
    const login = attempt();
    const { samlResponse } = await login.form(provider, account(tenant));
    const ids = /sso\/(\w+)\/(\w+)\//.exec(provider.callbackUrl);
    const receive = "mutation ($input: ReceiveSamlResponseInput!) { receiveSamlResponse(input: $input) { redirectUrl } }";
    const send = async (fields = receive) =>
      codeOf(
        await new ApiClient(weft.url, undefined, internalCallsOf(weft.url)).send(fields, {
          input: { tenantId: ids?.[1], providerId: ids?.[2], samlResponse },
        }),
      );
    expect(await send()).toBe("done");
    for (let count = 0; count < 110; count += 1) expect(await send()).toBe("UNAUTHENTICATED");
    expect(await attempt().logIn(provider, account(tenant))).toEqual(succeeded);
    const { login: name, password } = tenant.admin;
    const logIn = "mutation ($input: LoginInput!) { login(input: $input) { accessToken } }";
    expect(codeOf(await new ApiClient(weft.url).send(logIn, { input: { login: name, password } }))).toBe("done");
    const field = "receiveSamlResponse(input: $input) { redirectUrl }";
    expect(await send(`mutation ($input: ReceiveSamlResponseInput!) { one: ${field} two: ${field} }`)).toBe("QUERY_LIMIT_EXCEEDED");
  });

  test("is no call of the provider's page that the log would offer to allow", async () => {
    const form = await attempt().form(provider, account(tenant));
    const headers = { origin: "https://login.provider.example", "sec-fetch-dest": "document" };
    const body = new URLSearchParams({ SAMLResponse: form.samlResponse });
    const response = await fetch(form.action.replace(shownUrl, weft.url), { method: "POST", headers, body, redirect: "manual" });
    expect([response.status, response.headers.get("access-control-allow-origin")]).toEqual([303, null]);
    expect(weft.logged().includes("login.provider.example")).toBe(false);
  });

  test("leaves nothing of itself in the log if it is refused", async () => {
    const mark = `mark${randomUUID()}`;
    const marked = [
      (xml: string) => xml.replace(/<saml:Issuer>[^<]*/, `$&${mark}`),
      (xml: string) => xml.replace("status:Success", mark),
      (xml: string) => xml.replace(/<ds:SignatureMethod Algorithm="/g, `$&${mark}`),
      (xml: string) => xml.replace(">Ada<", `>${mark}<`),
      (xml: string) => xml.replace("</saml:Assertion>", `</saml:${mark}>`),
      (xml: string) => xml.replace("<saml:Subject>", `<saml:Subject ${mark}>`),
    ];
    for (const change of marked) expect(await changed(change)).not.toEqual(succeeded);
    issuer.assertion = { audience: mark };
    expect(await attempt().logIn(provider, account(tenant))).toEqual(invalidAnswer);
    const log = weft.logged();
    expect(["the answer of an identity provider was refused", "audience mismatch", mark].map((text) => log.includes(text))).toEqual([
      true,
      true,
      false,
    ]);
  });

  test("is refused if a group is no text, so that no role is taken by mistake", async () => {
    issuer.beforeSigning = (xml) =>
      xml.replace("<saml:AttributeValue>staff</saml:AttributeValue>", "<saml:AttributeValue><b>staff</b></saml:AttributeValue>");
    expect(await attempt().logIn(provider, account(tenant, { groups: ["staff"] }))).toEqual(invalidAnswer);
  });

  test("is refused if it is no form, not one response, or too large", async () => {
    const { acsUrl } = provider.saml.serviceProvider;
    const post = async (body: string, type = "application/x-www-form-urlencoded") =>
      (await fetch(acsUrl.replace(shownUrl, weft.url), { method: "POST", body, headers: { "content-type": type } })).status;
    expect(await post("{}", "application/json")).toBe(415);
    expect(await post("")).toBe(400);
    expect(await post("SAMLResponse=a&SAMLResponse=b")).toBe(400);
    expect(await post("SAMLResponse=a%00b")).toBe(400);
    expect(await post("SAMLResponse=not%20base64!")).toBe(401);
    expect(await post(`SAMLResponse=${"A".repeat(210_000)}`)).toBe(401);
    expect(await post(`SAMLResponse=${"A".repeat(310_000)}`)).toBe(413);
    const embedded = await fetch(acsUrl.replace(shownUrl, weft.url), {
      method: "POST",
      body: new URLSearchParams({ SAMLResponse: "A" }),
      headers: { "sec-fetch-dest": "iframe" },
    });
    expect(embedded.status).toBe(403);
  });

  test("gets no session for a user that was deactivated meanwhile, and none with another code verifier", async () => {
    const ada = account(tenant);
    const { user } = await attempt().session(provider, ada);
    const login = attempt();
    const { code } = await login.logIn(provider, ada);
    expect(codeOf(await login.complete(code, randomBytes(32).toString("base64url")))).toBe("UNAUTHENTICATED");
    await tenant.admin.run("mutation ($id: ID!) { deactivateUser(input: { id: $id }) { user { status } } }", { id: user.id });
    expect(codeOf(await login.complete(code))).toBe("UNAUTHENTICATED");
    expect(await attempt().logIn(provider, ada)).toEqual(refusedUser);
  });
});

describe("an encrypted assertion", () => {
  const cbc: Encryption = { ...aesGcm, data: "http://www.w3.org/2001/04/xmlenc#aes256-cbc" };
  let tenant: TestTenant;
  let provider: ConnectedSamlProvider;
  beforeAll(async () => {
    tenant = await weft.tenant();
    provider = await connect(tenant, {
      saml: { acceptsEncryptedAssertions: true },
      roleMappings: [{ group: "staff", roleId: await viewerRole(tenant) }],
    });
  });

  const assertionPattern = /<saml:Assertion.*<\/saml:Assertion>/s;
  const encryptedWith = (xml: string, certificate = provider.saml.serviceProvider.certificate): string =>
    xml.replace(assertionPattern, (text) =>
      encryptedFor(certificate, text.replace("<saml:Assertion ", '<saml:Assertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ')),
    );
  /** Logs in with a response that was signed, and whose assertion is then changed and encrypted. */
  const encryptedAfterwards = async (change: (xml: string) => string) => {
    const login = attempt();
    const form = await login.form(provider, account(tenant));
    return login.send(withXml(form, encryptedWith(change(decoded(form)))));
  };

  test("logs in with AES-GCM, whether the assertion or the response is signed", async () => {
    issuer.encryption = aesGcm;
    for (const signs of ["assertion", "response"] as const) {
      issuer.signs = signs;
      const ada = account(tenant, { groups: ["staff"] });
      const form = await attempt().form(provider, ada);
      expect([decoded(form).includes("EncryptedAssertion"), decoded(form).includes(ada.sub)]).toEqual([true, false]);
      expect((await attempt().session(provider, ada)).user).toMatchObject({ email: ada.email, name: "Ada", roles: [{ key: "viewer" }] });
    }
  });

  test("is not needed, so that the provider can begin with it later", async () => {
    expect(await attempt().logIn(provider, account(tenant))).toEqual(succeeded);
  });

  test("is accepted with AES-CBC only in a response that is signed", async () => {
    issuer.encryption = cbc;
    issuer.signs = "response";
    expect(await attempt().logIn(provider, account(tenant))).toEqual(succeeded);
    issuer.signs = "assertion";
    expect(await attempt().logIn(provider, account(tenant))).toEqual(invalidAnswer);
  });

  test("is refused unless the provider accepts it, and for a key of another provider", async () => {
    const plain = await connect(tenant, { saml: { acceptsEncryptedAssertions: true } });
    issuer.encryption = aesGcm;
    const login = attempt();
    const form = await login.form(plain, account(tenant));
    await updateSaml(tenant, plain.id, {});
    expect(await login.send(form)).toEqual(invalidAnswer);
    issuer.encryption = null;
    const moved = attempt();
    const signed = await moved.form(provider, account(tenant));
    const foreign = encryptedWith(decoded(signed), plain.saml.serviceProvider.certificate);
    expect(await moved.send(withXml(signed, foreign))).toEqual(invalidAnswer);
  });

  test("is refused if nobody has signed it, or it was changed before it was encrypted", async () => {
    expect(await encryptedAfterwards((xml) => xml)).toEqual(succeeded);
    expect(await encryptedAfterwards((xml) => xml.replace(/<ds:Signature.*<\/ds:Signature>/s, ""))).toEqual(invalidAnswer);
    expect(await encryptedAfterwards((xml) => xml.replace(">Ada<", ">Eve<"))).toEqual(invalidAnswer);
  });

  test("is refused if another key than the provider's has signed it", async () => {
    const [login, eve] = [attempt(), account(tenant)];
    const form = await login.form(provider, eve);
    const { entityId, acsUrl } = provider.saml.serviceProvider;
    const inResponseTo = issuer.lastRequest?.id ?? "";
    const mine = await connect(tenant, {}, other);
    other.assertion = { issuer: issuer.entityId, audience: entityId, recipient: acsUrl, destination: acsUrl, inResponseTo };
    const forged = decoded(await attempt(other).form(mine, eve));
    other.reset();
    expect(await login.send(withXml(form, encryptedWith(forged)))).toEqual(invalidAnswer);
  });

  test("is refused if the signed assertion is wrapped in another one", async () => {
    const wrapped = (xml: string): string => {
      const [signed = ""] = assertionPattern.exec(xml) ?? [];
      const evil = signed
        .replace(/ ID="[^"]*"/, ' ID="_evil"')
        .replace(/<ds:Signature.*<\/ds:Signature>/s, "")
        .replace(">Ada<", ">Eve<");
      return xml.replace(signed, evil.replace("</saml:Assertion>", `<saml:Advice>${signed}</saml:Advice></saml:Assertion>`));
    };
    expect(await encryptedAfterwards(wrapped)).toEqual(invalidAnswer);
  });

  test("is refused if there are two, or a plain one with it", async () => {
    const form = await attempt().form(provider, account(tenant));
    const [plain = ""] = assertionPattern.exec(decoded(form)) ?? [];
    issuer.encryption = aesGcm;
    for (const signs of ["assertion", "response"] as const)
      for (const more of ["$&$&", `$&${plain}`, `${plain}$&`]) {
        issuer.signs = signs;
        issuer.afterSigning = (xml) => xml.replace(/<saml:EncryptedAssertion.*<\/saml:EncryptedAssertion>/s, more);
        expect(await attempt().logIn(provider, account(tenant))).toEqual(invalidAnswer);
      }
  });

  test("is refused if it was changed after it was encrypted, or its signed response was", async () => {
    issuer.encryption = aesGcm;
    issuer.afterSigning = (xml) =>
      xml.replace(/(<xenc:CipherValue>[^<]{60})(.)/g, (_match, start: string, one: string) => start + (one === "A" ? "B" : "A"));
    for (const signs of ["assertion", "response"] as const) {
      issuer.signs = signs;
      expect(await attempt().logIn(provider, account(tenant))).toEqual(invalidAnswer);
    }
  });

  test("is refused before it is looked at closely, if it is too large or has other markup", async () => {
    const began = process.cpuUsage();
    expect(await encryptedAfterwards((xml) => xml.replace("<saml:Subject>", `${"<saml:b/>".repeat(9_000)}$&`))).toEqual(invalidAnswer);
    expect(await encryptedAfterwards((xml) => xml.replace(">Ada<", ">A<!-- -->da<"))).toEqual(invalidAnswer);
    const { user, system } = process.cpuUsage(began);
    // Of all that the provider, the test, and Weft do.
    expect((user + system) / 1_000).toBeLessThan(5_000);
  });
});

describe("the keys of Weft as a service provider", () => {
  const provided = "identityProvider { version saml { serviceProvider { certificate nextCertificate previousKeyExpiresAt } } }";
  const rotate = `mutation ($input: VersionedIdInput!) { rotated: rotateIdentityProviderKey(input: $input) { ${provided} } }`;
  const activate = `mutation ($input: ActivateIdentityProviderKeyInput!) { rotated: activateIdentityProviderKey(input: $input) { ${provided} } }`;
  interface Keys {
    readonly certificate: string;
    readonly nextCertificate: string | null;
    readonly previousKeyExpiresAt: string | null;
  }
  const changeKey = async ({ admin }: TestTenant, mutation: string, input: object): Promise<Keys> => {
    const { rotated } = await admin.run<{ rotated: { identityProvider: { saml: { serviceProvider: Keys } } } }>(mutation, { input });
    return rotated.identityProvider.saml.serviceProvider;
  };
  const metadataOf = async ({ saml }: ConnectedSamlProvider) => (await attempt().browser.request(saml.serviceProvider.metadataUrl)).text();
  const published = (metadata: string, use: string): string[] =>
    [...metadata.matchAll(new RegExp(`<KeyDescriptor use="${use}">.*?<X509Certificate>([^<]+)<`, "gs"))].map(([, base64 = ""]) => base64);
  const base64Of = (pem: string | null): string => (pem ?? "").replace(/-----[A-Z ]+-----|\s/g, "");
  /** The signing key of a certificate in a metadata document. */
  const keyPattern = (certificate: string | null): RegExp =>
    new RegExp(
      `<KeyDescriptor use="signing">(?:(?!</KeyDescriptor>).)*${base64Of(certificate).replaceAll("+", "\\+")}.*?</KeyDescriptor>`,
      "s",
    );
  const signsAndEncrypts = { signsRequests: true, acceptsEncryptedAssertions: true };

  test("are rotated without a failed login", { tags: "slow" }, async () => {
    const tenant = await weft.tenant();
    const provider = await connect(tenant, { saml: signsAndEncrypts });
    const { id } = provider;
    const [ada, old] = [account(tenant), await metadataOf(provider)];
    issuer.wantsSignedRequests = true;
    issuer.encryption = aesGcm;
    const under = attempt();
    const callback = await under.callback(await under.form(provider, ada));
    const { certificate, nextCertificate } = await changeKey(tenant, rotate, { id });
    expect(await under.receive(callback)).toEqual(succeeded);
    const both = await metadataOf(provider);
    expect(published(old, "signing")).toEqual([base64Of(certificate)]);
    expect(published(both, "signing")).toEqual([certificate, nextCertificate].map(base64Of));
    expect(published(both, "encryption")).toEqual([base64Of(nextCertificate)]);
    // The provider does not know the new key yet.
    expect(await attempt().logIn(provider, ada)).toEqual(succeeded);
    // Now it knows both, of which this one uses the first, and encrypts for the new one.
    issuer.register(both.replace(keyPattern(nextCertificate), ""));
    expect(await attempt().logIn(provider, ada)).toEqual(succeeded);
    const signedBefore = attempt();
    const form = await signedBefore.form(provider, ada);
    const activated = await changeKey(tenant, activate, { id });
    expect(activated).toEqual({ certificate: nextCertificate, nextCertificate: null, previousKeyExpiresAt: expect.any(String) as string });
    expect(await signedBefore.send(form)).toEqual(succeeded);
    issuer.register(both.replace(keyPattern(certificate), ""));
    expect(await attempt().logIn(provider, ada)).toEqual(succeeded);
    const latest = await metadataOf(provider);
    expect([published(latest, "signing"), published(latest, "encryption")]).toEqual([
      [base64Of(nextCertificate)],
      [base64Of(nextCertificate)],
    ]);
    issuer.register(latest);
    expect(await attempt().logIn(provider, ada)).toEqual(succeeded);
  });

  /** How many keys are stored, and what the configuration says about them. */
  const storedOf = async (tenant: TestTenant, id: string) => {
    const [row] = await owner<{ secret: string; configuration: object }[]>`
      select secret, configuration from identity.identity_providers where id = ${uuidOf(id)}`;
    const { services } = weft.weft;
    const fields = [{ field: `identity.identity_providers.secret/${uuidOf(id)}`, value: row?.secret ?? "" }];
    const [text = ""] = await asTenant(services.databases.app, { tenantId: tenant.id }, "read", (tx) =>
      services.secrets.open(tx, tenant.id, fields),
    );
    const names = Object.keys(row?.configuration ?? {}).filter((name) => /ServiceProvider/i.test(name));
    return { keys: text.match(/BEGIN PRIVATE KEY/g)?.length, names: names.toSorted() };
  };
  const onlyCurrent = { keys: 1, names: ["serviceProviderCertificate"] };

  test("that were replaced decrypt until they expire, and are erased then", async () => {
    const tenant = await weft.tenant();
    const provider = await connect(tenant, { saml: { acceptsEncryptedAssertions: true } });
    const { id } = provider;
    issuer.encryption = aesGcm;
    await changeKey(tenant, rotate, { id });
    await changeKey(tenant, activate, { id, previousKeyExpiresAt: new Date(Date.now() + 3_600_000).toISOString() });
    expect(await attempt().logIn(provider, account(tenant))).toEqual(succeeded);
    expect((await storedOf(tenant, id)).keys).toBe(2);
    await owner`update identity.identity_providers set configuration =
      jsonb_set(configuration, '{previousServiceProviderKeyExpiresAt}', to_jsonb(now() - interval '1 second')) where id = ${uuidOf(id)}`;
    expect(await attempt().logIn(provider, account(tenant))).toEqual(invalidAnswer);
    const chore = pastProviderKeys(weft.weft.services);
    await asTenant(weft.weft.services.databases.worker, { tenantId: tenant.id }, "write", (tx) => chore.deleteSome(tx, 1_000, tenant.id));
    expect(await storedOf(tenant, id)).toEqual(onlyCurrent);
    const [entry] = await owner`select action, actor_id from audit.entries where entity_id = ${uuidOf(id)} order by id desc limit 1`;
    expect(entry).toEqual({ action: "identityProvider.update", actor_id: "00000000-0000-0000-0000-000000000000" });
    expect(await metadataOf(provider)).toContain("X509Certificate");
  });

  test("that were replaced are not erased before their time", async () => {
    const tenant = await weft.tenant();
    const { id } = await connect(tenant, { saml: { acceptsEncryptedAssertions: true } });
    await changeKey(tenant, rotate, { id });
    await changeKey(tenant, activate, { id });
    const chore = pastProviderKeys(weft.weft.services);
    expect(
      await asTenant(weft.weft.services.databases.worker, { tenantId: tenant.id }, "write", (tx) => chore.deleteSome(tx, 1_000, tenant.id)),
    ).toBe(0);
    expect((await storedOf(tenant, id)).keys).toBe(2);
  });

  test("that were replaced are erased at once if they decrypt nothing", async () => {
    const tenant = await weft.tenant();
    const [plain, leaked] = [await connect(tenant), await connect(tenant, { saml: { acceptsEncryptedAssertions: true } })];
    await changeKey(tenant, rotate, { id: plain.id });
    expect((await changeKey(tenant, activate, { id: plain.id })).previousKeyExpiresAt).toBeNull();
    expect(await storedOf(tenant, plain.id)).toEqual(onlyCurrent);
    await changeKey(tenant, rotate, { id: leaked.id });
    const past = new Date(Date.now() - 1_000).toISOString();
    expect((await changeKey(tenant, activate, { id: leaked.id, previousKeyExpiresAt: past })).previousKeyExpiresAt).toBeNull();
    expect(await storedOf(tenant, leaked.id)).toEqual(onlyCurrent);
  });

  test("that were replaced and have time left are erased by the next activation only if it says so", async () => {
    const tenant = await weft.tenant();
    const provider = await connect(tenant, { saml: { acceptsEncryptedAssertions: true } });
    const { id } = provider;
    issuer.encryption = aesGcm;
    await changeKey(tenant, rotate, { id });
    await changeKey(tenant, activate, { id });
    await changeKey(tenant, rotate, { id });
    expect(codeOf(await tenant.admin.send(activate, { input: { id } }))).toBe("CONFLICT");
    // The provider still encrypts for the first key.
    expect(await attempt().logIn(provider, account(tenant))).toEqual(succeeded);
    expect((await storedOf(tenant, id)).keys).toBe(3);
    await changeKey(tenant, activate, { id, erasesPreviousKey: true });
    expect(await attempt().logIn(provider, account(tenant))).toEqual(invalidAnswer);
    expect((await storedOf(tenant, id)).keys).toBe(2);
  });

  test("are made while nothing is locked", async () => {
    const tenant = await weft.tenant();
    const { id } = await connect(tenant);
    const generate = crypto.subtle.generateKey.bind(crypto.subtle);
    const made = vi.spyOn(crypto.subtle, "generateKey").mockImplementation((async (...args: Parameters<typeof generate>) => {
      // Waits for a lock that a worker holds for a moment, and fails if the mutation holds it, which waits for the key.
      await owner.begin(async (sql) => {
        await sql`set local lock_timeout = '5s'`;
        await sql`select from identity.tenants where tenant_id = ${tenant.id} for update`;
        await sql`select from identity.identity_providers where id = ${uuidOf(id)} for update`;
        await sql`select pg_advisory_xact_lock(hashtextextended('weft.identityProviders.' || ${tenant.id}::text, 0))`;
      });
      return generate(...args);
    }) as typeof generate);
    onTestFinished(() => made.mockRestore());
    await connect(tenant);
    await changeKey(tenant, rotate, { id });
    expect(made).toHaveBeenCalledTimes(2);
    expect(codeOf(await tenant.admin.send(rotate, { input: { id } }))).toBe("CONFLICT");
    expect(made).toHaveBeenCalledTimes(2);
  });

  test("are rotated one after the other, each once", async () => {
    const tenant = await weft.tenant();
    const { id } = await connect(tenant);
    const { admin } = tenant;
    const codes = async (mutation: string, input: object) => codeOf(await admin.send(mutation, { input: { id, ...input } }));
    expect(await codes(activate, {})).toBe("CONFLICT");
    const results = await Promise.all([codes(rotate, {}), codes(rotate, {})]);
    expect(results.toSorted()).toEqual(["CONFLICT", "done"]);
    expect(await codes(activate, { expectedVersion: 1 })).toBe("CONFLICT");
    const tooFar = { previousKeyExpiresAt: new Date(Date.now() + 31 * 86_400_000).toISOString() };
    expect(await codes(activate, tooFar)).toBe("BAD_USER_INPUT");
    expect(await codes(activate, {})).toBe("done");
    expect(await codes(rotate, {})).toBe("done");
    expect(await codes(activate, {})).toBe("done");
  });

  test("are neither shown nor audited, but their rotation is", async () => {
    const tenant = await weft.tenant();
    const { id } = await connect(tenant);
    await changeKey(tenant, rotate, { id });
    await changeKey(tenant, activate, { id });
    const [trace] = await owner<{ entries: string; events: string; actions: string[] }[]>`select
      (select json_agg(a)::text from audit.entries a where a.tenant_id = ${tenant.id}) as entries,
      (select json_agg(e)::text from (select to_jsonb(o) as e from events.outbox o where o.tenant_id = ${tenant.id}
        union all select to_jsonb(l) from events.log l where l.tenant_id = ${tenant.id}) as e) as events,
      (select array_agg(a.action order by a.id) from audit.entries a where a.tenant_id = ${tenant.id} and a.entity_id = ${uuidOf(id)}) as actions`;
    expect(trace?.actions.slice(-2)).toEqual(["identityProvider.update", "identityProvider.update"]);
    expect(trace?.events).toContain("identityProvider.updated");
    expect(`${trace?.entries}${trace?.events}`).not.toMatch(/PRIVATE KEY|sec:v1:/);
  });

  test("exist only with SAML, and only in one's own tenant", async () => {
    const [tenant, stranger] = [await weft.tenant(), await weft.tenant()];
    const { id } = await connect(tenant);
    const { createIdentityProvider } = await tenant.admin.run<{ createIdentityProvider: { identityProvider: { id: string } } }>(
      "mutation ($input: CreateIdentityProviderInput!) { createIdentityProvider(input: $input) { identityProvider { id } } }",
      { input: { name: "OIDC", oidc: { issuer: "http://127.0.0.1:9", clientId: "weft" }, redirectUrls: [appUrl] } },
    );
    const oidc = createIdentityProvider.identityProvider.id;
    for (const mutation of [rotate, activate]) {
      expect(codeOf(await tenant.admin.send(mutation, { input: { id: oidc } }))).toBe("BAD_USER_INPUT");
      expect(codeOf(await stranger.admin.send(mutation, { input: { id } }))).toBe("NOT_FOUND");
    }
  });
});

describe("Weft as a service provider", () => {
  test("describes itself by a metadata document, which contains no secret", async () => {
    const tenant = await weft.tenant();
    const provider = await connect(tenant);
    const { entityId, acsUrl, metadataUrl } = provider.saml.serviceProvider;
    const response = await attempt().browser.request(metadataUrl);
    expect(response.headers.get("content-type")).toBe("application/samlmetadata+xml; charset=utf-8");
    const document = await response.text();
    expect(document).toContain(`entityID="${entityId}"`);
    expect(document).toContain(`Location="${acsUrl}"`);
    expect(document).not.toContain("PRIVATE");
    const [row] = await owner`select secret from identity.identity_providers where id = ${uuidOf(provider.id)}`;
    expect(String(row?.["secret"])).not.toContain("PRIVATE");
    const traces = await owner`select 1 from audit.entries e where tenant_id = ${tenant.id} and e::text like '%PRIVATE KEY%'`;
    expect(traces).toEqual([]);
  });

  test("has no metadata document for providers of another kind, or that do not exist", async () => {
    const [tenant, neighbor] = [await weft.tenant(), await weft.tenant()];
    const provider = await connect(tenant);
    const { metadataUrl } = provider.saml.serviceProvider;
    const idOf = (id: string) => /sso\/(ten_\w+)\//.exec(id)?.[1] ?? "";
    const foreign = await connect(neighbor);
    const mixed = metadataUrl.replace(idOf(metadataUrl), idOf(foreign.saml.serviceProvider.metadataUrl));
    expect((await attempt().browser.request(mixed)).status).toBe(404);
  });

  test("keeps no challenge of the application's that could be read from its requests", async () => {
    const tenant = await weft.tenant();
    const provider = await connect(tenant);
    const login = attempt();
    const { url } = await login.browser.visit(login.startUrlOf(provider), [issuer.url]);
    expect(url).not.toContain(createHash("sha256").update(login.verifier).digest("base64url"));
    expect(url).not.toContain(encodeURIComponent(appUrl));
  });
});
