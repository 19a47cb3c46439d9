import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { aSecondMs, ApiClient, type ApiError, sharedWeft, type TestTenant, type SharedWeft, until } from "@weft/testkit";
import { postgres, type Sql } from "@weft/pg-driver";
import { hash as bcryptHash } from "@node-rs/bcrypt";
import { importUsers, type ImportedUser } from "../provisioning/import-users.js";
import { createUserWithRoles } from "../provisioning/provisioning.js";
import { hashPassword } from "./passwords/password.js";

const loginMutation = `mutation Login($login: String!, $password: String!, $tenant: String) {
  login(input: { login: $login, password: $password, tenant: $tenant }) { accessToken accessTokenExpiresAt refreshToken user { id name } }
}`;
const refreshMutation =
  "mutation Refresh($refreshToken: String!) { refreshSession(input: { refreshToken: $refreshToken }) { accessToken refreshToken } }";
const me = "{ me { id } }";

interface Session {
  accessToken: string;
  accessTokenExpiresAt: string;
  refreshToken: string;
  user: { id: string; name: string };
}

let kit: SharedWeft;
let owner: Sql;

beforeAll(async () => {
  kit = await sharedWeft();
  owner = postgres(kit.database.ownerUrl, { max: 1, onnotice: () => {} });
});
afterAll(async () => {
  await owner.end();
});

const anonymous = () => new ApiClient(kit.url);
const password = "a quiet river 42";

async function login(name: string, secret = password, tenant?: string): Promise<Session> {
  return (await anonymous().run<{ login: Session }>(loginMutation, { login: name, password: secret, tenant })).login;
}

async function refusedLogin(name: string, secret: string, tenant?: string): Promise<ApiError> {
  const { errors = [] } = await anonymous().send(loginMutation, { login: name, password: secret, tenant });
  const [error] = errors;
  if (!error) throw new Error("This login should have been refused.");
  return error;
}

const refresh = (refreshToken: string) => anonymous().send<{ refreshSession: Session }>(refreshMutation, { refreshToken });

async function refreshed(refreshToken: string): Promise<Session> {
  return (await anonymous().run<{ refreshSession: Session }>(refreshMutation, { refreshToken })).refreshSession;
}

const works = async (accessToken: string) => (await new ApiClient(kit.url, accessToken).send(me)).errors === undefined;

/** Moves the time of use of all the tenant's refresh tokens into the past. */
const age = (tenant: TestTenant, seconds: number) =>
  owner`update identity.refresh_tokens set used_at = used_at - make_interval(secs => ${seconds}) where tenant_id = ${tenant.id}`;

const sessionActions = async (tenant: TestTenant): Promise<string[]> =>
  (await owner`select action from audit.entries where tenant_id = ${tenant.id} and action like 'session.%' order by id`).map((row) =>
    String(row["action"]),
  );

const sameExceptRequest = ({ message, extensions }: ApiError) => ({
  message,
  code: extensions?.code,
  keys: Object.keys(extensions ?? {}).toSorted(),
});

describe("login", () => {
  it("accepts the email and the username, in any case", async () => {
    const tenant = await kit.tenant();
    const { id } = tenant.admin;
    for (const name of [tenant.admin.login, tenant.admin.login.toUpperCase(), ` admin-${tenant.slug} `]) {
      const session = await login(name);
      expect(session.user.id).toBe(id);
      expect(await works(session.accessToken)).toBe(true);
    }
  });

  it("answers every failure the same way: wrong password, unknown and disabled users, users of two tenants, another tenant", async () => {
    const [tenant, other] = [await kit.tenant(), await kit.tenant()];
    const twin = { email: `twin@${tenant.slug}.example`, name: "Twin", password, roles: ["viewer"] };
    for (const { id } of [tenant, other]) await createUserWithRoles(kit.weft.services, id, twin);
    const disabled = await tenant.user("viewer");
    await tenant.admin.run("mutation Off($id: ID!) { deactivateUser(input: { id: $id }) { user { status } } }", { id: disabled.id });
    const failures = [
      await refusedLogin(tenant.admin.login, "not the password"),
      await refusedLogin(`nobody@${tenant.slug}.example`, password),
      await refusedLogin(disabled.login, password),
      await refusedLogin(twin.email, "not the password"),
      await refusedLogin(tenant.admin.login, password, other.slug),
      await refusedLogin(tenant.admin.login, password, "no-such-tenant"),
      await refusedLogin(tenant.admin.login, "x".repeat(50_000)),
      await refusedLogin("", ""),
    ];
    expect(new Set(failures.map((failure) => JSON.stringify(sameExceptRequest(failure)))).size).toBe(1);
    expect(failures[0]?.extensions?.code).toBe("UNAUTHENTICATED");
    expect((await login(twin.email, password, tenant.slug)).user.name).toBe("Twin");
  });

  describe("with the name of users in two tenants", () => {
    const twins = async (one = password, other = "the other password") => {
      const [acme, eve] = [await kit.tenant(), await kit.tenant()];
      const email = `twin@${acme.slug}.example`;
      await createUserWithRoles(kit.weft.services, eve.id, { email, name: "Twin", password: other, roles: ["viewer"] });
      await createUserWithRoles(kit.weft.services, acme.id, { email, name: "Ada", password: one, roles: ["viewer"] });
      return { acme, eve, email };
    };

    it("lets in the one whose password it is, and nobody else", async () => {
      const { email } = await twins();
      expect((await login(email)).user.name).toBe("Ada");
      expect((await login(email, "the other password")).user.name).toBe("Twin");
      expect((await refusedLogin(email, "not the password")).extensions?.code).toBe("UNAUTHENTICATED");
    });

    it("says that the organization must be named if both have the same password", async () => {
      const { email, acme, eve } = await twins(password, password);
      expect((await refusedLogin(email, password)).extensions).toMatchObject({
        code: "BAD_USER_INPUT",
        problems: [
          {
            path: "input.tenant",
            message: "Users of several organizations have this login name and password. Send the slug of your organization.",
          },
        ],
      });
      expect((await login(email, password, acme.slug)).user.name).toBe("Ada");
      expect((await login(email, password, eve.slug)).user.name).toBe("Twin");
    });

    it.each([
      [
        "the user has verified the address",
        (acme: string) => owner`update identity.users set email_verified_at = now() where tenant_id = ${acme} and name = 'Ada'`,
      ],
      [
        "the tenant has verified the domain",
        (acme: string) =>
          owner`insert into identity.domains (tenant_id, id, name, challenge, verified_at, created_by)
                select tenant_id, gen_random_uuid(), slug || '.example', 'test', now(), gen_random_uuid() from identity.tenants where tenant_id = ${acme}`,
      ],
    ])("lets in the owner of the address, even if both have the same password: %s", async (_how, prove) => {
      const { email, acme, eve } = await twins(password, password);
      await prove(acme.id);
      expect((await login(email)).user.name).toBe("Ada");
      expect((await login(email, password, eve.slug)).user.name).toBe("Twin");
    });

    it("records the failures of the owner of the address only, so that no administrator learns of users elsewhere", async () => {
      const { email, acme, eve } = await twins();
      const failuresOf = async (tenant: TestTenant) =>
        (await sessionActions(tenant)).filter((action) => action === "session.loginFailed").length;
      await refusedLogin(email, "not the password");
      await owner`update identity.users set email_verified_at = now() where tenant_id = ${acme.id} and email = ${email}`;
      await refusedLogin(email, "not the password");
      await until(async () => (await failuresOf(acme)) === 1, { what: "the failed login is audited" });
      expect(await failuresOf(eve)).toBe(0);
    });

    it("cannot be hidden by users who are added later in other tenants", async () => {
      const { email } = await twins();
      for (const other of [await kit.tenant(), await kit.tenant()])
        await createUserWithRoles(kit.weft.services, other.id, { email, name: "Later", password: "a third password", roles: ["viewer"] });
      expect((await login(email, "the other password")).user.name).toBe("Twin");
      expect((await login(email)).user.name).toBe("Ada");
      expect((await refusedLogin(email, "a third password")).extensions?.code).toBe("UNAUTHENTICATED");
    });
  });

  it("cannot be taken from a user with a verified email by another tenant that enters that email", async () => {
    const [acme, eve] = [await kit.tenant(), await kit.tenant()];
    const { login: email, id } = await acme.user("viewer");
    await owner`update identity.users set email_verified_at = now() where tenant_id = ${acme.id} and email = ${email}`;
    const create = "mutation C($input: CreateUserInput!) { createUser(input: $input) { user { id } } }";
    await eve.admin.run(create, { input: { email, name: "Eve's", username: "eves", password: "the password of eve" } });
    expect((await login(email)).user.id).toBe(id);
    expect((await login(email, "the password of eve", eve.slug)).user.name).toBe("Eve's");
    // Having a verified email address of one's own does not help; this very name must be verified.
    const { id: other } = await eve.user("viewer");
    const name = `name@${acme.slug}.example`;
    await eve.admin.run("mutation U($input: UpdateUserInput!) { updateUser(input: $input) { user { id } } }", {
      input: { id: other, username: name },
    });
    await owner`update identity.users set email_verified_at = now() where tenant_id = ${eve.id} and username = ${name}`;
    const { id: third } = await acme.user("viewer");
    await acme.admin.run("mutation U($input: UpdateUserInput!) { updateUser(input: $input) { user { id } } }", {
      input: { id: third, email: name },
    });
    await owner`update identity.users set email_verified_at = now() where tenant_id = ${acme.id} and email = ${name}`;
    expect((await login(name)).user.id).toBe(third);
  });

  it("of a suspended tenant says so, but only after the correct password", async () => {
    const tenant = await kit.tenant();
    await owner`update identity.tenants set status = 'SUSPENDED' where tenant_id = ${tenant.id}`;
    expect((await refusedLogin(tenant.admin.login, "not the password")).extensions?.code).toBe("UNAUTHENTICATED");
    expect((await refusedLogin(tenant.admin.login, password)).extensions?.code).toBe("TENANT_SUSPENDED");
  });

  it("is not limited by failures in a demo", async () => {
    const tenant = await kit.tenant();
    const user = await tenant.user("viewer");
    for (let i = 0; i < 12; i++) expect((await refusedLogin(user.login, `guess ${i}`)).extensions?.code).toBe("UNAUTHENTICATED");
    expect((await login(user.login)).user.id).toBe(user.id);
  });

  it("writes a session and audit entries, for failures as well", async () => {
    const tenant = await kit.tenant();
    await login(tenant.admin.login);
    await refusedLogin(tenant.admin.login, "not the password");
    await until(async () => (await sessionActions(tenant)).length === 3, { what: "the failed login is audited" });
    expect(await sessionActions(tenant)).toEqual(["session.login", "session.login", "session.loginFailed"]);
  });

  it("logs refused logins with the client's address and a hash that lines about one name share, known or not, and not the name", async () => {
    const tenant = await kit.tenant();
    const unknown = `Nobody@${tenant.slug}.example`;
    const from = kit.logged().length;
    for (const name of [unknown, unknown.toLowerCase(), tenant.admin.login]) await refusedLogin(name, "not the password");
    const logged = kit.logged().slice(from);
    const [first, again, known, ...more] = logged
      .split("\n")
      .filter((line) => line.includes('"a login was refused"'))
      .map((line) => JSON.parse(line) as { loginHash: string; address: string; requestId: string });
    expect(more).toEqual([]);
    expect(first).toMatchObject({ address: "127.0.0.1", loginHash: expect.stringMatching(/^[\da-f]{12}$/) as string });
    expect(first?.requestId).toEqual(expect.any(String));
    expect(again?.loginHash).toBe(first?.loginHash);
    expect(known?.loginHash).not.toBe(first?.loginHash);
    expect(logged.toLowerCase()).not.toContain(unknown.toLowerCase());
    expect(logged).not.toContain(tenant.admin.login);
  });

  it("issues an access token that is valid for fifteen minutes and carries no permissions", async () => {
    const tenant = await kit.tenant();
    const { accessToken, accessTokenExpiresAt } = await login(tenant.admin.login);
    const [header, claims] = accessToken
      .split(".")
      .slice(0, 2)
      .map((part) => JSON.parse(Buffer.from(part, "base64url").toString()) as Record<string, unknown>);
    expect(header).toMatchObject({ alg: "EdDSA", typ: "at+jwt", kid: kit.keys.access.kid });
    expect(Object.keys(claims ?? {}).toSorted()).toEqual(["aud", "exp", "iat", "iss", "jti", "sid", "sub", "tid"]);
    expect(claims).toMatchObject({ iss: "weft", aud: "weft-api", tid: tenant.id });
    expect(Number(claims?.["exp"]) - Number(claims?.["iat"])).toBe(900);
    expect(Date.parse(accessTokenExpiresAt)).toBe(Number(claims?.["exp"]) * 1000);
  });
});

describe("an imported user", () => {
  let made = 0;
  /** Returns a user with the hash of another system. */
  async function imported({ slug, id }: TestTenant, passwordHash: string) {
    const email = `imported${++made}@${slug}.example`;
    await importUsers(kit.weft.services, { slug, users: [{ email, name: "Ina", roles: ["viewer"], passwordHash }] });
    const hashOf = async () => {
      const [row] = await owner`select password_hash, version from identity.users where tenant_id = ${id} and email = ${email}`;
      return String(row?.["password_hash"]);
    };
    return { email, hashOf };
  }

  it.each(["2a", "2b", "2y"])("logs in with the password of another system ($%s$), whose hash is replaced", async (variant) => {
    const tenant = await kit.tenant();
    const { email, hashOf } = await imported(tenant, (await bcryptHash(password, 4)).replace("$2b$", `$${variant}$`));
    expect((await refusedLogin(email, "not the password")).extensions?.code).toBe("UNAUTHENTICATED");
    expect(await hashOf()).toMatch(/^\$2/);
    expect((await login(email)).user.name).toBe("Ina");
    expect(await hashOf()).toMatch(/^\$argon2id\$/);
    expect((await login(email)).user.name).toBe("Ina");
  });

  it("logs in many times at once, while the hash is replaced", async () => {
    const tenant = await kit.tenant();
    const { email, hashOf } = await imported(tenant, await bcryptHash(password, 4));
    const sessions = await Promise.all(Array.from({ length: 8 }, () => login(email)));
    for (const { accessToken } of sessions) expect(await works(accessToken)).toBe(true);
    expect(await hashOf()).toMatch(/^\$argon2id\$/);
  });

  it("keeps the hash of a password of more than 72 bytes, of which bcrypt knows only the beginning", async () => {
    const tenant = await kit.tenant();
    const long = "long ".repeat(20);
    const before = await bcryptHash(long, 4);
    const { email, hashOf } = await imported(tenant, before);
    await login(email, `${long.slice(0, 80)} and a mistake`);
    expect(await hashOf()).toBe(before);
    expect((await login(email, long)).user.name).toBe("Ina");
    expect((await refusedLogin(email, `x${long}`)).extensions?.code).toBe("UNAUTHENTICATED");
  });

  it("can be imported again without a change, and only with a hash that is no danger", async () => {
    const tenant = await kit.tenant();
    const { email, hashOf } = await imported(tenant, await bcryptHash(password, 4));
    const before = await hashOf();
    const again = (user: Partial<ImportedUser>, slug = tenant.slug) =>
      importUsers(kit.weft.services, {
        slug,
        users: [{ email, name: "Ina", roles: ["viewer"], passwordHash: before.replace("$2b$04$", "$2b$05$"), ...user }],
      });
    expect(await again({})).toEqual({ created: 0, existing: 1 });
    expect(await hashOf()).toBe(before);
    for (const [user, path] of [
      [{ passwordHash: before.replace("$2b$04$", "$2b$15$") }, "users.0.passwordHash"],
      [{ passwordHash: before.replace("$2b$04$", "$2b$99$") }, "users.0.passwordHash"],
      [{ passwordHash: "$2x$04$abc" }, "users.0.passwordHash"],
      [{ passwordHash: await hashPassword(password, { memoryKib: 8, passes: 1 }) }, "users.0.passwordHash"],
      [{ roles: [] }, "users.0.roles"],
      [{ roles: ["viewer", "no such role"] }, "users.0.roles.1"],
      [{ roles: ["viewer", "vendor_user"] }, "users.0.roles.1"],
      [{ roles: ["viewer", "no such role"], line: 7 }, "line 7"],
      [{ name: "", line: 7 }, "line 7"],
      [{ email: "nobody" }, "users.0.email"],
    ] as const)
      await expect(again(user), path).rejects.toMatchObject({ extensions: { problems: [{ path }] } });
    await expect(again({}, "no-such-tenant")).rejects.toMatchObject({ extensions: { problems: [{ path: "slug" }] } });
  });
});

describe("a hash below the current cost", () => {
  it("is replaced at the next login, and others stay", async () => {
    const tenant = await kit.tenant();
    const { config } = kit.weft.services;
    const hashOf = async (email: string) =>
      String(
        (await owner`select password_hash from identity.users where tenant_id = ${tenant.id} and email = ${email}`)[0]?.["password_hash"],
      );
    const [old, current] = [await tenant.user("viewer"), await tenant.user("viewer")];
    const before = await hashOf(current.login);
    const { memoryKib, passes } = config.passwordCost;
    const higher = `$argon2id$v=19$m=${memoryKib * 2},t=${passes + 1},p=1$`;
    expect(before.startsWith(`$argon2id$v=19$m=${memoryKib},t=${passes},p=1$`)).toBe(true);
    const raised = { ...kit.weft.services.config, passwordCost: { memoryKib: memoryKib * 2, passes: passes + 1 } };
    Object.assign(kit.weft.services, { config: raised });
    try {
      await login(old.login);
    } finally {
      Object.assign(kit.weft.services, { config });
    }
    expect((await hashOf(old.login)).startsWith(higher)).toBe(true);
    await login(old.login);
    expect((await hashOf(old.login)).startsWith(higher)).toBe(true);
    await login(current.login);
    expect(await hashOf(current.login)).toBe(before);
  });
});

describe("refreshSession", () => {
  it("continues the session with new tokens", async () => {
    const tenant = await kit.tenant();
    let { refreshToken } = await login(tenant.admin.login);
    for (let i = 0; i < 3; i++) {
      const next = await refreshed(refreshToken);
      expect(next.refreshToken).not.toBe(refreshToken);
      expect(await works(next.accessToken)).toBe(true);
      ({ refreshToken } = next);
    }
  });

  it("returns the same successor to two tabs that refresh at the same time", async () => {
    const tenant = await kit.tenant();
    const { refreshToken } = await login(tenant.admin.login);
    const tabs = await Promise.all(Array.from({ length: 5 }, () => refreshed(refreshToken)));
    expect(new Set(tabs.map((tab) => tab.refreshToken)).size).toBe(1);
    for (const tab of tabs) expect(await works(tab.accessToken)).toBe(true);
    expect(await works((await refreshed(tabs[0]?.refreshToken ?? "")).accessToken)).toBe(true);
  });

  it("ends the session if a token is reused after ten seconds", async () => {
    const tenant = await kit.tenant();
    const { refreshToken } = await login(tenant.admin.login);
    const successor = await refreshed(refreshToken);
    await age(tenant, 11);
    expect((await refresh(refreshToken)).errors?.[0]?.extensions?.code).toBe("UNAUTHENTICATED");
    expect((await refresh(successor.refreshToken)).errors?.[0]?.extensions?.code).toBe("UNAUTHENTICATED");
    await until(async () => !(await works(successor.accessToken)), { what: "the access token of the ended session is refused" });
    expect(await sessionActions(tenant)).toContain("session.refreshReused");
    const events = await owner`select type from events.log where tenant_id = ${tenant.id} and type like 'session.%' order by id`;
    expect(events.map((row) => row["type"] as unknown)).toEqual(expect.arrayContaining(["session.refresh_reused", "session.ended"]));
  });

  it("ends the session if a token is reused after its successor was used, however soon", async () => {
    const tenant = await kit.tenant();
    const { refreshToken } = await login(tenant.admin.login);
    const second = await refreshed(refreshToken);
    const third = await refreshed(second.refreshToken);
    expect((await refresh(refreshToken)).errors?.[0]?.extensions?.code).toBe("UNAUTHENTICATED");
    expect((await refresh(third.refreshToken)).errors?.[0]?.extensions?.code).toBe("UNAUTHENTICATED");
  });

  it("refuses invalid tokens, and the tokens of disabled users and suspended tenants", async () => {
    const tenant = await kit.tenant();
    const user = await tenant.user("viewer");
    await tenant.admin.run("mutation Off($id: ID!) { deactivateUser(input: { id: $id }) { user { status } } }", { id: user.id });
    for (const token of ["", "wrt_", "x".repeat(10_000), user.refreshToken, user.token]) {
      expect((await refresh(token)).errors?.[0]?.extensions?.code).toBe("UNAUTHENTICATED");
    }
    await owner`update identity.tenants set status = 'SUSPENDED' where tenant_id = ${tenant.id}`;
    expect((await refresh(tenant.admin.refreshToken)).errors?.[0]?.extensions?.code).toBe("TENANT_SUSPENDED");
  });

  it("stores nothing that can open a session", async () => {
    const tenant = await kit.tenant();
    const { refreshToken, accessToken } = await login(tenant.admin.login);
    const rows = await owner`select t::text as row from identity.refresh_tokens t union all select s::text from identity.sessions s`;
    const stored = rows.map((row) => String(row["row"])).join("\n");
    for (const secret of [refreshToken, refreshToken.slice(-43), accessToken]) expect(stored).not.toContain(secret);
  });
});

describe("logout", () => {
  it("ends this session and no other session of the user", async () => {
    const tenant = await kit.tenant();
    const [here, there] = [await tenant.admin.again(), await tenant.admin.again()];
    await here.run("mutation { logout { sessionId } }");
    await until(async () => !(await works(here.token)), { what: "the session is over", deadlineMs: aSecondMs });
    expect((await refresh(here.refreshToken)).errors?.[0]?.extensions?.code).toBe("UNAUTHENTICATED");
    expect(await works(there.token)).toBe(true);
    expect(await sessionActions(tenant)).toContain("session.logout");
  });
});
