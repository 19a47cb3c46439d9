import { randomUUID } from "node:crypto";
import { parseAnyId } from "@weft/shared/ids";
import {
  addPasskey,
  ApiClient,
  type ApiResult,
  enrolTotp,
  localhostTls,
  rememberSecret,
  SoftwareAuthenticator,
  startTestWeft,
  type TestTenant,
  type TestUser,
  type TestWeft,
} from "@weft/testkit";
import { postgres, type Sql } from "@weft/pg-driver";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type NameServer, startNameServer } from "../domains/name-server.fixture.js";
import { newServiceProviderKey } from "../identity-providers/saml-key.js";
import { verifyDomainOf } from "../single-sign-on/single-sign-on.fixture.js";
import { type Person, Slapd } from "./slapd.fixture.js";

// A real server, OpenLDAP. Passwords are limited in production only.

let slapd: Slapd;
let names: NameServer;
let weft: TestWeft;
let owner: Sql;

beforeAll(async () => {
  [slapd, names] = await Promise.all([Slapd.start(localhostTls), startNameServer()]);
  weft = await startTestWeft({
    settings: {
      WEFT_MODE: "production",
      WEFT_PUBLIC_URL: "https://app.example",
      SMTP_URL: "smtp://127.0.0.1:9",
      WEFT_TRUSTED_PROXIES: "127.0.0.1",
      WEFT_DNS_SERVERS: names.address,
      WEFT_OUTBOUND_ALLOWED: `${slapd.hosts},localhost:9,127.0.0.1:9`,
    },
  });
  owner = postgres(weft.database.ownerUrl, { max: 1, onnotice: () => undefined });
  rememberSecret(weft.url, slapd.searcherPassword);
});
afterAll(async () => {
  await owner?.end();
  await weft?.stop();
  await Promise.all([slapd?.stop(), names?.close()]);
});

interface Directory {
  readonly id: string;
  readonly tenantId: string;
}

const create =
  "mutation ($input: CreateIdentityProviderInput!) { createIdentityProvider(input: $input) { identityProvider { id ldap { url hasBindPassword } } } }";
const activate = "mutation ($id: ID!) { activateIdentityProvider(input: { id: $id }) { identityProvider { status } } }";
const update = "mutation ($input: UpdateIdentityProviderInput!) { updateIdentityProvider(input: $input) { identityProvider { id } } }";
const check = "mutation ($id: ID!) { testIdentityProvider(input: { id: $id }) { isReachable problem } }";
const setSecurity = "mutation ($input: UpdateConfigurationInput!) { updateConfiguration(input: $input) { configuration { version } } }";

/** Connects the directory to a tenant, whose domain is verified. */
async function connect({ admin }: TestTenant, { ldap = {}, ...more }: Readonly<Record<string, unknown>> = {}): Promise<Directory> {
  const input = { name: `Directory ${randomUUID()}`, ldap: slapd.settings(ldap as object), redirectUrls: [], createsUsers: true, ...more };
  const made = await admin.run<{ createIdentityProvider: { identityProvider: { id: string } } }>(create, { input });
  const { id } = made.createIdentityProvider.identityProvider;
  await admin.run(activate, { id });
  const { me } = await admin.run<{ me: { tenant: { id: string } } }>("{ me { tenant { id } } }");
  return { id, tenantId: me.tenant.id };
}

async function aTenant(options?: Parameters<typeof connect>[1]) {
  const tenant = await weft.tenant();
  await verifyDomainOf(tenant, names);
  return { tenant, directory: await connect(tenant, options), domain: `${tenant.slug}.example` };
}

interface Session {
  readonly accessToken: string;
  readonly refreshToken: string;
  readonly deviceToken: string;
  readonly mustEnrolSecondFactor: boolean;
  readonly user: {
    readonly id: string;
    readonly name: string;
    readonly email: string;
    readonly roles: readonly { readonly key: string }[];
  };
}

const loginMutation = `mutation ($input: LoginWithDirectoryInput!) { session: loginWithDirectory(input: $input) {
  accessToken refreshToken deviceToken mustEnrolSecondFactor user { id name email roles { key } } } }`;

let client = 0;
const anAddress = (): string => `10.${(++client >> 8) & 255}.${client & 255}.1`;

/** Sends a mutation without a session, by default from an address of its own. */
async function send<Data>(query: string, input: object, address = anAddress()): Promise<ApiResult<Data>> {
  const response = await fetch(`${weft.url}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json", "x-forwarded-for": address },
    body: JSON.stringify({ query, variables: { input } }),
  });
  return (await response.json()) as ApiResult<Data>;
}

const logIn = (
  { id: providerId, tenantId }: Directory,
  login: string,
  password: string,
  { address, ...more }: { address?: string; deviceToken?: string } = {},
) => send<{ session: Session }>(loginMutation, { tenantId, providerId, login, password, ...more }, address);

const codeOf = ({ errors }: Pick<ApiResult<unknown>, "errors">) => errors?.[0]?.extensions?.code ?? "done";
const attempt = async (...given: Parameters<typeof logIn>) => codeOf(await logIn(...given));

async function sessionOf(directory: Directory, person: Person): Promise<Session> {
  rememberSecret(weft.url, person.password);
  const { data, errors } = await logIn(directory, person.uid, person.password);
  if (!data) throw new Error(JSON.stringify(errors));
  return data.session;
}

const as = ({ accessToken }: Session) => new ApiClient(weft.url, accessToken) as TestUser;
const uuidOf = (id: string): string => parseAnyId(id)?.uuid ?? "";
const setSetting = ({ admin }: TestTenant, security: object) =>
  admin.run(setSecurity, { input: { patch: { security }, message: "A test" } });
const refreshOf = ({ refreshToken }: Session) =>
  send<{ session: Session }>(
    "mutation ($input: RefreshSessionInput!) { session: refreshSession(input: $input) { accessToken refreshToken } }",
    { refreshToken },
  );

describe.concurrent("a login with a directory", () => {
  test("creates a user of a verified domain at the first time, and finds the same user afterwards by uid or address", async () => {
    const { directory, domain } = await aTenant();
    const ada = await slapd.person(domain);
    const first = await sessionOf(directory, ada);
    expect(first.user).toMatchObject({ name: "Ada Lovelace", email: ada.mail, roles: [] });
    expect(first.mustEnrolSecondFactor).toBe(false);
    expect(codeOf(await as(first).send("{ me { id } }"))).toBe("done");
    await slapd.set(ada, "mail", [`other@${domain}`]);
    const second = await logIn(directory, `OTHER@${domain}`, ada.password);
    expect(second.data?.session.user).toMatchObject({ id: first.user.id, email: ada.mail });
    const [session] = await owner`select factors, provider_id from identity.sessions where user_id = ${uuidOf(first.user.id)} limit 1`;
    expect({ ...session }).toEqual({ factors: ["DIRECTORY"], provider_id: uuidOf(directory.id) });
  });

  test("does not create users of other domains, or without createsUsers", async () => {
    const [open, closed] = [await aTenant(), await aTenant({ createsUsers: false })];
    const [stranger, ada] = [await slapd.person("elsewhere.example"), await slapd.person(closed.domain)];
    expect(await attempt(open.directory, stranger.uid, stranger.password)).toBe("UNAUTHENTICATED");
    expect(await attempt(closed.directory, ada.uid, ada.password)).toBe("UNAUTHENTICATED");
  });

  test("links a user who has the address, if the directory verifies addresses", async () => {
    const [{ tenant, directory, domain }, loose] = [await aTenant(), await aTenant({ ldap: { verifiesEmail: false } })];
    const known = async (at: TestTenant, email: string) => {
      const inputs = { email, name: "Known before", password: `a password ${randomUUID()}` };
      const made = await at.admin.run<{ createUser: { user: { id: string } } }>(
        "mutation ($input: CreateUserInput!) { createUser(input: $input) { user { id } } }",
        { input: inputs },
      );
      return made.createUser.user.id;
    };
    const [ada, bob] = [await slapd.person(domain), await slapd.person(loose.domain)];
    const id = await known(tenant, ada.mail);
    await known(loose.tenant, bob.mail);
    expect((await sessionOf(directory, ada)).user).toMatchObject({ id, name: "Known before" });
    expect(await attempt(loose.directory, bob.uid, bob.password)).toBe("UNAUTHENTICATED");
  });

  test("gives the same answer to every wrong login, and asks the directory nothing about empty passwords", async () => {
    const { directory, domain } = await aTenant();
    const [ada, eve] = [await slapd.person(domain), await slapd.person(domain, { employeeType: "left" })];
    const one = await slapd.person(domain, { uid: "two-of-them" });
    await slapd.person(domain, { uid: "two-of-them" });
    const wrong: [string, string, string][] = [
      ["wrong password", ada.uid, "not the password"],
      ["unknown user", "nobody", ada.password],
      ["empty password", ada.uid, ""],
      ["long password", ada.uid, "x".repeat(300)],
      ["no name", "", ada.password],
      ["filter injection", "*)(uid=*", ada.password],
      ["closing the filter", `${ada.uid})(|(uid=*`, ada.password],
      ["wildcard", "*", ada.password],
      ["prefix", `${ada.uid.slice(0, -1)}*`, ada.password],
      ["escaped wildcard", "\\2a", ada.password],
      ["distinguished name", ada.dn, ada.password],
      ["injected distinguished name", `${ada.uid},ou=people,dc=acme,dc=example`, ada.password],
      ["two entries", "two-of-them", one.password],
      ["no longer matched by the filter", eve.uid, eve.password],
    ];
    const answers = await Promise.all(
      wrong.map(async ([what, login, password]) => [what, (await logIn(directory, login, password)).errors?.[0]] as const),
    );
    for (const [what, error] of answers) {
      expect([what, error?.extensions?.code]).toEqual([what, "UNAUTHENTICATED"]);
      expect([what, error?.message]).toEqual([what, answers[0]?.[1]?.message]);
    }
    expect(await attempt(directory, ada.uid, ada.password)).toBe("done");
  });

  test("takes as long for users that the directory does not know", async () => {
    const { directory, domain } = await aTenant();
    const ada = await slapd.person(domain);
    await attempt(directory, ada.uid, "not the password");
    const timed = async (login: string): Promise<number> => {
      const began = performance.now();
      await attempt(directory, login, "not the password");
      return performance.now() - began;
    };
    const times = await Promise.all([timed(ada.uid), timed(ada.uid), timed("nobody"), timed("nobody else")]);
    expect(Math.min(...times)).toBeGreaterThanOrEqual(500);
  });

  test("adds and removes the roles of groups that a search finds, or that the entry names", async () => {
    const tenant = await weft.tenant();
    await verifyDomainOf(tenant, names);
    const { roles } = await tenant.admin.run<{ roles: { edges: { node: { id: string; key: string } }[] } }>(
      "{ roles(first: 50) { edges { node { id key } } } }",
    );
    const viewer = roles.edges.find(({ node }) => node.key === "viewer")?.node.id ?? "";
    const ada = await slapd.person(`${tenant.slug}.example`);
    const cn = `group (${randomUUID()})*`;
    const other = await slapd.person(`${tenant.slug}.example`);
    const group = await slapd.group(cn, [ada]);
    const byName = await connect(tenant, { roleMappings: [{ group: cn, roleId: viewer }] });
    expect((await sessionOf(byName, ada)).user.roles).toEqual([{ key: "viewer" }]);
    await slapd.set(group, "member", [other.dn]);
    expect((await sessionOf(byName, ada)).user.roles).toEqual([]);
    await slapd.set(group, "member", [other.dn, ada.dn]);
    const byEntry = await connect(tenant, {
      ldap: { groupSearchBase: null, groupFilter: null, groupsAttribute: "memberOf" },
      roleMappings: [{ group: group.dn, roleId: viewer }],
    });
    expect((await sessionOf(byEntry, other)).user.roles).toEqual([{ key: "viewer" }]);
  });

  test("needs an active directory of the tenant, and the tenant itself", async () => {
    const [acme, other] = [await aTenant(), await aTenant()];
    const ada = await slapd.person(acme.domain);
    const mixed = { id: acme.directory.id, tenantId: other.directory.tenantId };
    expect(await attempt(mixed, ada.uid, ada.password)).toBe("NOT_FOUND");
    expect(await attempt({ ...mixed, id: other.directory.id }, ada.uid, ada.password)).toBe("UNAUTHENTICATED");
    await acme.tenant.admin.run("mutation ($id: ID!) { deactivateIdentityProvider(input: { id: $id }) { identityProvider { id } } }", {
      id: acme.directory.id,
    });
    expect(await attempt(acme.directory, ada.uid, ada.password)).toBe("NOT_FOUND");
    await owner`update identity.tenants set status = 'SUSPENDED' where tenant_id = ${uuidOf(other.directory.tenantId)}`;
    const eve = await slapd.person(other.domain);
    expect(await attempt(other.directory, eve.uid, "not the password")).toBe("UNAUTHENTICATED");
    expect(await attempt(other.directory, eve.uid, eve.password)).toBe("TENANT_SUSPENDED");
  });

  test("of a disabled user is refused like a wrong password", async () => {
    const { tenant, directory, domain } = await aTenant();
    const ada = await slapd.person(domain);
    const { user } = await sessionOf(directory, ada);
    await tenant.admin.run("mutation ($id: ID!) { deactivateUser(input: { id: $id }) { user { id } } }", { id: user.id });
    expect(await attempt(directory, ada.uid, ada.password)).toBe("UNAUTHENTICATED");
  });
});

describe.concurrent("guesses at the password of a directory", () => {
  test("are limited as those of a password of Weft, and do not keep a known device out", async () => {
    const { directory, domain } = await aTenant();
    const ada = await slapd.person(domain);
    const { deviceToken } = await sessionOf(directory, ada);
    const address = anAddress();
    const codes = await Promise.all(
      Array.from({ length: 11 }, (_, number) => attempt(directory, ada.mail, `guess ${number}`, { address })),
    );
    expect(codes.toSorted()).toEqual(["RATE_LIMITED", ...Array.from({ length: 10 }, () => "UNAUTHENTICATED")]);
    expect(await attempt(directory, ada.mail, ada.password, { address })).toBe("RATE_LIMITED");
    expect(await attempt(directory, ada.mail, ada.password, { address, deviceToken })).toBe("done");
    expect(await attempt(directory, "somebody else", "x", { address, deviceToken })).toBe("UNAUTHENTICATED");
  });

  test("are counted for the account, however its name is spelled, which nobody notices", async () => {
    const { directory, domain } = await aTenant();
    const spellings = Array.from({ length: 12 }, () => `name-${randomUUID()}`);
    const ada = await slapd.person(domain, { uid: spellings });
    const address = anAddress();
    for (const login of spellings.slice(0, 10)) await attempt(directory, login, "guess", { address });
    expect(await attempt(directory, spellings[11] ?? "", ada.password, { address })).toBe("UNAUTHENTICATED");
    expect(await attempt(directory, spellings[11] ?? "", ada.password)).toBe("done");
  });

  test("are not helped by the device of somebody who has the same name in Weft", async () => {
    const { tenant, directory, domain } = await aTenant();
    const [ada, eve] = [await slapd.person(domain), await slapd.person(domain)];
    const { deviceToken, user } = await sessionOf(directory, eve);
    await tenant.admin.run("mutation ($input: UpdateUserInput!) { updateUser(input: $input) { user { id } } }", {
      input: { id: user.id, username: ada.uid },
    });
    const address = anAddress();
    const guess = (number: number, more: object) => attempt(directory, ada.uid, `guess ${number}`, { address, ...more });
    await Promise.all(Array.from({ length: 10 }, (_, number) => guess(number, {})));
    expect(await guess(10, {})).toBe("RATE_LIMITED");
    // Looks like a wrong password.
    expect(await attempt(directory, ada.uid, ada.password, { address, deviceToken })).toBe("UNAUTHENTICATED");
    expect(await attempt(directory, ada.uid, ada.password)).toBe("done");
  });

  test("are none if the directory does not answer", async () => {
    const { tenant, directory, domain } = await aTenant();
    const ada = await slapd.person(domain);
    await tenant.admin.run(update, { input: { id: directory.id, ldap: slapd.settings({ url: "ldaps://localhost:9" }) } });
    const address = anAddress();
    for (let round = 0; round < 3; round++) {
      const codes = await Promise.all(Array.from({ length: 4 }, () => attempt(directory, ada.uid, ada.password, { address })));
      expect(new Set(codes)).toEqual(new Set(["SERVICE_UNAVAILABLE"]));
    }
    await tenant.admin.run(update, { input: { id: directory.id, ldap: slapd.settings() } });
    expect(await attempt(directory, ada.uid, ada.password, { address })).toBe("done");
  });
});

// Before the tests that cause emails, whose delivery it would wait for.
test("no password of the directory is in a log, or in the database", async () => {
  const { directory, domain } = await aTenant();
  const ada = await slapd.person(domain);
  await sessionOf(directory, ada);
  const wrong = `wrong ${randomUUID()}`;
  await attempt(directory, ada.uid, wrong);
  await weft.weft.worker.idle();
  for (const secret of [ada.password, wrong, slapd.searcherPassword]) expect(weft.logged()).not.toContain(secret);
  const tables = await owner`select format('%I.%I', table_schema, table_name) as name from information_schema.tables
    where table_schema in ('identity', 'audit', 'events', 'shared') and table_type = 'BASE TABLE'`;
  expect(tables.length).toBeGreaterThan(20);
  for (const { name } of tables) {
    const [found] = await owner.unsafe(`select count(*)::int as found from ${String(name)} t where t::text like any ($1)`, [
      [ada.password, wrong, slapd.searcherPassword].map((secret) => `%${secret}%`),
    ]);
    expect([name, found?.["found"]]).toEqual([name, 0]);
  }
});

describe.concurrent("after the password of a directory", () => {
  const complete = (input: object) =>
    send<{ session: Session }>(
      "mutation ($input: CompleteLoginInput!) { session: completeLogin(input: $input) { accessToken refreshToken user { id } } }",
      input,
    );
  const pending = async (directory: Directory, ada: Person) => {
    const answer = await logIn(directory, ada.uid, ada.password);
    expect(codeOf(answer)).toBe("MFA_REQUIRED");
    return String(answer.errors?.[0]?.extensions?.["mfaToken"]);
  };

  test("a second factor of Weft is asked for, while the user is linked to the directory", async () => {
    const { tenant, directory, domain } = await aTenant();
    const ada = await slapd.person(domain);
    const session = await sessionOf(directory, ada);
    const { recoveryCodes } = await enrolTotp(as(session));
    const done = await complete({ mfaToken: await pending(directory, ada), recoveryCode: recoveryCodes[0] });
    expect(done.data?.session.user.id).toBe(session.user.id);
    const [row] =
      await owner`select factors, provider_id from identity.sessions where user_id = ${uuidOf(session.user.id)} order by created_at desc limit 1`;
    expect({ ...row }).toEqual({ factors: ["DIRECTORY", "RECOVERY_CODE"], provider_id: uuidOf(directory.id) });
    const mfaToken = await pending(directory, ada);
    await tenant.admin.run("mutation ($id: ID!) { deactivateIdentityProvider(input: { id: $id }) { identityProvider { id } } }", {
      id: directory.id,
    });
    expect(codeOf(await complete({ mfaToken, recoveryCode: recoveryCodes[1] }))).toBe("UNAUTHENTICATED");
  });

  test("nothing that the former server has proven opens a session after a change to another one", async () => {
    const { tenant, directory, domain } = await aTenant();
    const ada = await slapd.person(domain);
    const { recoveryCodes } = await enrolTotp(as(await sessionOf(directory, ada)));
    const [before, after] = [await pending(directory, ada), await pending(directory, ada)];
    const change = (ldap: object) => tenant.admin.run(update, { input: { id: directory.id, ldap: slapd.settings(ldap) } });
    await change({ nameAttribute: "sn" });
    expect(codeOf(await complete({ mfaToken: before, recoveryCode: recoveryCodes[0] }))).toBe("done");
    await change({ url: "ldaps://127.0.0.1:9" });
    await change({});
    expect(codeOf(await complete({ mfaToken: after, recoveryCode: recoveryCodes[1] }))).toBe("UNAUTHENTICATED");
  });

  test("a user whose address is not confirmed keeps their second factor and password, and is not linked", async () => {
    const { tenant, directory, domain } = await aTenant();
    const [protectedUser, other] = [await tenant.user("viewer"), await tenant.user("viewer")];
    const [ada, bob] = await Promise.all([protectedUser, other].map(({ login }) => slapd.person(domain, { mail: login })));
    if (!ada || !bob) throw new Error("Somebody is missing.");
    await owner`update identity.users set email_verified_at = null where id in ${owner([protectedUser, other].map(({ id }) => uuidOf(id)))}`;
    await enrolTotp(protectedUser);
    const id = uuidOf(protectedUser.id);
    const [before] = await owner`select password_hash, version from identity.users where id = ${id}`;
    expect(await attempt(directory, ada.uid, ada.password)).toBe("UNAUTHENTICATED");
    expect(codeOf(await protectedUser.send("{ me { id } }"))).toBe("done");
    expect((await owner`select password_hash, version from identity.users where id = ${id}`)[0]).toEqual(before);
    expect(await owner`select 1 from identity.second_factors where user_id = ${id}`).toHaveLength(1);
    expect(await owner`select 1 from identity.user_identities where user_id = ${id}`).toHaveLength(0);
    // Without one, the owner of the address takes the user over, as with other providers.
    expect(await attempt(directory, bob.uid, bob.password)).toBe("done");
  });

  test("a second factor must be enrolled if the organization requires one", async () => {
    const { tenant, directory, domain } = await aTenant();
    await setSetting(tenant, { secondFactor: "REQUIRED" });
    const session = await sessionOf(directory, await slapd.person(domain));
    expect(session.mustEnrolSecondFactor).toBe(true);
    expect(codeOf(await as(session).send("{ users { edges { node { id } } } }"))).toBe("MFA_REQUIRED");
  });

  test("the user proves again who they are with the same password", async () => {
    const { tenant, directory, domain } = await aTenant();
    const ada = await slapd.person(domain);
    const session = as(await sessionOf(directory, ada));
    const again = async (password: string) =>
      codeOf(
        await session.send("mutation ($password: String!) { reauthenticate(input: { password: $password }) { authenticatedAt } }", {
          password,
        }),
      );
    expect(await again("not the password")).toBe("BAD_USER_INPUT");
    expect(await again("")).toBe("BAD_USER_INPUT");
    expect(await again(ada.password)).toBe("done");
    await slapd.set(ada, "employeeType", ["left"]);
    expect(await again(ada.password)).toBe("BAD_USER_INPUT");
    await slapd.set(ada, "employeeType", ["active"]);
    await tenant.admin.run(update, { input: { id: directory.id, ldap: slapd.settings({ url: "ldaps://localhost:9" }) } });
    expect(await again(ada.password)).toBe("SERVICE_UNAVAILABLE");
  });

  test("the session satisfies required single sign-on, and passwords of Weft are refused", async () => {
    const { tenant, directory, domain } = await aTenant();
    const other = await tenant.user("viewer");
    await tenant.admin.run("mutation ($id: ID!) { setBreakGlass(input: { userId: $id, isBreakGlass: true }) { user { id } } }", {
      id: tenant.admin.id,
    });
    await setSetting(tenant, { singleSignOn: "REQUIRED" });
    const session = await sessionOf(directory, await slapd.person(domain));
    expect(codeOf(await refreshOf(session))).toBe("done");
    const login = "mutation ($input: LoginInput!) { login(input: $input) { accessToken } }";
    expect(codeOf(await send(login, { login: other.login, password: other.password }))).toBe("UNAUTHENTICATED");
    const { data } = await new ApiClient(weft.url).send(
      "query ($login: String!) { loginMethods(login: $login) { acceptsPassword providers { name } directories { providerId tenantId } } }",
      { login: `a@${domain}` },
    );
    expect(data).toEqual({
      loginMethods: { acceptsPassword: false, providers: [], directories: [{ providerId: directory.id, tenantId: directory.tenantId }] },
    });
  });

  test("the session ends at its next renewal if the user has left the directory, but not if that cannot say so", async () => {
    const { tenant, directory, domain } = await aTenant();
    const people = await Promise.all(Array.from({ length: 4 }, () => slapd.person(domain)));
    const [left, removed, first, second] = await Promise.all(people.map((person) => sessionOf(directory, person)));
    const [leaving, leaver] = people;
    if (!leaving || !leaver || !left || !removed || !first || !second) throw new Error("Somebody is missing.");
    await slapd.set(leaving, "employeeType", ["left"]);
    await slapd.remove(leaver);
    expect([codeOf(await refreshOf(left)), codeOf(await refreshOf(removed))]).toEqual(["UNAUTHENTICATED", "UNAUTHENTICATED"]);
    expect(codeOf(await as(left).send("{ me { id } }"))).toBe("UNAUTHENTICATED");
    const change = (ldap: object) => tenant.admin.run(update, { input: { id: directory.id, ldap: slapd.settings(ldap) } });
    await change({ url: "ldaps://localhost:9" });
    expect(codeOf(await refreshOf(first))).toBe("done");
    await change({ userFilter: "(&(uid={login})(sn=nobody))" });
    expect(codeOf(await refreshOf(second))).toBe("done");
  });
});

describe.concurrent("the connection to a directory", () => {
  /** Returns a function that says what is wrong with settings. They replace those of one provider. */
  async function aDirectory() {
    const tenant = await weft.tenant();
    const { id } = await connect(tenant);
    return async (ldap: object): Promise<string | null> => {
      await tenant.admin.run(update, { input: { id, ldap: slapd.settings(ldap) } });
      const answer = await tenant.admin.run<{ testIdentityProvider: { isReachable: boolean; problem: string | null } }>(check, { id });
      const { isReachable, problem } = answer.testIdentityProvider;
      expect(isReachable).toBe(problem === null);
      return problem;
    };
  }

  test("is encrypted with a certificate of the given authority, from the beginning or after StartTLS", async () => {
    const { certificate } = await newServiceProviderKey();
    const problemOf = await aDirectory();
    await slapd.person("somewhere.example");
    expect(await problemOf({})).toBeNull();
    expect(await problemOf({ url: slapd.ldapUrl })).toBeNull();
    expect(await problemOf({ url: slapd.ldapUrl, usesStartTls: false })).toBeNull();
    for (const url of [slapd.ldapsUrl, slapd.ldapUrl])
      for (const ca of [certificate, null])
        expect([url, ca, await problemOf({ url, ca })]).toEqual([url, ca, expect.stringMatching(/TLS failed \([A-Z_]+\)/)]);
  });

  test("says what is wrong with the account, the base, the filter and the attributes", async () => {
    const problemOf = await aDirectory();
    await slapd.person("somewhere.example");
    expect(await problemOf({ bindPassword: "wrong" })).toMatch(/refuses the account that searches: .* result code 49/);
    expect(await problemOf({ searchBase: "ou=nowhere,dc=acme,dc=example" })).toMatch(/did not answer the search below .* result code 32/);
    expect(await problemOf({ userFilter: "(&(uid={login})(sn=nobody))" })).toMatch(/No entry/);
    expect(await problemOf({ subjectAttribute: "objectGUID" })).toMatch(/exactly one value of objectGUID/);
    expect(await problemOf({ bindDn: null, bindPassword: null })).toMatch(/result code 50/);
  });

  test("works over StartTLS for logins, too", async () => {
    const { directory, domain } = await aTenant({ ldap: { url: slapd.ldapUrl } });
    const ada = await slapd.person(domain);
    expect(await attempt(directory, ada.uid, ada.password)).toBe("done");
    expect(await attempt(directory, ada.uid, "not the password")).toBe("UNAUTHENTICATED");
  });
});

test("the password of the account that searches is stored encrypted, and is not kept for another server or account", async () => {
  const { tenant, directory } = await aTenant();
  const [row] =
    await owner`select configuration::text as configuration, secret from identity.identity_providers where id = ${uuidOf(directory.id)}`;
  expect(JSON.stringify(row)).not.toContain(slapd.searcherPassword);
  const { bindPassword: _password, ...same } = slapd.settings();
  expect(codeOf(await tenant.admin.send(update, { input: { id: directory.id, ldap: { ...same, nameAttribute: "sn" } } }))).toBe("done");
  expect(await tenant.admin.run(check, { id: directory.id })).toEqual({ testIdentityProvider: { isReachable: true, problem: null } });
  for (const change of [{ url: slapd.ldapUrl }, { bindDn: "cn=other,dc=acme,dc=example" }, { ca: null }]) {
    const { errors } = await tenant.admin.send(update, { input: { id: directory.id, ldap: { ...same, ...change } } });
    expect(errors?.[0]?.extensions).toMatchObject({ code: "BAD_USER_INPUT", problems: [{ path: "input.ldap.bindPassword" }] });
  }
});

describe.concurrent("a user who has left the directory", () => {
  const createKey = `mutation { createApiKey(input: { name: "Key", permissions: [{ permission: "user.read", scope: TENANT }] }) { key } }`;

  async function passkeyLogin(authenticator: SoftwareAuthenticator) {
    const { data: begun } = await send<{ startPasskeyLogin: { options: unknown } }>(
      "mutation ($input: StartPasskeyLoginInput!) { startPasskeyLogin(input: $input) { options } }",
      {},
    );
    return send<{ session: Session }>(
      "mutation ($input: LoginWithPasskeyInput!) { session: loginWithPasskey(input: $input) { accessToken refreshToken } }",
      { passkey: authenticator.get(begun?.startPasskeyLogin.options) },
    );
  }

  test("loses passkeys and API keys of its sessions at the next renewal, also that of a session with the passkey", async () => {
    const tenant = await weft.tenant();
    await verifyDomainOf(tenant, names);
    const { roles } = await tenant.admin.run<{ roles: { edges: { node: { id: string; key: string } }[] } }>(
      "{ roles(first: 50) { edges { node { id key } } } }",
    );
    const roleId = roles.edges.find(({ node }) => node.key === "admin")?.node.id ?? "";
    const domain = `${tenant.slug}.example`;
    const [ada, bob] = [await slapd.person(domain), await slapd.person(domain)];
    const cn = `admins ${randomUUID()}`;
    await slapd.group(cn, [ada, bob]);
    const directory = await connect(tenant, { roleMappings: [{ group: cn, roleId }] });
    const opened = async (person: Person) => {
      const session = await sessionOf(directory, person);
      const { authenticator } = await addPasskey(as(session), new SoftwareAuthenticator("https://app.example"));
      const { data } = await passkeyLogin(authenticator);
      if (!data) throw new Error("The passkey is refused.");
      const { createApiKey } = await as(data.session).run<{ createApiKey: { key: string } }>(createKey);
      return { session, authenticator, byPasskey: data.session, key: createApiKey.key };
    };
    const [left, stayed] = [await opened(ada), await opened(bob)];
    const isRefused = async (accessToken: string) =>
      codeOf(await new ApiClient(weft.url, accessToken).send("{ users { edges { node { id } } } }"));
    await slapd.remove(ada);
    expect(codeOf(await refreshOf(left.byPasskey))).toBe("UNAUTHENTICATED");
    expect(codeOf(await refreshOf(left.session))).toBe("UNAUTHENTICATED");
    expect(codeOf(await passkeyLogin(left.authenticator))).toBe("UNAUTHENTICATED");
    expect(await isRefused(left.key)).toBe("UNAUTHENTICATED");
    expect(codeOf(await refreshOf(stayed.byPasskey))).toBe("done");
    expect(codeOf(await passkeyLogin(stayed.authenticator))).toBe("done");
    expect(await isRefused(stayed.key)).toBe("done");
  });

  test("keeps no session for longer than a day after the directory last said that they are there", async () => {
    const { tenant, directory, domain } = await aTenant();
    const people = await Promise.all(Array.from({ length: 3 }, () => slapd.person(domain)));
    const [seen, unseen, present] = await Promise.all(people.map((person) => sessionOf(directory, person)));
    if (!seen || !unseen || !present) throw new Error("Somebody is missing.");
    const lastSeen = (session: Session, hours: number) =>
      owner`update identity.user_identities set last_used_at = now() - make_interval(hours => ${hours}) where user_id = ${uuidOf(session.user.id)}`;
    await lastSeen(present, 25);
    expect(codeOf(await refreshOf(present))).toBe("done");
    const [row] = await owner`select last_used_at > now() - interval '1 minute' as "isNow" from identity.user_identities
      where user_id = ${uuidOf(present.user.id)}`;
    expect(row?.["isNow"]).toBe(true);
    await tenant.admin.run(update, { input: { id: directory.id, ldap: slapd.settings({ url: "ldaps://localhost:9" }) } });
    await lastSeen(seen, 23);
    await lastSeen(unseen, 25);
    expect(codeOf(await refreshOf(seen))).toBe("done");
    expect(codeOf(await refreshOf(unseen))).toBe("UNAUTHENTICATED");
    expect(codeOf(await as(unseen).send("{ me { id } }"))).toBe("UNAUTHENTICATED");
  });
});
