import { randomUUID } from "node:crypto";
import { parseAnyId } from "@weft/shared/ids";
import { aSecondMs, ApiClient, rememberSecret, sharedWeft, type TestTenant, type TestUser, type SharedWeft, until } from "@weft/testkit";
import { postgres, type Sql } from "@weft/pg-driver";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { masked } from "./identities/user-identity.type.js";
import { type Account, type OidcIssuer, startOidcIssuer } from "./oidc-issuer.fixture.js";
import { connect, type ConnectedProvider, LoginAttempt, type Session } from "./single-sign-on.fixture.js";

let weft: SharedWeft;
let owner: Sql;
let issuer: OidcIssuer;

beforeAll(async () => {
  issuer = await startOidcIssuer((url, init) => fetch(url, init));
  weft = await sharedWeft();
  owner = postgres(weft.database.ownerUrl, { max: 1, onnotice: () => undefined });
});
afterAll(async () => {
  await owner.end();
  await issuer.close();
});

const attempt = () => new LoginAttempt(weft, issuer, (secret) => rememberSecret(weft.url, secret));
const uuidOf = (id: string): string => parseAnyId(id)?.uuid ?? "";
const codeOf = ({ errors }: { errors?: readonly { extensions?: { code?: string } }[] }) => errors?.[0]?.extensions?.code ?? "done";
const clientOf = ({ accessToken }: Session) => new ApiClient(weft.url, accessToken);
const works = async (session: Session) => codeOf(await clientOf(session).send("{ me { id } }")) === "done";

const accountOf = (tenant: TestTenant): Account => {
  const sub = randomUUID();
  return { sub, email: `${sub}@${tenant.slug}.example`, email_verified: true, name: "Ada", groups: [] };
};

describe("a new login with the provider", () => {
  const reauthenticate = "mutation ($input: ReauthenticateInput!) { reauthenticate(input: $input) { authenticatedAt } }";
  /** A mutation that requires a recent login. */
  const risky = "mutation { enrolTotp { secret } }";
  /** Makes the login of a session old. Gateways know the time for a moment. */
  const age = async (session: Session) => {
    await owner`update identity.sessions set authenticated_at = now() - interval '1 day' where user_id = ${uuidOf(session.user.id)}`;
    const isOld = async () => codeOf(await clientOf(session).send(risky)) === "REAUTH_REQUIRED";
    await until(isOld, { what: "the login is too old" });
  };

  /** Logs in again in the browser of an earlier login. Returns what the application gets. */
  async function proof(login: LoginAttempt, provider: ConnectedProvider, account: Account) {
    return login.receive(await login.answered(provider, account, { prompt: "login" }));
  }
  const renew = async (client: ApiClient, { code = "" }: Readonly<Record<string, string>>, { verifier }: LoginAttempt) =>
    codeOf(await client.send(reauthenticate, { input: { singleSignOn: { code, codeVerifier: verifier } } }));

  test("lets a user without a password do risky operations again, and leaves the session the same", { tags: "slow" }, async () => {
    const tenant = await weft.tenant();
    const provider = await connect(tenant, issuer);
    const [login, ada] = [attempt(), accountOf(tenant)];
    const session = await login.session(provider, ada);
    await age(session);
    const answer = await proof(login, provider, ada);
    expect(await renew(clientOf(session), answer, login)).toBe("done");
    expect(codeOf(await clientOf(session).send(risky))).toBe("done");
    // It worked once, and opened no session.
    expect(await renew(clientOf(session), answer, login)).toBe("BAD_USER_INPUT");
    const [row] = await owner`select count(*)::int as sessions from identity.sessions where user_id = ${uuidOf(session.user.id)}`;
    expect(row?.["sessions"]).toBe(1);
    const actions = await owner`select action from audit.entries where tenant_id = ${tenant.id} and action = 'session.reauthenticate'`;
    expect(actions).toHaveLength(1);
  });

  test(
    "must be asked for: the code of a login does not renew a session, and the code of a renewal opens none",
    { tags: "slow" },
    async () => {
      const tenant = await weft.tenant();
      const provider = await connect(tenant, issuer);
      const [login, ada] = [attempt(), accountOf(tenant)];
      const session = await login.session(provider, ada);
      await age(session);
      expect(await renew(clientOf(session), await login.logIn(provider, ada), login)).toBe("BAD_USER_INPUT");
      const { code } = await proof(login, provider, ada);
      expect(codeOf(await login.complete(code))).toBe("UNAUTHENTICATED");
      expect(codeOf(await clientOf(session).send(risky))).toBe("REAUTH_REQUIRED");
    },
  );

  test("renews nothing for another user, another tenant, or another application", { tags: "slow" }, async () => {
    const [tenant, foreign] = [await weft.tenant(), await weft.tenant()];
    const [provider, elsewhere] = [await connect(tenant, issuer), await connect(foreign, issuer)];
    const [ada, bob] = [accountOf(tenant), accountOf(tenant)];
    const [login, other, far] = [attempt(), attempt(), attempt()];
    const session = await login.session(provider, ada);
    await other.session(provider, bob);
    await far.session(elsewhere, ada);
    await age(session);
    for (const [who, where, account] of [
      [other, provider, bob],
      [far, elsewhere, ada],
    ] as const)
      expect(await renew(clientOf(session), await proof(who, where, account), who)).toBe("BAD_USER_INPUT");
    const answer = await proof(login, provider, ada);
    expect(await renew(clientOf(session), answer, attempt())).toBe("BAD_USER_INPUT");
    expect(await renew(clientOf(session), answer, login)).toBe("done");
  });

  test("of an account that is not linked is refused, and creates nobody", async () => {
    const tenant = await weft.tenant();
    const provider = await connect(tenant, issuer);
    expect(await proof(attempt(), provider, accountOf(tenant))).toMatchObject({ error: "access_denied" });
    const [row] = await owner`select count(*)::int as users from identity.users where tenant_id = ${tenant.id}`;
    expect(row?.["users"]).toBe(1);
  });

  test("of a provider that was deactivated meanwhile renews nothing, and of two uses at the same time one does", async () => {
    const tenant = await weft.tenant();
    const provider = await connect(tenant, issuer);
    const [login, ada] = [attempt(), accountOf(tenant)];
    const session = await login.session(provider, ada);
    const twice = await proof(login, provider, ada);
    const codes = await Promise.all([renew(clientOf(session), twice, login), renew(clientOf(session), twice, login)]);
    expect(codes.toSorted()).toEqual(["BAD_USER_INPUT", "done"]);
    const late = await proof(login, provider, ada);
    await tenant.admin.run("mutation ($id: ID!) { deactivateIdentityProvider(input: { id: $id }) { identityProvider { id } } }", {
      id: provider.id,
    });
    expect(await renew(clientOf(session), late, login)).toBe("BAD_USER_INPUT");
  });

  test("is one of three proofs, of which exactly one is given", async () => {
    const { admin } = await weft.tenant();
    const singleSignOn = { code: "wsc_x", codeVerifier: "x" };
    for (const input of [{}, { password: admin.password, singleSignOn }, { code: "123456", singleSignOn }, { singleSignOn }])
      expect(await admin.refusal(reauthenticate, { input })).toBe("BAD_USER_INPUT");
  });
});

describe("accounts of providers", () => {
  interface Listed {
    readonly user: {
      readonly identities: readonly { readonly id: string; readonly providerId: string; readonly subject: string }[] | null;
    } | null;
  }
  const query = "query ($id: ID!) { user(id: $id) { identities { id providerId providerName subject linkedAt lastUsedAt } } }";
  const own = "mutation ($id: ID!) { unlinkIdentity(input: { id: $id }) { user { id identities { id } } } }";
  const ofUser = "mutation ($input: UnlinkUserIdentityInput!) { unlinkUserIdentity(input: $input) { user { id identities { id } } } }";
  const identitiesOf = async (client: Pick<ApiClient, "run">, id: string) =>
    (await client.run<Listed>(query, { id })).user?.identities ?? [];
  const mine = async (session: Session) =>
    (await clientOf(session).run<{ me: Listed["user"] }>("{ me { identities { id providerId subject } } }")).me?.identities ?? [];

  /** Gives a user of single sign-on a password. */
  const givePassword = async ({ user }: Session, { id }: TestUser) =>
    owner`update identity.users set password_hash = (select password_hash from identity.users where id = ${uuidOf(id)}) where id = ${uuidOf(user.id)}`;

  test("are listed with their provider and a masked subject, for the user and for those who can update the user", async () => {
    const tenant = await weft.tenant();
    const provider = await connect(tenant, issuer);
    const ada = accountOf(tenant);
    const session = await attempt().session(provider, ada);
    const listed = await identitiesOf(tenant.admin, session.user.id);
    expect(listed).toEqual([
      {
        id: expect.stringMatching(/^uid_/) as string,
        providerId: provider.id,
        providerName: expect.stringContaining("Login") as string,
        subject: `${ada.sub.slice(0, 3)}…${ada.sub.slice(-3)}`,
        linkedAt: expect.any(String) as string,
        lastUsedAt: expect.any(String) as string,
      },
    ]);
    expect((await mine(session)).map(({ id }) => id)).toEqual(listed.map(({ id }) => id));
    expect(await identitiesOf(tenant.admin, tenant.admin.id)).toEqual([]);
    const viewer = await tenant.user("viewer");
    expect(await viewer.refusal(query, { id: session.user.id })).toBe("FORBIDDEN");
  });

  test("are loaded with one statement for all users of a list", { tags: "slow" }, async () => {
    const tenant = await weft.tenant();
    const provider = await connect(tenant, issuer);
    const list = "{ users(first: 50) { edges { node { id identities { id } } } } }";
    const count = () => weft.statementCount(() => tenant.admin.run(list));
    await attempt().session(provider, accountOf(tenant));
    const few = await count();
    for (let users = 0; users < 3; users += 1) await attempt().session(provider, accountOf(tenant));
    expect(await count()).toBe(few);
  });

  test("show little of short subjects", () => {
    expect(["ada", "ada@acme", "ada@acme.example", ""].map(masked)).toEqual(["…", "a…e", "ada…ple", "…"]);
  });

  test(
    "are removed by an administrator, with the sessions that the provider has opened and codes that wait",
    { tags: "slow" },
    async () => {
      const tenant = await weft.tenant();
      const [provider, another] = [await connect(tenant, issuer), await connect(tenant, issuer, { createsUsers: false })];
      const ada = accountOf(tenant);
      const session = await attempt().session(provider, ada);
      const userId = session.user.id;
      await owner`insert into identity.user_identities (tenant_id, id, provider_id, issuer, subject, user_id)
      values (${tenant.id}, gen_random_uuid(), ${uuidOf(another.id)}, ${issuer.url}, ${ada.sub}, ${uuidOf(userId)})`;
      const elsewhere = await attempt().session(another, ada);
      const waiting = attempt();
      const { code } = await waiting.logIn(provider, ada);
      const [identity] = await identitiesOf(tenant.admin, userId);
      const { unlinkUserIdentity } = await tenant.admin.run<{ unlinkUserIdentity: { user: { identities: { id: string }[] } } }>(ofUser, {
        input: { userId, identityId: identity?.id },
      });
      expect(unlinkUserIdentity.user.identities).toHaveLength(1);
      await until(async () => !(await works(session)), { what: "the session of the provider ended", deadlineMs: aSecondMs });
      expect(await works(elsewhere)).toBe(true);
      expect(codeOf(await waiting.complete(code))).toBe("UNAUTHENTICATED");
      const [entry] =
        await owner`select entity_id from audit.entries where tenant_id = ${tenant.id} and action = 'identityProvider.unlinkUser'`;
      expect(entry?.["entity_id"]).toBe(uuidOf(provider.id));
      const [row] = await owner`select revoked_reason from identity.sessions where user_id = ${uuidOf(userId)} and revoked_at is not null`;
      expect(row?.["revoked_reason"]).toBe("IDENTITY_UNLINKED");
      expect(await attempt().logIn(provider, ada)).toMatchObject({ error: "access_denied" });
    },
  );

  test("are removed by their user, unless nothing else would let the user in", async () => {
    const tenant = await weft.tenant();
    const provider = await connect(tenant, issuer);
    const ada = accountOf(tenant);
    const [session, other] = [await attempt().session(provider, ada), await attempt().session(provider, ada)];
    const [identity] = await mine(session);
    const send = async () => codeOf(await clientOf(session).send(own, { id: identity?.id }));
    expect(await send()).toBe("CONFLICT");
    await givePassword(session, tenant.admin);
    expect(await send()).toBe("done");
    expect(await mine(session)).toEqual([]);
    await until(async () => !(await works(other)), { what: "the other session ended", deadlineMs: aSecondMs });
    expect(await works(session)).toBe(true);
    expect(await send()).toBe("NOT_FOUND");
  });

  test("cannot both be removed at the same time if the user has no password", async () => {
    const tenant = await weft.tenant();
    const [one, two] = [await connect(tenant, issuer), await connect(tenant, issuer)];
    const ada = accountOf(tenant);
    const session = await attempt().session(one, ada);
    await owner`insert into identity.user_identities (tenant_id, id, provider_id, issuer, subject, user_id)
      values (${tenant.id}, gen_random_uuid(), ${uuidOf(two.id)}, ${issuer.url}, ${ada.sub}, ${uuidOf(session.user.id)})`;
    const answers = await Promise.all((await mine(session)).map(({ id }) => clientOf(session).send(own, { id })));
    expect(answers.map(codeOf).toSorted()).toEqual(["CONFLICT", "done"]);
  });

  test("of an inactive provider, and a password that is not accepted, are no way in", async () => {
    const tenant = await weft.tenant();
    const [one, two] = [await connect(tenant, issuer), await connect(tenant, issuer)];
    const ada = accountOf(tenant);
    const session = await attempt().session(one, ada);
    await owner`insert into identity.user_identities (tenant_id, id, provider_id, issuer, subject, user_id)
      values (${tenant.id}, gen_random_uuid(), ${uuidOf(two.id)}, ${issuer.url}, ${ada.sub}, ${uuidOf(session.user.id)})`;
    await tenant.admin.run("mutation ($id: ID!) { deactivateIdentityProvider(input: { id: $id }) { identityProvider { id } } }", {
      id: two.id,
    });
    await givePassword(session, tenant.admin);
    await tenant.admin.run("mutation ($id: ID!) { setBreakGlass(input: { userId: $id, isBreakGlass: true }) { user { id } } }", {
      id: tenant.admin.id,
    });
    await tenant.admin.run(
      "mutation ($input: UpdateConfigurationInput!) { updateConfiguration(input: $input) { configuration { version } } }",
      {
        input: { patch: { security: { singleSignOn: "REQUIRED" } }, message: "Logins" },
      },
    );
    const identity = (await mine(session)).find(({ providerId }) => providerId === one.id);
    expect(codeOf(await clientOf(session).send(own, { id: identity?.id }))).toBe("CONFLICT");
  });

  test("of other users and other tenants do not exist, and those of users with more rights stay", async () => {
    const [tenant, foreign] = [await weft.tenant(), await weft.tenant()];
    const [provider, elsewhere] = [await connect(tenant, issuer), await connect(foreign, issuer)];
    const [session, other] = [await attempt().session(provider, accountOf(tenant)), await attempt().session(provider, accountOf(tenant))];
    const far = await attempt().session(elsewhere, accountOf(foreign));
    const [identity] = await mine(session);
    const [farIdentity] = await mine(far);
    expect(codeOf(await clientOf(other).send(own, { id: identity?.id }))).toBe("NOT_FOUND");
    expect(codeOf(await clientOf(session).send(own, { id: farIdentity?.id }))).toBe("NOT_FOUND");
    const of = (userId: string, identityId: string | undefined) => tenant.admin.refusal(ofUser, { input: { userId, identityId } });
    expect(await of(far.user.id, farIdentity?.id)).toBe("NOT_FOUND");
    expect(await of(other.user.id, identity?.id)).toBe("NOT_FOUND");
    const permissions = ["user.read", "user.update"].map((permission) => ({ permission, scope: "TENANT" }));
    await tenant.admin.run("mutation ($input: CreateRoleInput!) { createRole(input: $input) { role { id } } }", {
      input: { key: "helpers", name: "Helpers", permissions },
    });
    const helper = await tenant.user("helpers");
    await owner`insert into identity.user_identities (tenant_id, id, provider_id, issuer, subject, user_id)
      values (${tenant.id}, gen_random_uuid(), ${uuidOf(provider.id)}, ${issuer.url}, 'admin', ${uuidOf(tenant.admin.id)})`;
    const [ofAdmin] = await identitiesOf(tenant.admin, tenant.admin.id);
    expect(await helper.refusal(ofUser, { input: { userId: tenant.admin.id, identityId: ofAdmin?.id } })).toBe("FORBIDDEN");
  });
});
