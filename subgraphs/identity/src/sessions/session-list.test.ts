import { encodeId, newId, parseAnyId } from "@weft/shared/ids";
import { effectiveConfigOf } from "@weft/platform/configuration";
import {
  ApiClient,
  aSecondMs,
  enrolTotp,
  pendingLogin,
  startTestWeft,
  type TestTenant,
  type TestUser,
  type TestWeft,
  totpCode,
  until,
} from "@weft/testkit";
import { postgres } from "@weft/pg-driver";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

interface Session {
  id: string;
  isCurrent: boolean;
  device: { browser: string | null; operatingSystem: string | null; userAgent: string | null };
  address: string | null;
  createdAt: string;
  lastUsedAt: string;
  expiresAt: string;
  idleExpiresAt: string;
}

const fields = "id isCurrent device { browser operatingSystem userAgent } address createdAt lastUsedAt expiresAt idleExpiresAt";
const ofUser = `query ($id: ID!) { user(id: $id) { lastLoginAt lastLoginAddress sessions { ${fields} } } }`;
const revoke = "mutation ($id: ID!) { revokeSession(input: { id: $id }) { sessionId } }";
const revokeOthers = "mutation { revokeOtherSessions { endedCount } }";
const revokeAll = "mutation ($input: RevokeUserSessionsInput!) { revokeUserSessions(input: $input) { user { id } endedCount } }";
const update = "mutation ($input: UpdateConfigurationInput!) { updateConfiguration(input: $input) { configuration { version } } }";
const refresh = "mutation ($token: String!) { refreshSession(input: { refreshToken: $token }) { accessToken } }";
const loginOperation =
  "mutation ($login: String!, $password: String!) { login(input: { login: $login, password: $password }) { accessToken } }";
const watch = "subscription { notificationAdded { notification { id } } }";
const me = "{ me { id } }";

let weft: TestWeft;
let owner: postgres.Sql;
let acme: TestTenant;
beforeAll(async () => {
  weft = await startTestWeft({ alone: "It uses the platform." });
  owner = postgres(weft.database.ownerUrl, { max: 2, onnotice: () => undefined });
  acme = await weft.tenant();
});
afterAll(async () => {
  await owner.end();
  await weft.stop();
});

const anyone = () => new ApiClient(weft.url);
const sessionsOf = async (user: ApiClient) => (await user.run<{ sessions: Session[] }>(`{ sessions { ${fields} } }`)).sessions;
const currentOf = async (user: TestUser) => (await sessionsOf(user)).find(({ isCurrent }) => isCurrent)?.id ?? "";
const uuidOf = (id: string) => parseAnyId(id)?.uuid ?? "";
const works = async (user: TestUser) => (await user.send(me)).errors === undefined;
const isOver = (user: TestUser, what: string) => until(async () => !(await works(user)), { what, deadlineMs: aSecondMs });
const codeOf = ({ errors }: Awaited<ReturnType<ApiClient["send"]>>) => errors?.[0]?.extensions?.code ?? "done";
const grantUpdate = ({ id: userId }: TestUser, scope: string) =>
  acme.admin.run("mutation ($input: SetUserPermissionsInput!) { setUserPermissions(input: $input) { user { id } } }", {
    input: { userId, grants: [{ permission: "user.update", scope }], denials: [], reason: "A test" },
  });
const setSecurity = (tenant: TestTenant, security: object) =>
  tenant.admin.run(update, { input: { patch: { security }, message: "A test" } });
const endsOf = async (user: TestUser) => {
  const rows = await owner`select revoked_reason as reason from identity.sessions
    where user_id = ${uuidOf(user.id)} and revoked_at is not null order by revoked_at`;
  return rows.map(({ reason }) => reason as unknown);
};

describe("sessions", () => {
  it("lists the viewer's open sessions with their devices, most recently used first", async () => {
    const user = await acme.user("viewer");
    const firefox = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:128.0) Gecko/20100101 Firefox/128.0";
    const response = await fetch(new URL("/graphql", weft.url), {
      method: "POST",
      headers: { "content-type": "application/json", "user-agent": firefox },
      body: JSON.stringify({ query: loginOperation, variables: { login: user.login, password: user.password } }),
    });
    expect(response.status).toBe(200);
    const [newest, oldest, ...more] = await sessionsOf(user);
    expect(more).toEqual([]);
    expect(newest).toMatchObject({
      isCurrent: false,
      device: { browser: "Firefox 128", operatingSystem: "Windows 10", userAgent: firefox },
      address: "127.0.0.1",
    });
    expect(oldest).toMatchObject({ isCurrent: true, address: "127.0.0.1" });
    const hoursUntil = (at = "") => Math.round((Date.parse(at) - Date.parse(newest?.createdAt ?? "")) / 3_600_000);
    expect([hoursUntil(newest?.expiresAt), hoursUntil(newest?.idleExpiresAt)]).toEqual([2160, 336]);
  });

  it("omits ended and expired sessions, and those of other users and tenants", async () => {
    const [user, other, foreigner] = [await acme.user("viewer"), await acme.user("viewer"), await (await weft.tenant()).user("viewer")];
    const [ended, expired, idle] = [await user.again(), await user.again(), await user.again()];
    const [expiredId, idleId] = [uuidOf(await currentOf(expired)), uuidOf(await currentOf(idle))];
    await ended.run("mutation { logout { sessionId } }");
    await owner`update identity.sessions set expires_at = now() where id = ${expiredId}`;
    await owner`update identity.sessions set last_used_at = now() - interval '337 hours' where id = ${idleId}`;
    expect((await sessionsOf(user)).map(({ id }) => id)).toEqual([await currentOf(user)]);
    for (const person of [other, foreigner]) expect((await sessionsOf(person)).map(({ isCurrent }) => isCurrent)).toEqual([true]);
  });

  it("are shown to administrators and the user, but to nobody else, together with the last login", async () => {
    const user = await acme.user("viewer");
    await user.again();
    const colleague = await acme.user("viewer");
    const shown = async (who: ApiClient) => {
      const { data } = await who.send<{ user: { sessions: Session[]; lastLoginAt: string; lastLoginAddress: string } }>(ofUser, {
        id: user.id,
      });
      return data?.user;
    };
    const ofAdmin = await shown(acme.admin);
    expect(ofAdmin?.sessions.map(({ isCurrent }) => isCurrent)).toEqual([false, false]);
    expect(ofAdmin?.lastLoginAt).toBe(ofAdmin?.sessions[0]?.createdAt);
    expect(ofAdmin?.lastLoginAddress).toBe("127.0.0.1");
    const own = await user.run<{ me: { sessions: Session[]; lastLoginAt: string } }>(`{ me { lastLoginAt sessions { ${fields} } } }`);
    expect([own.me.sessions.length, own.me.lastLoginAt]).toEqual([2, ofAdmin?.lastLoginAt]);
    expect(await shown(colleague)).toEqual({ sessions: null, lastLoginAt: null, lastLoginAddress: null });
    expect(await colleague.refusal(ofUser, { id: user.id })).toBe("FORBIDDEN");
  });

  it("are shown for the users that the viewer can update, as far as the scope of the permission goes", async () => {
    const [user, lead] = [await acme.user("viewer"), await acme.user("viewer")];
    await grantUpdate(lead, "OWN");
    const { user: seen } = await lead.run<{ user: unknown }>(ofUser, { id: user.id });
    expect(seen).toEqual({ sessions: null, lastLoginAt: null, lastLoginAddress: null });
  });

  it("are listed and ended by users of a vendor as well", async () => {
    const { user } = await acme.vendor();
    const other = await user.again();
    const ofVendor = await sessionsOf(user);
    expect(ofVendor.map(({ isCurrent }) => isCurrent)).toEqual([false, true]);
    expect(await user.run(revoke, { id: ofVendor[0]?.id })).toEqual({ revokeSession: { sessionId: ofVendor[0]?.id } });
    await isOver(other, "the other session is over");
  });

  it("are loaded for all users of a list with one statement", async () => {
    const list = `{ users(first: 50) { edges { node { lastLoginAt sessions { id } } } } }`;
    await acme.user("viewer");
    const seen = await weft.statements(() => acme.admin.run(list));
    for (const name of ["findSessionsOfUsers", "findLastLogins"]) expect(seen.filter((text) => text.includes(name))).toHaveLength(1);
  });

  it("do not include the sessions of platform operators", async () => {
    const platform = await weft.platform();
    const otto = await platform.actAs(acme);
    expect(await sessionsOf(otto)).toEqual([]);
    expect(await otto.run(revokeOthers)).toEqual({ revokeOtherSessions: { endedCount: 0 } });
    expect(await works(otto)).toBe(true);
    expect(await acme.admin.refusal(revokeAll, { input: { userId: otto.id } })).toBe("FORBIDDEN");
  });
});

describe("the last use of a session", () => {
  it("is recorded at most once in five minutes, however many requests there are", { tags: "slow" }, async () => {
    const user = await acme.user("viewer");
    const id = uuidOf(await currentOf(user));
    const usedAt = async () => (await owner`select last_used_at::text as at from identity.sessions where id = ${id}`)[0]?.["at"] as string;
    const atLogin = await usedAt();
    await owner`update identity.sessions set last_used_at = last_used_at - interval '6 minutes' where id = ${id}`;
    const old = await usedAt();
    const writes = await weft.statements(async () => {
      await until(
        async () => {
          await Promise.all(Array.from({ length: 5 }, () => user.run(me)));
          return (await usedAt()) !== old;
        },
        { what: "the use is recorded" },
      );
      const recorded = await usedAt();
      expect(recorded > atLogin).toBe(true);
      for (let n = 0; n < 20; n++) await user.run(me);
      expect(await usedAt()).toBe(recorded);
    });
    expect(writes.filter((text) => text.includes("touchSessions"))).toHaveLength(1);
  });
});

describe("revokeSession", () => {
  it("ends a session with its tokens and sockets within a second, and says so in audit and events", async () => {
    const user = await acme.user("viewer");
    const lost = await user.again();
    const id = await currentOf(lost);
    const feed = await lost.subscribe("notificationAdded", watch);
    expect(await user.run(revoke, { id })).toEqual({ revokeSession: { sessionId: id } });
    expect((await feed.untilClosed(aSecondMs)).code).toBe(4401);
    await isOver(lost, "the session is over");
    expect(codeOf(await anyone().send(refresh, { token: lost.refreshToken }))).toBe("UNAUTHENTICATED");
    expect(await works(user)).toBe(true);
    const [entry] = await owner`select action, actor_id from audit.entries where entity_id = ${uuidOf(id)} and action = 'session.revoke'`;
    expect(entry?.["actor_id"]).toBe(uuidOf(user.id));
    const events =
      await owner`select payload->>'reason' as reason from events.log where subject_id = ${uuidOf(id)} and type = 'session.ended'`;
    expect(events.map(({ reason }) => reason as unknown)).toEqual(["REVOKED"]);
  });

  it("succeeds again for a session that is already over, without another event", async () => {
    const user = await acme.user("viewer");
    const id = await currentOf(await user.again());
    for (let n = 0; n < 2; n++) expect(await user.run(revoke, { id })).toEqual({ revokeSession: { sessionId: id } });
    const events = await owner`select id from events.log where subject_id = ${uuidOf(id)} and type = 'session.ended'`;
    expect(events).toHaveLength(1);
  });

  it("ends the current session as well", async () => {
    const user = await acme.user("viewer");
    const id = await currentOf(user);
    expect(await user.run(revoke, { id })).toEqual({ revokeSession: { sessionId: id } });
    await isOver(user, "the session is over");
  });

  it("finds no sessions of other users, tenants and platform operators, and refuses malformed IDs", async () => {
    const user = await acme.user("viewer");
    const [colleague, stranger] = [await acme.user("viewer"), await (await weft.tenant()).user("viewer")];
    const platform = await weft.platform();
    await platform.actAs(acme);
    const [row] = await owner`select id from identity.sessions where tenant_id = ${acme.id} and operator_id is not null`;
    const ids = [
      await currentOf(colleague),
      await currentOf(stranger),
      encodeId("session", row?.["id"] as string),
      encodeId("session", newId()),
    ];
    for (const id of ids) expect(await user.refusal(revoke, { id })).toBe("NOT_FOUND");
    expect(await acme.admin.refusal(revoke, { id: ids[0] })).toBe("NOT_FOUND");
    for (const id of ["", "ses_x", user.id]) {
      expect((await user.refused(revoke, { id })).extensions).toMatchObject({ code: "BAD_USER_INPUT", problems: [{ path: "input.id" }] });
    }
    expect([await works(colleague), await works(stranger)]).toEqual([true, true]);
  });
});

describe("revokeOtherSessions", () => {
  it("ends all sessions of the viewer except the current one, and nobody else's", async () => {
    const [user, colleague] = [await acme.user("viewer"), await acme.user("viewer")];
    const [others, expired] = [[await user.again(), await user.again()], await user.again()];
    // It is over already, so this is not its end.
    await owner`update identity.sessions set expires_at = now() where id = ${uuidOf(await currentOf(expired))}`;
    expect(await user.run(revokeOthers)).toEqual({ revokeOtherSessions: { endedCount: 2 } });
    for (const other of others) await isOver(other, "the other sessions are over");
    expect([await works(user), await works(colleague)]).toEqual([true, true]);
    expect(await user.run(revokeOthers)).toEqual({ revokeOtherSessions: { endedCount: 0 } });
  });
});

describe("revokeUserSessions", () => {
  it("ends all sessions of a user with their sockets, or one of them", async () => {
    const user = await acme.user("viewer");
    const other = await user.again();
    const sessionId = await currentOf(other);
    const one = { input: { userId: user.id, sessionId } };
    expect(await acme.admin.run(revokeAll, one)).toEqual({ revokeUserSessions: { user: { id: user.id }, endedCount: 1 } });
    await isOver(other, "the session is over");
    expect(await works(user)).toBe(true);
    expect(await acme.admin.run(revokeAll, one)).toEqual({ revokeUserSessions: { user: { id: user.id }, endedCount: 0 } });
    const feed = await user.subscribe("notificationAdded", watch);
    await acme.admin.run(revokeAll, { input: { userId: user.id } });
    expect((await feed.untilClosed(aSecondMs)).code).toBe(4401);
    await isOver(user, "all sessions are over");
    expect(await endsOf(user)).toEqual(["REVOKED_BY_ADMINISTRATOR", "REVOKED_BY_ADMINISTRATOR"]);
    expect(await works(await user.again())).toBe(true);
  });

  it("is refused to users who cannot update the user, or have fewer rights", async () => {
    const [user, colleague] = [await acme.user("viewer"), await acme.user("viewer")];
    expect(await colleague.refusal(revokeAll, { input: { userId: user.id } })).toBe("FORBIDDEN");
    expect(await colleague.refusal(revokeAll, { input: { userId: colleague.id } })).toBe("FORBIDDEN");
    const desk = await acme.user("viewer");
    await grantUpdate(desk, "TENANT");
    const fresh = await desk.again();
    expect(await fresh.refusal(revokeAll, { input: { userId: acme.admin.id } })).toBe("FORBIDDEN");
    expect(await works(acme.admin)).toBe(true);
    expect(await fresh.run(revokeAll, { input: { userId: user.id } })).toMatchObject({ revokeUserSessions: { endedCount: 1 } });
  });

  it("finds no users of another tenant, and no sessions of another user", async () => {
    const [user, colleague, stranger] = [await acme.user("viewer"), await acme.user("viewer"), await (await weft.tenant()).user("viewer")];
    expect(await acme.admin.refusal(revokeAll, { input: { userId: stranger.id } })).toBe("NOT_FOUND");
    for (const other of [colleague, stranger]) {
      expect(await acme.admin.refusal(revokeAll, { input: { userId: user.id, sessionId: await currentOf(other) } })).toBe("NOT_FOUND");
    }
    expect([await works(user), await works(colleague), await works(stranger)]).toEqual([true, true, true]);
  });
});

describe("security.maxSessions", () => {
  it("ends the sessions that were not used for the longest time, and says why", async () => {
    const tenant = await weft.tenant();
    await setSecurity(tenant, { maxSessions: 2 });
    const first = await tenant.user("viewer");
    const second = await first.again();
    // The first one is older, but was used since.
    await owner`update identity.sessions set last_used_at = now() + interval '1 second' where id = ${uuidOf(await currentOf(first))}`;
    const feed = await second.subscribe("notificationAdded", watch);
    const third = await first.again();
    expect((await feed.untilClosed(aSecondMs)).code).toBe(4401);
    await isOver(second, "the second session is over");
    expect([await works(first), await works(third)]).toEqual([true, true]);
    expect(await endsOf(first)).toEqual(["SESSION_LIMIT"]);
    const entries = await owner`select after->>'revokedReason' as reason from audit.entries
      where tenant_id = ${tenant.id} and action = 'session.revoke'`;
    expect(entries.map(({ reason }) => reason as unknown)).toEqual(["SESSION_LIMIT"]);
    const events =
      await owner`select payload->>'reason' as reason from events.log where tenant_id = ${tenant.id} and type = 'session.ended'`;
    expect(events.map(({ reason }) => reason as unknown)).toEqual(["SESSION_LIMIT"]);
  });

  it("refuses the login if the tenant wants that, after the correct password only, and audits it", async () => {
    const tenant = await weft.tenant();
    await setSecurity(tenant, { maxSessions: 1, sessionLimitReached: "REFUSE" });
    const user = await tenant.user("viewer");
    const attempt = async (password: string) =>
      (await anyone().send(loginOperation, { login: user.login, password })).errors?.[0]?.extensions;
    expect(await attempt(user.password)).toMatchObject({ code: "LIMIT_EXCEEDED", limit: "security.maxSessions", used: 1, allowed: 1 });
    expect((await attempt("not the password"))?.code).toBe("UNAUTHENTICATED");
    expect(await works(user)).toBe(true);
    const refused = async () => owner`select id from audit.entries where tenant_id = ${tenant.id} and action = 'session.loginRefused'`;
    await until(async () => (await refused()).length === 1, { what: "the refused login is audited" });
    await user.run("mutation { logout { sessionId } }");
    expect(await works(await user.again())).toBe(true);
  });

  it("does not matter to a password without its second factor, and a refused login uses the code up", async () => {
    const tenant = await weft.tenant();
    const user = await tenant.user("viewer");
    const { secret, recoveryCodes } = await enrolTotp(user);
    await setSecurity(tenant, { maxSessions: 1, sessionLimitReached: "REFUSE" });
    const complete = async (given: { code: string } | { recoveryCode: string | undefined }) =>
      anyone().send("mutation ($input: CompleteLoginInput!) { completeLogin(input: $input) { accessToken } }", {
        input: { mfaToken: await pendingLogin(user), ...given },
      });
    const code = totpCode(secret, Date.now() + 30_000);
    expect(codeOf(await complete({ code }))).toBe("LIMIT_EXCEEDED");
    expect(codeOf(await complete({ recoveryCode: recoveryCodes[0] }))).toBe("LIMIT_EXCEEDED");
    await setSecurity(tenant, { maxSessions: 2 });
    const maxSessions = async () => (await effectiveConfigOf(weft.weft.services, tenant.id)).security.maxSessions;
    await until(async () => (await maxSessions()) === 2, { what: "the higher limit counts", deadlineMs: aSecondMs });
    expect(codeOf(await complete({ code }))).toBe("BAD_USER_INPUT");
    expect(codeOf(await complete({ recoveryCode: recoveryCodes[0] }))).toBe("BAD_USER_INPUT");
    expect(codeOf(await complete({ recoveryCode: recoveryCodes[1] }))).toBe("done");
  });

  it("ends no session for a password without its second factor", async () => {
    const tenant = await weft.tenant();
    await setSecurity(tenant, { maxSessions: 1 });
    const user = await tenant.user("viewer");
    await enrolTotp(user);
    await pendingLogin(user);
    expect(await works(user)).toBe(true);
  });

  it.each([["END_OLDEST"], ["REFUSE"]])("is not exceeded by logins at the same time (%s)", async (sessionLimitReached) => {
    const tenant = await weft.tenant();
    await setSecurity(tenant, { maxSessions: 2, sessionLimitReached });
    const user = await tenant.user("viewer");
    const codes = await Promise.all(
      Array.from({ length: 6 }, async () => codeOf(await anyone().send(loginOperation, { login: user.login, password: user.password }))),
    );
    expect(codes.filter((code) => code === "done")).toHaveLength(sessionLimitReached === "REFUSE" ? 1 : 6);
    const open = await owner`select id from identity.sessions where user_id = ${uuidOf(user.id)} and revoked_at is null`;
    expect(open).toHaveLength(2);
  });

  it("does not count sessions that are over, and of all levels the lowest limit counts", async () => {
    const tenant = await weft.tenant();
    await setSecurity(tenant, { maxSessions: 1, sessionLimitReached: "REFUSE" });
    const user = await tenant.user("viewer");
    await owner`update identity.sessions set expires_at = now() where user_id = ${uuidOf(user.id)}`;
    expect(await works(await user.again())).toBe(true);
    await owner`insert into app.configurations (tenant_id, level, subject_id, version, document, author_id, message)
      values (${tenant.id}, 'CONTRACT', ${tenant.id}, 1, '{"security":{"maxSessions":3}}', ${tenant.id}, 'm')`;
    const maxSessions = async () => (await effectiveConfigOf(weft.weft.services, tenant.id)).security.maxSessions;
    await setSecurity(tenant, { maxSessions: null, sessionLimitReached: "REFUSE" });
    await until(async () => (await maxSessions()) === 3, { what: "the operators' limit counts", deadlineMs: aSecondMs });
  });
});

describe("a role's limit of sessions", () => {
  const createRole = "mutation ($input: CreateRoleInput!) { createRole(input: $input) { role { id maxSessions sessionLimitReached } } }";
  const updateRole = "mutation ($input: UpdateRoleInput!) { updateRole(input: $input) { role { maxSessions sessionLimitReached } } }";
  const made = async (tenant: TestTenant, key: string, more: object = {}) => {
    const { createRole: created } = await tenant.admin.run<{ createRole: { role: { id: string } } }>(createRole, {
      input: { key, name: key, permissions: [], ...more },
    });
    return created.role;
  };
  const loginOf = async (user: TestUser) =>
    (await anyone().send(loginOperation, { login: user.login, password: user.password })).errors?.[0]?.extensions;
  const openOf = async (user: TestUser) =>
    (await owner`select id from identity.sessions where user_id = ${uuidOf(user.id)} and revoked_at is null`).length;

  it("applies at the next login, to users who have the role or inherit from it, and not before", async () => {
    const tenant = await weft.tenant();
    const role = await made(tenant, "guarded");
    expect(role).toMatchObject({ maxSessions: null, sessionLimitReached: null });
    await made(tenant, "heir", { parentIds: [role.id] });
    const [user, heir, other] = [await tenant.user("guarded"), await tenant.user("heir"), await tenant.user("viewer")];
    for (const each of [user, heir, other]) await each.again();
    const limit = { id: role.id, maxSessions: 1 };
    expect(await tenant.admin.run(updateRole, { input: limit })).toEqual({
      updateRole: { role: { maxSessions: 1, sessionLimitReached: null } },
    });
    expect([await openOf(user), await openOf(heir)]).toEqual([2, 2]);
    for (const each of [user, heir, other]) expect(await loginOf(each)).toBeUndefined();
    expect([await openOf(user), await openOf(heir), await openOf(other)]).toEqual([1, 1, 3]);
    await tenant.admin.run(updateRole, { input: { id: role.id, sessionLimitReached: "REFUSE" } });
    for (const each of [user, heir])
      expect(await loginOf(each)).toMatchObject({ code: "LIMIT_EXCEEDED", limit: "role.maxSessions", used: 1, allowed: 1 });
    await tenant.admin.run(updateRole, { input: { id: role.id, name: "Renamed" } });
    expect(await loginOf(user)).toMatchObject({ code: "LIMIT_EXCEEDED" });
    await tenant.admin.run(updateRole, { input: { id: role.id, maxSessions: null } });
    expect(await loginOf(user)).toBeUndefined();
  });

  it.each([
    [
      "the lowest of several",
      [
        { maxSessions: 3, sessionLimitReached: "REFUSE" },
        { maxSessions: 1, sessionLimitReached: "END_OLDEST" },
      ],
      {},
      "done",
    ],
    [
      "the refusing one of equal ones",
      [
        { maxSessions: 1, sessionLimitReached: "END_OLDEST" },
        { maxSessions: 1, sessionLimitReached: "REFUSE" },
      ],
      {},
      "role.maxSessions",
    ],
    ["the tenant's policy without one of its own", [{ maxSessions: 1 }], { sessionLimitReached: "REFUSE" }, "role.maxSessions"],
    [
      "the tenant's limit if it is lower",
      [{ maxSessions: 2, sessionLimitReached: "END_OLDEST" }],
      { maxSessions: 1, sessionLimitReached: "REFUSE" },
      "security.maxSessions",
    ],
    [
      "its own if the tenant's is higher",
      [{ maxSessions: 1, sessionLimitReached: "END_OLDEST" }],
      { maxSessions: 2, sessionLimitReached: "REFUSE" },
      "done",
    ],
    [
      "the tenant's refusal if they are equal",
      [{ maxSessions: 1, sessionLimitReached: "END_OLDEST" }],
      { maxSessions: 1, sessionLimitReached: "REFUSE" },
      "security.maxSessions",
    ],
  ] as const)("means %s", async (_what, limits, security, expected) => {
    const tenant = await weft.tenant();
    for (const [n, limit] of limits.entries()) await made(tenant, `role${n}`, limit);
    await setSecurity(tenant, security);
    const user = await tenant.user("viewer", { roles: limits.map((_limit, n) => `role${n}`) });
    const error = await loginOf(user);
    expect(error?.["limit"] ?? "done").toBe(expected);
    expect(await openOf(user)).toBe(1);
  });

  it("is not exceeded by logins at the same time", async () => {
    const tenant = await weft.tenant();
    await made(tenant, "guarded", { maxSessions: 2, sessionLimitReached: "REFUSE" });
    const user = await tenant.user("guarded");
    const codes = await Promise.all(Array.from({ length: 6 }, async () => (await loginOf(user))?.code ?? "done"));
    expect(codes.filter((code) => code === "done")).toHaveLength(1);
    expect(await openOf(user)).toBe(2);
  });

  it("is a number from 1 to 1000, and cannot be changed by somebody with fewer rights than the role or its holders", async () => {
    const tenant = await weft.tenant();
    const { id } = await made(tenant, "guarded", { maxSessions: 1000 });
    for (const maxSessions of [0, 1001]) {
      const { errors } = await tenant.admin.send(updateRole, { input: { id, maxSessions } });
      expect(errors?.[0]?.extensions).toMatchObject({ code: "BAD_USER_INPUT", problems: [{ path: "input.maxSessions" }] });
      expect(codeOf(await tenant.admin.send(createRole, { input: { key: "k", name: "K", permissions: [], maxSessions } }))).toBe(
        "BAD_USER_INPUT",
      );
    }
    await made(tenant, "editor", {
      permissions: [
        { permission: "role.update", scope: "TENANT" },
        { permission: "role.read", scope: "TENANT" },
      ],
    });
    const editor = await tenant.user("editor");
    const { roles } = await tenant.admin.run<{ roles: { edges: { node: { id: string; key: string } }[] } }>(
      "{ roles(first: 50) { edges { node { id key } } } }",
    );
    const admin = roles.edges.find(({ node }) => node.key === "admin")?.node.id;
    expect(codeOf(await editor.send(updateRole, { input: { id: admin, maxSessions: 1 } }))).toBe("FORBIDDEN");
    expect(codeOf(await editor.send(updateRole, { input: { id: admin, sessionLimitReached: null } }))).toBe("FORBIDDEN");
    expect(codeOf(await editor.send(updateRole, { input: { id, maxSessions: 1 } }))).toBe("done");
    // Not if somebody with more rights than the role has it.
    await made(tenant, "strong", { parentIds: [id], permissions: [{ permission: "user.update", scope: "TENANT" }] });
    await tenant.user("strong");
    for (const input of [{ maxSessions: null }, { sessionLimitReached: "REFUSE" }, { requiresSecondFactor: true }])
      expect(codeOf(await editor.send(updateRole, { input: { id, ...input } }))).toBe("FORBIDDEN");
    expect(codeOf(await tenant.admin.send(updateRole, { input: { id, maxSessions: 2 } }))).toBe("done");
  });
});

describe("live connections of a session", () => {
  const connections = async (user: ApiClient) =>
    (
      await user.run<{ sessions: { isCurrent: boolean; connectionCount: number; connectedSince: string | null }[] }>(
        "{ sessions { isCurrent connectionCount connectedSince } }",
      )
    ).sessions;
  const countOf = async (user: ApiClient) => (await connections(user)).find(({ isCurrent }) => isCurrent)?.connectionCount;
  const soonHas = (user: ApiClient, count: number) =>
    until(async () => (await countOf(user)) === count, { what: `${count} connections show`, deadlineMs: 5_000 });

  it("are its open sockets, since the first one was opened; those of other sessions do not count", { tags: "slow" }, async () => {
    const user = await acme.user("viewer");
    const elsewhere = await user.again();
    const before = Date.now();
    const feeds = [await user.subscribe("notificationAdded", watch), await user.subscribe("notificationAdded", watch)];
    await soonHas(user, 2);
    const [own, other] = (await connections(user)).toSorted((a, b) => Number(b.isCurrent) - Number(a.isCurrent));
    expect(Math.abs(Date.parse(own?.connectedSince ?? "") - before)).toBeLessThan(10_000);
    expect(other).toEqual({ isCurrent: false, connectionCount: 0, connectedSince: null });
    for (const feed of feeds) await feed.stop();
    await soonHas(user, 0);
    expect(await countOf(elsewhere)).toBe(0);
  });

  it("are those at all gateways, without those at gateways that have not reported for a while; also of vendors' users", async () => {
    const { user } = await acme.vendor();
    const id = uuidOf(await currentOf(user));
    const report = async (expires: string, count: number) => {
      const gateway = newId();
      await owner`insert into identity.gateway_reports (tenant_id, gateway_id, expires_at) values (${acme.id}, ${gateway}, now() + ${expires}::interval)`;
      await owner`insert into identity.session_connections (tenant_id, session_id, gateway_id, connection_count, connected_since, user_id)
        values (${acme.id}, ${id}, ${gateway}, ${count}, '2026-01-02T03:04:05Z', ${uuidOf(user.id)})`;
    };
    await report("1 minute", 3);
    await report("1 minute", 4);
    await report("-1 second", 8);
    expect(
      (await connections(user)).map(({ connectionCount, connectedSince }) => [connectionCount, Date.parse(connectedSince ?? "")]),
    ).toEqual([[7, Date.parse("2026-01-02T03:04:05Z")]]);
    const seen = await acme.admin.run("query ($id: ID!) { user(id: $id) { sessions { connectionCount } } }", { id: user.id });
    expect(seen).toEqual({ user: { sessions: [{ connectionCount: 7 }] } });
  });

  it("need no second connection to the database, so that many requests at once do not wait for each other", { tags: "slow" }, async () => {
    const { user } = await acme.vendor();
    const feed = await user.subscribe("notificationAdded", watch);
    await soonHas(user, 1);
    expect(await Promise.all(Array.from({ length: 30 }, () => countOf(user)))).toEqual(Array.from({ length: 30 }, () => 1));
    await feed.stop();
  });

  it("end with the session", { tags: "slow" }, async () => {
    const user = await acme.user("viewer");
    const feed = await user.subscribe("notificationAdded", watch);
    await soonHas(user, 1);
    const id = uuidOf(await currentOf(user));
    const rows = () => owner`select 1 from identity.session_connections where session_id = ${id}`;
    await user.run("mutation { logout { sessionId } }");
    await feed.untilClosed(aSecondMs);
    await until(async () => (await rows()).length === 0, { what: "the gateway has reported the end", deadlineMs: 5_000 });
  });
});

describe("timeouts", () => {
  it.each([
    ["lifetime", { sessionLifetimeHours: 2 }, "created_at"],
    ["idle time", { sessionIdleHours: 2 }, "last_used_at"],
  ])("of the %s end open sessions and sockets within a second after the tenant shortens the setting", async (_, security, column) => {
    const tenant = await weft.tenant();
    const [old, recent] = [await tenant.user("viewer"), await tenant.user("viewer")];
    await owner`update identity.sessions set ${owner(column)} = now() - interval '3 hours' where user_id = ${uuidOf(old.id)}`;
    const [feed, open] = [await old.subscribe("notificationAdded", watch), await recent.subscribe("notificationAdded", watch)];
    // The use would be recorded a second later.
    await owner`update identity.sessions set ${owner(column)} = now() - interval '3 hours' where user_id = ${uuidOf(old.id)}`;
    await setSecurity(tenant, security);
    expect((await feed.untilClosed(aSecondMs)).code).toBe(4401);
    await isOver(old, "the old session is over");
    expect(codeOf(await anyone().send(refresh, { token: old.refreshToken }))).toBe("UNAUTHENTICATED");
    expect([await works(recent), open.closed]).toEqual([true, null]);
    await open.stop();
  });

  it("end an open socket and its access token as soon as they are over", async () => {
    const user = await acme.user("viewer");
    const other = await user.again();
    const [feed, id] = [await user.subscribe("notificationAdded", watch), uuidOf(await currentOf(user))];
    await owner`update identity.sessions set created_at = now() - interval '2160 hours' + interval '300 milliseconds' where id = ${id}`;
    expect(feed.closed).toBeNull();
    expect((await feed.untilClosed(300 + aSecondMs)).code).toBe(4401);
    await isOver(user, "the session is over");
    expect(await works(other)).toBe(true);
  });

  it("are the same in the database and in every process, whatever the levels say", { tags: "slow" }, async () => {
    const tenant = await weft.tenant();
    const layer = async (level: "CONTRACT" | "TENANT", document: object) => owner`
      insert into app.configurations (tenant_id, level, subject_id, version, document, author_id, message)
      select ${tenant.id}, ${level}, ${tenant.id}, 1 + coalesce(max(version), 0), ${owner.json(document as postgres.JSONValue)}, ${tenant.id}, 'm'
        from app.configurations where tenant_id = ${tenant.id} and level = ${level}`;
    const inDatabase = async () => {
      const [row] = await owner`select extract(epoch from lifetime)::int / 3600 as lifetime, extract(epoch from idle)::int / 3600 as idle
        from app.session_limits(${tenant.id}, 'ENTERPRISE')`;
      return row;
    };
    const inProcess = async () => {
      const { security } = await effectiveConfigOf(weft.weft.services, tenant.id);
      return { lifetime: security.sessionLifetimeHours, idle: security.sessionIdleHours };
    };
    for (const [contract, own] of [
      [{}, {}],
      [{ sessionLifetimeHours: 10 }, {}],
      [
        { sessionLifetimeHours: 10, sessionIdleHours: 5 },
        { sessionLifetimeHours: 20, sessionIdleHours: 4 },
      ],
      [{ sessionIdleHours: 2000 }, { sessionLifetimeHours: 8760 }],
    ]) {
      await layer("CONTRACT", { security: contract });
      await layer("TENANT", { security: own });
      await until(async () => JSON.stringify(await inProcess()) === JSON.stringify(await inDatabase()), {
        what: `the process has the values of ${JSON.stringify([contract, own])}`,
        deadlineMs: aSecondMs,
      });
    }
    expect(await inDatabase()).toEqual({ lifetime: 8760, idle: 2000 });
  });
});
