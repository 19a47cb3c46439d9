// The library for certificates needs it.
import "reflect-metadata";
import { randomUUID, X509Certificate } from "node:crypto";
import { X509CertificateGenerator } from "@peculiar/x509";
import { parseAnyId } from "@weft/shared/ids";
import { ApiClient, samlProviderMetadata, startTestWeft, type TestTenant, type TestUser, type TestWeft, until } from "@weft/testkit";
import { serveHttp, type HttpServer } from "@weft/testkit/network/http-server";
import { postgres, type Sql } from "@weft/pg-driver";
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from "vitest";
import { dueDomains } from "../domains/due-domains.js";
import { type NameServer, startNameServer } from "../domains/name-server.fixture.js";
import { newServiceProviderKey } from "./saml-key.js";

const fields = `id kind name status oidc { issuer clientId hasClientSecret scopes emailClaim nameClaim groupsClaim } createsUsers acceptsUnverifiedEmail
  redirectUrls roleMappings { group roleId } version`;
const create = `mutation ($input: CreateIdentityProviderInput!) { createIdentityProvider(input: $input) { identityProvider { ${fields} } } }`;
const update = `mutation ($input: UpdateIdentityProviderInput!) { updateIdentityProvider(input: $input) { identityProvider { ${fields} } } }`;
const activate = "mutation ($input: VersionedIdInput!) { activateIdentityProvider(input: $input) { identityProvider { status version } } }";
const remove = "mutation ($input: VersionedIdInput!) { deleteIdentityProvider(input: $input) { identityProviderId } }";
const check = `mutation ($id: ID!) { testIdentityProvider(input: { id: $id }) { isReachable problem authorizationUrl supportedScopes logsOut } }`;
const addDomain = "mutation ($input: AddDomainInput!) { addDomain(input: $input) { domain { id name isVerified record { name value } } } }";
const verify = "mutation ($id: ID!) { verifyDomain(input: { id: $id }) { domain { isVerified } problem } }";

interface Provider {
  readonly id: string;
  readonly version: number;
  readonly oidc: { readonly hasClientSecret: boolean };
}

let weft: TestWeft;
let owner: Sql;
let names: NameServer;
let server: HttpServer;
let issuer: string;
/** What the issuer answers. */
let discovery: object | string;

beforeAll(async () => {
  names = await startNameServer();
  server = await serveHttp((_request, response) =>
    response.setHeader("content-type", "application/json").end(typeof discovery === "string" ? discovery : JSON.stringify(discovery)),
  );
  issuer = server.url;
  weft = await startTestWeft({ settings: { WEFT_OUTBOUND_ALLOWED: "127.0.0.1", WEFT_DNS_SERVERS: names.address } });
  owner = postgres(weft.database.ownerUrl, { max: 1, onnotice: () => undefined });
});
afterAll(async () => {
  await owner.end();
  await weft.stop();
  await Promise.all([names.close(), server.close()]);
});

const rsa = { name: "RSASSA-PKCS1-v1_5", modulusLength: 2_048, publicExponent: new Uint8Array([1, 0, 1]), hash: "SHA-256" };

/** Returns a certificate for a new key of an algorithm. */
async function certificateOf(
  algorithm: typeof rsa | { readonly name: string; readonly namedCurve: string; readonly hash: string },
): Promise<string> {
  const keys = await crypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  if (!("privateKey" in keys)) throw new Error("The algorithm has no key pair.");
  return (await X509CertificateGenerator.createSelfSigned({ name: "CN=Test", keys, signingAlgorithm: algorithm })).toString("pem");
}

const inputOf = (more: object = {}) => ({
  name: `Login ${randomUUID()}`,
  oidc: { issuer, clientId: "weft", clientSecret: "a secret of the client" },
  redirectUrls: ["https://app.example/login"],
  ...more,
});
const made = async (user: TestUser, more: object = {}): Promise<Provider> =>
  (await user.run<{ createIdentityProvider: { identityProvider: Provider } }>(create, { input: inputOf(more) })).createIdentityProvider
    .identityProvider;
const problemsOf = async (user: TestUser, mutation: string, input: object): Promise<unknown> => {
  const { extensions } = await user.refused(mutation, { input });
  return [extensions?.code, ((extensions?.["problems"] ?? []) as { path: string }[]).map(({ path }) => path)];
};
const roleIdOf = async ({ admin }: TestTenant, key: string): Promise<string> => {
  const { roles } = await admin.run<{ roles: { edges: { node: { id: string } }[] } }>(
    "query ($key: String!) { roles(filter: { key: { eq: $key } }) { edges { node { id } } } }",
    { key },
  );
  return roles.edges[0]?.node.id ?? "";
};

describe("identity providers of the kind LDAP", () => {
  const ldapOf = (more: object = {}) => ({ url: "ldaps://127.0.0.1:636", searchBase: "dc=acme,dc=example", ...more });
  const inputWith = (ldap: object, more: object = {}) => ({
    name: `Directory ${randomUUID()}`,
    ldap: ldapOf(ldap),
    redirectUrls: [],
    ...more,
  });

  test("reject bad settings at their path", { tags: "slow" }, async () => {
    const tenant = await weft.tenant();
    const { certificate } = await newServiceProviderKey();
    const of = async (ldap: object, more: object = {}) => problemsOf(tenant.admin, create, inputWith(ldap, more));
    const wrong: [field: string, ldap: object][] = [
      ...[
        "",
        "ldap.acme.example",
        "http://127.0.0.1",
        "ldaps://a:b@127.0.0.1",
        "ldaps://127.0.0.1/dc=acme",
        "ldaps://127.0.0.1:0",
        "ldapi:///x",
      ].map((url) => ["url", { url }] as [string, object]),
      ...[
        "ldaps://10.0.0.1",
        "ldaps://[::1]",
        "ldaps://169.254.169.254",
        "ldaps://localhost",
        "ldaps://93.184.216.34:6379",
        "ldap://93.184.216.34:25",
      ].map((url) => ["url", { url }] as [string, object]),
      ["usesStartTls", { url: "ldap://93.184.216.34", usesStartTls: false }],
      ["ca", { ca: "no certificate" }],
      ["ca", { ca: `${certificate}more` }],
      ["ca", { ca: "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----" }],
      ["searchBase", { searchBase: "" }],
      ["searchBase", { searchBase: "acme" }],
      ["bindDn", { bindDn: "weft", bindPassword: "x" }],
      ["bindPassword", { bindDn: "cn=weft", bindPassword: "" }],
      ["bindPassword", { bindDn: "cn=weft" }],
      ["bindPassword", { bindPassword: "x" }],
      ["userFilter", { userFilter: "(uid=ada)" }],
      ["subjectAttribute", { subjectAttribute: "entryUUID)(x" }],
      ["groupFilter", { groupSearchBase: "dc=acme" }],
      ["groupSearchBase", { groupFilter: "(member={dn})" }],
      ["groupFilter", { groupSearchBase: "dc=acme", groupFilter: "(member={login})" }],
      ["groupsAttribute", { groupsAttribute: "memberOf", groupSearchBase: "dc=acme", groupFilter: "(member={dn})" }],
    ];
    for (const [field, ldap] of wrong) expect([ldap, await of(ldap)]).toEqual([ldap, ["BAD_USER_INPUT", [`input.ldap.${field}`]]]);
    expect(await of({}, { redirectUrls: ["https://app.example"] })).toEqual(["BAD_USER_INPUT", ["input.redirectUrls"]]);
    expect(await of({}, { oidc: inputOf().oidc })).toEqual(["BAD_USER_INPUT", ["input.ldap"]]);
    const roleMappings = [{ group: "g", roleId: await roleIdOf(tenant, "viewer") }];
    expect(await of({}, { roleMappings })).toEqual(["BAD_USER_INPUT", ["input.ldap.groupsAttribute"]]);
    const { id } = await made(tenant.admin);
    expect(await problemsOf(tenant.admin, update, { id, ldap: ldapOf() })).toEqual(["BAD_USER_INPUT", ["input.ldap"]]);
  });

  test("show their settings, but not the password, and begin no logins in a browser", async () => {
    const { admin } = await weft.tenant();
    const input = inputWith({
      url: "LDAP://127.0.0.1",
      bindDn: "cn=weft,dc=acme",
      bindPassword: "a password of the account",
      subjectAttribute: "objectguid",
    });
    const withLdap = create.replace(
      "oidc {",
      "ldap { url usesStartTls ca bindDn hasBindPassword searchBase userFilter subjectAttribute groupsAttribute } oidc {",
    );
    const { createIdentityProvider } = await admin.run<{ createIdentityProvider: { identityProvider: Provider } }>(withLdap, { input });
    const provider = createIdentityProvider.identityProvider;
    expect(provider).toMatchObject({
      kind: "LDAP",
      oidc: null,
      ldap: {
        url: "ldap://127.0.0.1:389",
        usesStartTls: true,
        ca: null,
        bindDn: "cn=weft,dc=acme",
        hasBindPassword: true,
        searchBase: "dc=acme,dc=example",
        userFilter: "(&(objectClass=person)(uid={login}))",
        subjectAttribute: "objectGUID",
        groupsAttribute: null,
      },
    });
    for (const table of ["identity.identity_providers", "audit.entries", "events.log", "app.idempotency_keys"])
      expect(await owner`select 1 from ${owner(table)} t where t::text like '%a password of the account%'`, table).toEqual([]);
    await admin.run(activate, { input: { id: provider.id } });
    const { me } = await admin.run<{ me: { tenant: { id: string } } }>("{ me { tenant { id } } }");
    const start = "mutation ($input: StartSingleSignOnInput!) { startSingleSignOn(input: $input) { state } }";
    const begin = { tenantId: me.tenant.id, providerId: provider.id, redirectUrl: "https://app.example", codeChallenge: "x".repeat(43) };
    expect(await admin.refusal(start, { input: begin })).toBe("NOT_FOUND");
  });
});

describe("identity providers", () => {
  test("are created inactive, with the secret encrypted and never shown, audited, or in events", async () => {
    const tenant = await weft.tenant();
    const roleId = await roleIdOf(tenant, "viewer");
    const oidc = { ...inputOf().oidc, groupsClaim: "groups" };
    const input = inputOf({ name: " Acme ", oidc, roleMappings: [{ group: "staff", roleId }] });
    const { createIdentityProvider } = await tenant.admin.run<{ createIdentityProvider: { identityProvider: Provider } }>(create, {
      input,
    });
    expect(createIdentityProvider.identityProvider).toEqual({
      id: expect.stringMatching(/^idp_/) as string,
      kind: "OIDC",
      name: "Acme",
      status: "INACTIVE",
      oidc: {
        issuer,
        clientId: "weft",
        hasClientSecret: true,
        scopes: ["openid", "email", "profile"],
        emailClaim: "email",
        nameClaim: "name",
        groupsClaim: "groups",
      },
      createsUsers: false,
      acceptsUnverifiedEmail: false,
      redirectUrls: ["https://app.example/login"],
      roleMappings: [{ group: "staff", roleId }],
      version: 1,
    });
    for (const table of ["identity.identity_providers", "audit.entries", "events.log", "app.idempotency_keys"])
      expect(await owner`select 1 from ${owner(table)} t where t::text like '%a secret of the client%'`, table).toEqual([]);
    const events = await owner`select type from events.log where tenant_id = ${tenant.id} and type like 'identityProvider.%'`;
    expect(events.map(({ type }) => String(type))).toEqual(["identityProvider.created"]);
  });

  test("reject bad input at its path", async () => {
    const tenant = await weft.tenant();
    const { admin } = tenant;
    const oidc = { issuer, clientId: "weft" };
    const of = (more: object) => problemsOf(admin, create, inputOf(more));
    expect(await of({ name: " " })).toEqual(["BAD_USER_INPUT", ["input.name"]]);
    expect(await of({ oidc: null })).toEqual(["BAD_USER_INPUT", ["input.oidc"]]);
    for (const wrong of [
      "",
      "ftp://x.example",
      "https://10.0.0.1",
      "http://login.example",
      "https://login.example?tenant=1",
      "https://a:b@login.example",
    ])
      expect(await of({ oidc: { ...oidc, issuer: wrong } }), wrong).toEqual(["BAD_USER_INPUT", ["input.oidc.issuer"]]);
    expect(await of({ oidc: { ...oidc, clientId: "" } })).toEqual(["BAD_USER_INPUT", ["input.oidc.clientId"]]);
    expect(await of({ oidc: { ...oidc, scopes: ["a b"] } })).toEqual(["BAD_USER_INPUT", ["input.oidc.scopes.0"]]);
    expect(await of({ oidc: { ...oidc, groupsClaim: "" } })).toEqual(["BAD_USER_INPUT", ["input.oidc.groupsClaim"]]);
    expect(await of({ redirectUrls: [] })).toEqual(["BAD_USER_INPUT", ["input.redirectUrls"]]);
    for (const wrong of ["/login", "http://app.example", "javascript:alert(1)", "https://app.example/#x", "https://a@app.example"])
      expect(await of({ redirectUrls: ["https://app.example", wrong] }), wrong).toEqual(["BAD_USER_INPUT", ["input.redirectUrls.1"]]);
    const foreign = await roleIdOf(await weft.tenant(), "viewer");
    const grouped = { ...oidc, groupsClaim: "groups" };
    const ofVendors = await roleIdOf(tenant, "vendor_user");
    expect(await of({ oidc: grouped, roleMappings: [{ group: "g", roleId: ofVendors }] })).toEqual([
      "BAD_USER_INPUT",
      ["input.roleMappings.0.roleId"],
    ]);
    expect(await of({ oidc: grouped, roleMappings: [{ group: "g", roleId: foreign }] })).toEqual([
      "BAD_USER_INPUT",
      ["input.roleMappings.0.roleId"],
    ]);
    expect((await admin.refused(create, { input: inputOf({ oidc: { ...oidc, issuer: "http://login.example" } }) })).message).toBe(
      'input.oidc.issuer: The URL "http://login.example" cannot be called: only https:// is allowed.',
    );
    const wellKnown = { ...oidc, issuer: `${issuer}/.well-known/openid-configuration` };
    expect(await of({ oidc: wellKnown })).toEqual(["BAD_USER_INPUT", ["input.oidc.issuer"]]);
    await made(admin, { name: "Taken" });
    expect(await of({ name: "Taken" })).toEqual(["BAD_USER_INPUT", ["input.name"]]);
  });

  test("keep the stored secret only for the same issuer and client", async () => {
    const { admin } = await weft.tenant();
    const { id } = await made(admin);
    const updated = async (oidc: object) =>
      (await admin.run<{ updateIdentityProvider: { identityProvider: Provider } }>(update, { input: { id, oidc } })).updateIdentityProvider
        .identityProvider.oidc.hasClientSecret;
    expect(await updated({ issuer, clientId: "weft", scopes: ["email"] })).toBe(true);
    expect(await updated({ issuer, clientId: "another" })).toBe(false);
    expect(await updated({ issuer, clientId: "another", clientSecret: "x" })).toBe(true);
    expect(await updated({ issuer: `${issuer}/other`, clientId: "another" })).toBe(false);
  });

  test("cannot be managed by users who have fewer rights than somebody whom the provider could log in", async () => {
    const tenant = await weft.tenant();
    const input = { key: "logins", name: "Logins", permissions: [] as object[] };
    for (const permission of ["identityProvider.read", "identityProvider.manage", "user.read", "role.read"])
      input.permissions.push({ permission, scope: "TENANT" });
    await tenant.admin.run("mutation ($input: CreateRoleInput!) { createRole(input: $input) { role { id } } }", { input });
    const helper = await tenant.user("logins");
    expect(await helper.refusal(create, { input: inputOf() })).toBe("FORBIDDEN");
    const { id } = await made(tenant.admin);
    expect(await helper.refusal(update, { input: { id, oidc: { issuer, clientId: "mine" } } })).toBe("FORBIDDEN");
    expect(await helper.refusal(activate, { input: { id } })).toBe("FORBIDDEN");
    expect(
      await helper.refusal("mutation ($id: ID!) { setBreakGlass(input: { userId: $id, isBreakGlass: true }) { user { id } } }", {
        id: tenant.admin.id,
      }),
    ).toBe("FORBIDDEN");
    expect(await helper.refusal(addDomain, { input: { name: `${tenant.slug}.example` } })).toBe("FORBIDDEN");
    expect(await helper.run("{ identityProviders { edges { node { id } } } }")).toEqual({
      identityProviders: { edges: [{ node: { id } }] },
    });
  });

  test("name the claim of the groups that give roles, also after each change", async () => {
    const tenant = await weft.tenant();
    const roleMappings = [{ group: "staff", roleId: await roleIdOf(tenant, "viewer") }];
    const refused = ["BAD_USER_INPUT", ["input.oidc.groupsClaim"]];
    expect(await problemsOf(tenant.admin, create, inputOf({ roleMappings }))).toEqual(refused);
    const { id } = await made(tenant.admin);
    expect(await problemsOf(tenant.admin, update, { id, roleMappings })).toEqual(refused);
    const oidc = { issuer, clientId: "weft" };
    await tenant.admin.run(update, { input: { id, roleMappings, oidc: { ...oidc, groupsClaim: "groups" } } });
    expect(await problemsOf(tenant.admin, update, { id, oidc })).toEqual(refused);
  });

  test("cannot be managed with an API key, whatever it can do", async () => {
    const { admin } = await weft.tenant();
    const { id } = await made(admin);
    const key = "mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) { key } }";
    const permissions = ["identityProvider.read", "identityProvider.manage"].map((permission) => ({ permission, scope: "TENANT" }));
    const { createApiKey } = await admin.run<{ createApiKey: { key: string } }>(key, { input: { name: "Logins", permissions } });
    const program = new ApiClient(weft.url, createApiKey.key);
    for (const [mutation, input] of [
      [create, inputOf()],
      [update, { id, name: "Changed" }],
      [activate, { id }],
      [remove, { id }],
      [addDomain, { name: "acme.example" }],
    ] as const)
      expect((await program.send(mutation, { input })).errors?.[0]?.extensions?.code, mutation).toBe("FORBIDDEN");
    expect(await program.run("{ identityProviders { edges { node { id } } } }")).toEqual({
      identityProviders: { edges: [{ node: { id } }] },
    });
  });

  test("of two changes at the same version one succeeds", async () => {
    const { admin } = await weft.tenant();
    const { id, version } = await made(admin);
    const rename = (name: string) => admin.send(update, { input: { id, name, expectedVersion: version } });
    const codes = (await Promise.all([rename("One"), rename("Two")])).map(({ errors }) => errors?.[0]?.extensions?.code ?? "done");
    expect(codes.toSorted()).toEqual(["CONFLICT", "done"]);
  });

  test("are activated and deleted once", async () => {
    const { admin } = await weft.tenant();
    const { id } = await made(admin);
    const activated = { activateIdentityProvider: { identityProvider: { status: "ACTIVE", version: 2 } } };
    expect(await admin.run(activate, { input: { id } })).toEqual(activated);
    expect(await admin.run(activate, { input: { id } })).toEqual(activated);
    expect(await admin.refusal(remove, { input: { id, expectedVersion: 1 } })).toBe("CONFLICT");
    expect(await admin.run(remove, { input: { id } })).toEqual({ deleteIdentityProvider: { identityProviderId: id } });
    expect(await admin.refusal(remove, { input: { id } })).toBe("NOT_FOUND");
  });

  test("of another tenant do not exist", async () => {
    const [{ admin }, other] = [await weft.tenant(), await weft.tenant()];
    const { id } = await made(other.admin);
    for (const mutation of [activate, remove]) expect(await admin.refusal(mutation, { input: { id } })).toBe("NOT_FOUND");
    expect(await admin.refusal(update, { input: { id, name: "Mine" } })).toBe("NOT_FOUND");
    expect(await admin.refusal(check, { id })).toBe("NOT_FOUND");
    expect(await admin.run("{ identityProviders { edges { node { id } } } }")).toEqual({ identityProviders: { edges: [] } });
  });
});

describe("identity providers of the kind SAML", () => {
  const samlFields = `id kind version oidc { issuer } saml { entityId ssoUrl certificates { fingerprint subject expiresAt } subjectAttribute emailAttribute
    nameAttribute groupsAttribute verifiesEmail signsRequests serviceProvider { entityId acsUrl metadataUrl certificate } }`;
  const createSaml = `mutation ($input: CreateIdentityProviderInput!) { createIdentityProvider(input: $input) { identityProvider { ${samlFields} } } }`;
  const updateSaml = `mutation ($input: UpdateIdentityProviderInput!) { updateIdentityProvider(input: $input) { identityProvider { ${samlFields} } } }`;
  interface SamlProvider {
    readonly id: string;
    readonly saml: {
      readonly entityId: string;
      readonly certificates: readonly { readonly fingerprint: string; readonly expiresAt: string }[];
      readonly serviceProvider: { readonly certificate: string };
    };
  }
  const [entityId, ssoUrl] = ["urn:login:acme", "https://login.acme.example/saml?tenant=1"];
  let certificate: string;
  let another: string;
  beforeAll(async () => {
    [{ certificate }, { certificate: another }] = await Promise.all([newServiceProviderKey(), newServiceProviderKey()]);
  });

  const samlInput = (saml: object = {}, more: object = {}) =>
    inputOf({ oidc: null, saml: { entityId, ssoUrl, certificates: [certificate], ...saml }, ...more });
  const madeSaml = async (user: TestUser, saml: object = {}) =>
    (await user.run<{ createIdentityProvider: { identityProvider: SamlProvider } }>(createSaml, { input: samlInput(saml) }))
      .createIdentityProvider.identityProvider;
  const updatedSaml = async (user: TestUser, id: string, saml: object) =>
    (await user.run<{ updateIdentityProvider: { identityProvider: SamlProvider } }>(updateSaml, { input: { id, saml } }))
      .updateIdentityProvider.identityProvider;

  test("show what to enter at the provider, and their certificates, but never the key", async () => {
    const tenant = await weft.tenant();
    const provider = await madeSaml(tenant.admin);
    const { id } = provider;
    const { me } = await tenant.admin.run<{ me: { tenant: { id: string } } }>("{ me { tenant { id } } }");
    const address = `http://127.0.0.1:4000/sso/${me.tenant.id}/${id}`;
    const { fingerprint256, validToDate } = new X509Certificate(certificate);
    expect(provider).toEqual({
      id,
      kind: "SAML",
      version: 1,
      oidc: null,
      saml: {
        entityId,
        ssoUrl,
        certificates: [{ fingerprint: fingerprint256, subject: "CN=Weft", expiresAt: validToDate.toISOString() }],
        subjectAttribute: null,
        emailAttribute: null,
        nameAttribute: "name",
        groupsAttribute: null,
        verifiesEmail: false,
        signsRequests: false,
        serviceProvider: {
          entityId: `${address}/metadata`,
          acsUrl: `${address}/acs`,
          metadataUrl: `${address}/metadata`,
          certificate: expect.stringMatching(/^-----BEGIN CERTIFICATE-----\n[^-]+-----END CERTIFICATE-----\n$/) as string,
        },
      },
    });
    const key = new X509Certificate(provider.saml.serviceProvider.certificate).publicKey;
    expect([key.asymmetricKeyType, key.asymmetricKeyDetails?.modulusLength]).toEqual(["rsa", 2_048]);
    for (const table of ["identity.identity_providers", "audit.entries", "events.log", "app.idempotency_keys"])
      expect(await owner`select 1 from ${owner(table)} t where t::text like '%PRIVATE KEY%'`, table).toEqual([]);
  });

  test("are created from the provider's metadata document", async () => {
    const { admin } = await weft.tenant();
    const { saml } = await madeSaml(admin, { entityId: null, ssoUrl: null, certificates: null, metadata: samlProviderMetadata });
    expect(saml).toMatchObject({ entityId: "https://login.example/saml", ssoUrl: "https://login.example/redirect" });
    expect(saml.certificates).toHaveLength(1);
  });

  test("take no expired certificate from a metadata document, unless it has no other", async () => {
    const { admin } = await weft.tenant();
    const { certificate: expired } = await newServiceProviderKey(new Date("2000-01-01"));
    const old = `<ds:X509Certificate>${expired.replace(/-----[A-Z ]+-----|\s/g, "")}</ds:X509Certificate>`;
    const of = { entityId: null, ssoUrl: null, certificates: null };
    const both = samlProviderMetadata.replace("<ds:X509Data>", `$&${old.repeat(4)}`);
    expect((await madeSaml(admin, { ...of, metadata: both })).saml.certificates).toHaveLength(1);
    const only = samlProviderMetadata.replace(/<ds:X509Certificate>[^<]+<\/ds:X509Certificate>/, old);
    expect(await problemsOf(admin, createSaml, samlInput({ ...of, metadata: only }))).toEqual(["BAD_USER_INPUT", ["input.saml.metadata"]]);
  });

  test("cost no new key if the call is refused or repeated", async () => {
    const { admin } = await weft.tenant();
    const made = vi.spyOn(crypto.subtle, "generateKey");
    onTestFinished(() => made.mockRestore());
    const input = { ...samlInput(), idempotencyKey: "saml-1" };
    const created = async () =>
      (await admin.run<{ createIdentityProvider: { identityProvider: SamlProvider } }>(createSaml, { input })).createIdentityProvider
        .identityProvider;
    const [first, again] = [await created(), await created()];
    expect(again).toEqual(first);
    const roleMappings = [{ group: "g", roleId: "rol_00000000000000000000000000" }];
    expect(await problemsOf(admin, createSaml, samlInput({ groupsAttribute: "groups" }, { roleMappings }))).toEqual([
      "BAD_USER_INPUT",
      ["input.roleMappings.0.roleId"],
    ]);
    expect(made).toHaveBeenCalledTimes(1);
  });

  test("reject documents that are none, or not safe to read, and say why", async () => {
    const { admin } = await weft.tenant();
    const problemOf = async (metadata: string) => {
      const input = inputOf({ oidc: null, saml: { metadata } });
      const { extensions } = await admin.refused(createSaml, { input });
      const problems = (extensions?.["problems"] ?? []) as { path: string; message: string }[];
      expect(new Set(problems.map(({ path }) => path)), metadata.slice(0, 100)).toEqual(new Set(["input.saml.metadata"]));
      return problems[0]?.message;
    };
    const of = (from: string | RegExp, to: string) => problemOf(samlProviderMetadata.replace(from, to));
    expect(await problemOf("not XML")).toContain("cannot be read");
    expect(await problemOf("<a><b></a>")).toContain("cannot be read");
    expect(await problemOf('<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>')).toContain("document type");
    expect(await problemOf("<a/>")).toContain("EntityDescriptor");
    expect(await problemOf(`${samlProviderMetadata}${" ".repeat(200_000)}`)).toContain("longer than");
    expect(await of(/IDPSSODescriptor/g, "SPSSODescriptor")).toContain("no IDPSSODescriptor");
    expect(await of("HTTP-Redirect", "HTTP-Artifact")).toContain("HTTP-Redirect");
    expect(await of('use="signing"', 'use="encryption"')).toContain("no X509Certificate");
    expect(await of("https://login.example/redirect", "javascript:alert(1)")).toContain("https://");
    for (const character of ["&#0;", "&#xD800;", "&#10;"])
      expect(await of("https://login.example/redirect", `https://login.example/${character}x`), character).toContain("characters");
    expect(await problemOf(`${samlProviderMetadata}and more`)).toContain("outside");
    expect(await of(/<ds:X509Certificate>\s*\S/, "<ds:X509Certificate>")).toContain("X.509");
  });

  test("reject bad input at its path", async () => {
    const { admin } = await weft.tenant();
    const of = (saml: object, more: object = {}) => problemsOf(admin, createSaml, samlInput(saml, more));
    const at = (...paths: string[]) => ["BAD_USER_INPUT", paths.map((path) => `input.${path}`)];
    expect(await of({}, { oidc: { issuer, clientId: "weft" } })).toEqual(at("saml"));
    expect(await of({ metadata: samlProviderMetadata })).toEqual(at("saml.entityId"));
    expect(await of({ entityId: " " })).toEqual(at("saml.entityId"));
    for (const wrong of [
      "",
      "/saml",
      "http://login.acme.example",
      "javascript:alert(1)",
      "https://a:b@login.example",
      "https://x.example?SAMLRequest=1",
    ])
      expect(await of({ ssoUrl: wrong }), wrong).toEqual(at("saml.ssoUrl"));
    expect(await of({ certificates: [] })).toEqual(at("saml.certificates"));
    expect(await of({ certificates: Array.from({ length: 4 }, () => certificate) })).toEqual(at("saml.certificates"));
    const { certificate: expired } = await newServiceProviderKey(new Date("2000-01-01"));
    const weak = await certificateOf({ ...rsa, modulusLength: 1_024 });
    const elliptic = await certificateOf({ name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" });
    for (const wrong of ["", "no certificate", "MIIB", `${certificate}${another}`, expired, weak, elliptic])
      expect(await of({ certificates: [certificate, wrong] }), wrong).toEqual(at("saml.certificates.1"));
    for (const field of ["subjectAttribute", "emailAttribute", "nameAttribute", "groupsAttribute"])
      expect(await of({ [field]: "" }), field).toEqual(at(`saml.${field}`));
    const roleMappings = [{ group: "g", roleId: "rol_00000000000000000000000000" }];
    expect(await of({}, { roleMappings })).toEqual(at("saml.groupsAttribute"));
  });

  test("keep their key and their kind, whatever else changes", async () => {
    const { admin } = await weft.tenant();
    const before = await madeSaml(admin);
    const after = await updatedSaml(admin, before.id, { entityId: "urn:another", ssoUrl, certificates: [certificate, another, another] });
    expect(after.saml.entityId).toBe("urn:another");
    expect(after.saml.certificates).toHaveLength(2);
    expect(after.saml.serviceProvider).toEqual(before.saml.serviceProvider);
    expect(await problemsOf(admin, update, { id: before.id, oidc: { issuer, clientId: "weft" } })).toEqual([
      "BAD_USER_INPUT",
      ["input.oidc"],
    ]);
    const { id } = await made(admin);
    const saml = { entityId, ssoUrl, certificates: [certificate] };
    expect(await problemsOf(admin, updateSaml, { id, saml })).toEqual(["BAD_USER_INPUT", ["input.saml"]]);
  });

  test("are tested by the dates of their certificates, without asking the provider", async () => {
    const { admin } = await weft.tenant();
    const { id } = await madeSaml(admin);
    const tested = async () => (await admin.run<{ testIdentityProvider: object }>(check, { id })).testIdentityProvider;
    const usable = { isReachable: true, problem: null, authorizationUrl: ssoUrl, supportedScopes: [], logsOut: false };
    expect(await tested()).toEqual(usable);
    const began = new Date();
    began.setUTCFullYear(began.getUTCFullYear() - 10);
    const { certificate: ending } = await newServiceProviderKey(new Date(began.getTime() + 86_400_000));
    await updatedSaml(admin, id, { entityId, ssoUrl, certificates: [ending] });
    expect(await tested()).toEqual({ ...usable, problem: expect.stringContaining("expires on") as string });
    const { certificate: expired } = await newServiceProviderKey(new Date("2000-01-01"));
    await owner`update identity.identity_providers set configuration = jsonb_set(configuration, '{certificates}', ${owner.json([expired])})
      where id = ${parseAnyId(id)?.uuid ?? ""}`;
    expect(await tested()).toEqual({ ...usable, problem: expect.stringContaining("expired on 2010-01-01") as string });
  });
});

describe("testIdentityProvider", () => {
  const endpoints = () => ({
    issuer,
    authorization_endpoint: `${issuer}/auth`,
    token_endpoint: `${issuer}/token`,
    jwks_uri: `${issuer}/keys`,
  });
  const tested = async (answer: object | string) => {
    const { admin } = await weft.tenant();
    const { id } = await made(admin);
    discovery = answer;
    return (await admin.run<{ testIdentityProvider: { isReachable: boolean; problem: string | null } }>(check, { id }))
      .testIdentityProvider;
  };

  test("says what the provider supports", async () => {
    expect(await tested({ ...endpoints(), scopes_supported: ["openid"], backchannel_logout_supported: true })).toEqual({
      isReachable: true,
      problem: null,
      authorizationUrl: `${issuer}/auth`,
      supportedScopes: ["openid"],
      logsOut: true,
    });
  });

  test("says what is wrong, without what the provider answered", { tags: "slow" }, async () => {
    const problems = [
      await tested({ ...endpoints(), issuer: "https://another.example" }),
      await tested({ ...endpoints(), token_endpoint: undefined }),
      await tested({ ...endpoints(), code_challenge_methods_supported: ["plain"] }),
      await tested("<html>A secret page</html>"),
      await tested(`{"issuer": "${"x".repeat(300_000)}"}`),
      await tested({ ...endpoints(), scopes_supported: 7 }),
      await tested({ ...endpoints(), code_challenge_methods_supported: { S256: true } }),
      await tested({ ...endpoints(), jwks_uri: "ftp://keys.example" }),
      await tested({ ...endpoints(), authorization_endpoint: `${issuer}/auth?state=mine` }),
    ];
    expect(problems.map(({ isReachable }) => isReachable)).toEqual(problems.map(() => false));
    expect(problems.map(({ problem }) => problem)).toEqual([
      expect.stringContaining("is not valid"),
      "The discovery document has no token_endpoint.",
      "The provider does not support PKCE with S256.",
      expect.not.stringContaining("secret page"),
      expect.stringContaining("longer than"),
      expect.stringContaining("scopes_supported has the wrong type"),
      expect.stringContaining("code_challenge_methods_supported has the wrong type"),
      expect.stringContaining("jwks_uri is not a URL with https"),
      expect.stringContaining("authorization_endpoint contains the parameter state"),
    ]);
  });
});

describe("domains", () => {
  interface Added {
    readonly addDomain: {
      readonly domain: { readonly id: string; readonly name: string; readonly record: { name: string; value: string } };
    };
  }
  const added = async ({ admin }: TestTenant, name: string) => (await admin.run<Added>(addDomain, { input: { name } })).addDomain.domain;
  const verified = async ({ admin }: TestTenant, id: string) =>
    (await admin.run<{ verifyDomain: { domain: { isVerified: boolean }; problem: string | null } }>(verify, { id })).verifyDomain;

  test("are verified by a TXT record, and no longer once it is gone", async () => {
    const tenant = await weft.tenant();
    const { id, record, name } = await added(tenant, ` ${tenant.slug.toUpperCase()}.Example. `);
    expect([name, record.name]).toEqual([`${tenant.slug}.example`, `_weft-challenge.${tenant.slug}.example`]);
    expect(await verified(tenant, id)).toEqual({ domain: { isVerified: false }, problem: expect.stringContaining(record.value) as string });
    names.texts.set(record.name, ["v=spf1 -all", `${record.value}x`]);
    expect((await verified(tenant, id)).domain.isVerified).toBe(false);
    names.texts.set(record.name, ["v=spf1 -all", record.value]);
    expect(await verified(tenant, id)).toEqual({ domain: { isVerified: true }, problem: null });
    names.texts.delete(record.name);
    expect((await verified(tenant, id)).domain.isVerified).toBe(false);
    const actions = await owner`select action from audit.entries where tenant_id = ${tenant.id} and entity_type = 'domain' order by id`;
    expect(actions.map(({ action }) => String(action))).toEqual(["domain.create", "domain.verify", "domain.verify"]);
  });

  test("stay verified while the name servers do not answer", async () => {
    const tenant = await weft.tenant();
    const { id, record } = await added(tenant, `${tenant.slug}.example`);
    names.texts.set(record.name, [record.value]);
    await verified(tenant, id);
    names.isBroken = true;
    const answer = await verified(tenant, id);
    names.isBroken = false;
    expect(answer).toEqual({ domain: { isVerified: true }, problem: expect.stringContaining("do not answer") as string });
  });

  describe("that are verified are checked every day:", () => {
    const check = (tenant: TestTenant) => dueDomains(weft.weft.services).run(tenant.id, 10, new AbortController().signal);
    const makeDue = (tenant: TestTenant, missingDays = 0) =>
      owner`update identity.domains set due_at = now() - interval '1 minute', checked_at = null,
          missing_since = missing_since - make_interval(days => ${missingDays}) where tenant_id = ${tenant.id}`;
    const stateOf = async (tenant: TestTenant) =>
      (
        await owner`select verified_at is not null as verified, missing_since is not null as missing, checked_at is not null as checked,
          due_at > now() + interval '23 hours' as daily, due_at > now() + interval '5 hours' as later, due_at is null as never, version
          from identity.domains where tenant_id = ${tenant.id}`
      )[0];
    /** Checks the domain of a tenant again, some days later. The worker of the installation can be faster. */
    const recheck = async (tenant: TestTenant, missingDays = 0) => {
      await makeDue(tenant, missingDays);
      await check(tenant);
      await until(async () => (await stateOf(tenant))?.["checked"] === true, { what: "the domain was checked" });
    };
    const subjects = async (tenant: TestTenant) =>
      (await tenant.mails(tenant.admin.login)).map(({ subject }) => subject).filter((subject) => subject.includes(".example"));
    const verifiedTenant = async () => {
      const tenant = await weft.tenant();
      const domain = await added(tenant, `${tenant.slug}.example`);
      names.texts.set(domain.record.name, [domain.record.value]);
      await verified(tenant, domain.id);
      return { tenant, ...domain };
    };

    test("one whose record is there stays verified, and nobody is told", async () => {
      const { tenant } = await verifiedTenant();
      expect(await stateOf(tenant)).toMatchObject({ verified: true, missing: false, daily: true, version: 2 });
      await recheck(tenant);
      expect(await stateOf(tenant)).toMatchObject({ verified: true, missing: false, daily: true, version: 2 });
      expect(await subjects(tenant)).toEqual([]);
    });

    test("one whose record is missing stays verified for a week, of which administrators are told once, and then no longer is", async () => {
      const { tenant, id, name, record } = await verifiedTenant();
      names.texts.set(record.name, ["v=spf1 -all"]);
      await recheck(tenant);
      expect(await stateOf(tenant)).toMatchObject({ verified: true, missing: true, later: true, daily: false });
      await recheck(tenant, 6);
      expect(await stateOf(tenant)).toMatchObject({ verified: true, missing: true });
      expect(await subjects(tenant)).toEqual([`The DNS record of ${name} is missing`]);
      await recheck(tenant, 2);
      expect(await stateOf(tenant)).toMatchObject({ verified: false, missing: false, never: true });
      expect(await subjects(tenant)).toEqual([`The DNS record of ${name} is missing`, `${name} is no longer verified`]);
      const [entry] =
        await owner`select actor_id from audit.entries where tenant_id = ${tenant.id} and action = 'domain.verify' order by id desc`;
      expect(entry?.["actor_id"]).toBe("00000000-0000-0000-0000-000000000000");
      const events = await owner`select payload from events.log where tenant_id = ${tenant.id} and type = 'domain.updated'`;
      expect(events.map(({ payload }) => payload as unknown)).toEqual([{ changed: ["verifiedAt"] }, { changed: ["verifiedAt"] }]);
      names.texts.set(record.name, [record.value]);
      expect((await verified(tenant, id)).problem).toBeNull();
    });

    test("one whose record is back is no longer missing", async () => {
      const { tenant, record } = await verifiedTenant();
      names.texts.delete(record.name);
      await recheck(tenant);
      const missingSince = "{ domains { edges { node { missingSince } } } }";
      expect(await tenant.admin.run(missingSince)).toEqual({
        domains: { edges: [{ node: { missingSince: expect.any(String) as string } }] },
      });
      names.texts.set(record.name, [record.value]);
      await recheck(tenant, 30);
      expect(await stateOf(tenant)).toMatchObject({ verified: true, missing: false, daily: true });
    });

    test("one whose name servers do not answer stays as it is, and is due again in an hour", async () => {
      const { tenant } = await verifiedTenant();
      names.isBroken = true;
      await makeDue(tenant);
      await check(tenant);
      await until(
        async () =>
          (await owner`select 1 from identity.domains where tenant_id = ${tenant.id} and due_at > now() + interval '50 minutes'`).length >
          0,
        { what: "the domain is due again later" },
      );
      expect(await stateOf(tenant)).toMatchObject({ verified: true, missing: false, checked: false, later: false });
      names.isBroken = false;
    });

    test("several workers check one once, and find it by themselves", { tags: "slow" }, async () => {
      const { tenant, record, name } = await verifiedTenant();
      names.texts.delete(record.name);
      await makeDue(tenant);
      await Promise.all([check(tenant), check(tenant), check(tenant)]);
      await until(async () => (await stateOf(tenant))?.["missing"] === true, { what: "the domain was checked" });
      expect(await subjects(tenant)).toEqual([`The DNS record of ${name} is missing`]);
      names.texts.set(record.name, [record.value]);
      await makeDue(tenant);
      await until(async () => (await stateOf(tenant))?.["missing"] === false, { what: "the worker found the domain" });
    });
  });

  test("belong to one tenant, and others do not learn which", async () => {
    const [tenant, other] = [await weft.tenant(), await weft.tenant()];
    const name = `${tenant.slug}.example`;
    const [mine, theirs] = [await added(tenant, name), await added(other, name)];
    names.texts.set(mine.record.name, [mine.record.value, theirs.record.value]);
    const answers = await Promise.all([tenant, other].map(({ admin }, at) => admin.send(verify, { id: [mine, theirs][at]?.id })));
    expect(answers.map(({ errors }) => errors?.[0]?.extensions?.code ?? "done").toSorted()).toEqual(["CONFLICT", "done"]);
    const message = answers.flatMap(({ errors = [] }) => errors)[0]?.message ?? "";
    expect(message).toBe(`The domain "${name}" cannot be verified, because another organization has verified it.`);
    for (const each of [tenant, other])
      await each.admin.run("mutation ($id: ID!) { removeDomain(input: { id: $id }) { id } }", {
        id: each === tenant ? mine.id : theirs.id,
      });
    const again = await added(other, name);
    names.texts.set(again.record.name, [again.record.value]);
    expect((await verified(other, again.id)).problem).toBeNull();
  });

  test("pass to the tenant that can prove them, once the record of the other one is gone", async () => {
    const [tenant, other] = [await weft.tenant(), await weft.tenant()];
    const name = `${tenant.slug}.example`;
    const [mine, theirs] = [await added(tenant, name), await added(other, name)];
    names.texts.set(mine.record.name, [mine.record.value]);
    expect((await verified(tenant, mine.id)).domain.isVerified).toBe(true);
    // Without a record of their own, others cannot take it from anybody.
    names.texts.set(mine.record.name, ["v=spf1 -all"]);
    expect((await verified(other, theirs.id)).domain.isVerified).toBe(false);
    const isMine = async () =>
      (await tenant.admin.run<{ domains: { edges: { node: { isVerified: boolean } }[] } }>("{ domains { edges { node { isVerified } } } }"))
        .domains.edges[0]?.node.isVerified;
    expect(await isMine()).toBe(true);
    names.texts.set(mine.record.name, [theirs.record.value]);
    expect(await verified(other, theirs.id)).toEqual({ domain: { isVerified: true }, problem: null });
    expect(await isMine()).toBe(false);
    const [entry] =
      await owner`select actor_id from audit.entries where tenant_id = ${tenant.id} and action = 'domain.verify' order by id desc`;
    expect(entry?.["actor_id"]).toBe("00000000-0000-0000-0000-000000000000");
  });

  test("have names that are not only labels, addresses, or something else", async () => {
    const { admin } = await weft.tenant();
    for (const name of [
      "",
      "localhost",
      "com",
      "10.0.0.1",
      "a b.example",
      "*.example.com",
      "https://acme.example",
      `${"a".repeat(64)}.example`,
      "a..example",
    ])
      expect(await problemsOf(admin, addDomain, { name }), name).toEqual(["BAD_USER_INPUT", ["input.name"]]);
    const { addDomain: international } = await admin.run<Added>(addDomain, { input: { name: "Bücher.example" } });
    expect(international.domain.name).toBe("xn--bcher-kva.example");
    expect(await problemsOf(admin, addDomain, { name: "bücher.example" })).toEqual(["BAD_USER_INPUT", ["input.name"]]);
  });

  test("of another tenant do not exist", async () => {
    const [{ admin }, other] = [await weft.tenant(), await weft.tenant()];
    const { id } = await added(other, `${other.slug}.example`);
    expect(await admin.refusal(verify, { id })).toBe("NOT_FOUND");
    expect(await admin.refusal("mutation ($id: ID!) { removeDomain(input: { id: $id }) { id } }", { id })).toBe("NOT_FOUND");
    expect(await admin.run("{ domains { edges { node { id } } } }")).toEqual({ domains: { edges: [] } });
  });
});
