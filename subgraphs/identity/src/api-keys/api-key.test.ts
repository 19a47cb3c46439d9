import { randomBytes } from "node:crypto";
import { newApiKey } from "@weft/shared/api-keys";
import { parseAnyId } from "@weft/shared/ids";
import { openDatabases } from "@weft/platform/db";
import { viewerOfUser } from "@weft/platform/rights";
import { ApiClient, startTestWeft, type TestTenant, TestUser, type TestWeft, until } from "@weft/testkit";
import { postgres } from "@weft/pg-driver";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { dueApiKeys } from "./due-api-keys.js";

const createKey = `mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) { key apiKey { id version status hint } } }`;
const updateKey = `mutation ($input: UpdateApiKeyInput!) { updateApiKey(input: $input) { apiKey { id name version permissions { permission scope } } } }`;
const rotateKey = `mutation ($input: RotateApiKeyInput!) { rotateApiKey(input: $input) { key apiKey { id previousSecretExpiresAt } } }`;
const revokeKey = `mutation ($input: IdInput!) { revokeApiKey(input: $input) { apiKey { id status revokedBy { id } } } }`;
const createAccount = `mutation ($input: CreateServiceAccountInput!) { createServiceAccount(input: $input) { user { id type status email } } }`;
const me = "{ me { id } }";
const users = "{ users { edges { node { id } } } }";
const createUser = "mutation ($input: CreateUserInput!) { createUser(input: $input) { user { id } } }";
const teamChange = `mutation ($key: String!) { createTeam(input: { key: $key, name: "Made by a key" }) { team { id } } }`;
const password = "a quiet river 42";

interface Grant {
  readonly permission: string;
  readonly scope: string;
}
interface Made {
  readonly id: string;
  readonly key: string;
}
const inTenant = (...permissions: string[]): Grant[] => permissions.map((permission) => ({ permission, scope: "TENANT" }));

let weft: TestWeft;
let owner: postgres.Sql;
let acme: TestTenant;
let other: TestTenant;
beforeAll(async () => {
  weft = await startTestWeft({ settings: { WEFT_TRUSTED_PROXIES: "127.0.0.1" } });
  owner = postgres(weft.database.ownerUrl, { max: 1, onnotice: () => undefined });
  [acme, other] = await Promise.all([weft.tenant(), weft.tenant()]);
});
afterAll(async () => {
  await owner.end();
  await weft.stop();
});

let made = 0;
/** Creates a key of the user, or of a service account. */
async function keyOf(user: TestUser, permissions: readonly Grant[], more: Record<string, unknown> = {}): Promise<Made> {
  const { createApiKey } = await user.run<{ createApiKey: { key: string; apiKey: { id: string } } }>(createKey, {
    input: { name: `Key ${++made}`, permissions, ...more },
  });
  return { id: createApiKey.apiKey.id, key: createApiKey.key };
}
async function accountOf(user: TestUser, roleKeys: readonly string[]): Promise<string> {
  const { createServiceAccount } = await user.run<{ createServiceAccount: { user: { id: string } } }>(createAccount, {
    input: { name: "Robot", username: `robot-${++made}`, roleKeys },
  });
  return createServiceAccount.user.id;
}
const withKey = ({ key }: Made): Promise<TestUser> => TestUser.withToken(weft.url, key);
const codeOf = async (client: ApiClient, query: string, variables = {}) =>
  (await client.send(query, variables)).errors?.[0]?.extensions?.code ?? "done";
const codeWith = (key: string, query = me) => codeOf(new ApiClient(weft.url, key), query);
/** Sends a query from an address, as a trusted proxy reports it. */
async function codeFrom(address: string, key: string): Promise<string> {
  const response = await fetch(`${weft.url}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${key}`, "x-forwarded-for": address },
    body: JSON.stringify({ query: me }),
  });
  const { errors } = (await response.json()) as { errors?: { extensions: { code: string } }[] };
  return errors?.[0]?.extensions.code ?? "done";
}
const uuidOf = (id: string): string => parseAnyId(id)?.uuid ?? "";
const soon = (condition: () => Promise<boolean>, what: string) => until(condition, { what, deadlineMs: 1_000 });

describe("a key that expires", () => {
  const rights = inTenant("user.read");
  const dueRun = (tenant: TestTenant) => dueApiKeys(weft.weft.services).run(tenant.id, 100, new AbortController().signal);
  const inDays = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString();
  /** How many days before its expiry the next reminder of a key is. Null if there is none. */
  const nextReminder = async (key: Made): Promise<number | null> => {
    const [row] =
      await owner`select extract(epoch from expires_at - remind_at)::float8 / 86400 as days from identity.api_keys where id = ${uuidOf(key.id)}`;
    return row?.["days"] as number | null;
  };
  /** Moves the expiry of keys, and with it their reminders, closer. The worker of the installation can be faster than `dueRun`. */
  const pass = async (tenant: TestTenant, days: number) => {
    await owner`update app.mails set created_at = created_at - interval '2 hours' where tenant_id = ${tenant.id}`;
    await owner`update identity.api_keys set expires_at = expires_at - make_interval(days => ${days}), remind_at = remind_at - make_interval(days => ${days})
      where tenant_id = ${tenant.id}`;
    await dueRun(tenant);
    await until(
      async () => (await owner`select 1 from identity.api_keys where tenant_id = ${tenant.id} and remind_at <= now()`).length === 0,
      {
        what: "what is due is done",
      },
    );
  };
  const reminders = async (tenant: TestTenant, { login }: { login: string }) =>
    (await tenant.mails(login)).filter(({ subject }) => subject.includes("expire")).map(({ subject, text }) => ({ subject, text }));

  test("is announced to its owner 14 days and a day before, once each", async () => {
    const tenant = await weft.tenant();
    const [user, colleague] = [await tenant.user("admin"), await tenant.user("admin")];
    const key = await keyOf(user, rights, { expiresAt: inDays(20) });
    await keyOf(colleague, rights);
    expect(await nextReminder(key)).toBe(14);
    await pass(tenant, 5);
    expect(await reminders(tenant, user)).toEqual([]);
    await pass(tenant, 2);
    const [first, ...more] = await reminders(tenant, user);
    expect([first?.subject, more]).toEqual(["An API key expires soon", []]);
    expect(first?.text).toContain(`the key that ends with ${key.key.slice(-4)}`);
    expect(first?.text).not.toContain(key.key);
    await pass(tenant, 3);
    expect(await reminders(tenant, user)).toHaveLength(1);
    expect(await nextReminder(key)).toBe(1);
    await pass(tenant, 9);
    await dueRun(tenant);
    expect(await reminders(tenant, user)).toHaveLength(2);
    expect(await nextReminder(key)).toBeNull();
    expect(await reminders(tenant, colleague)).toEqual([]);
  });

  test("is announced an hour later if the organization has just sent too many emails", async () => {
    const tenant = await weft.tenant();
    const user = await tenant.user("admin");
    const key = await keyOf(user, rights, { expiresAt: inDays(15) });
    const fill = () => owner`insert into app.mails (tenant_id, id, person_id, template, destination_hash, status, finished_at)
      select ${tenant.id}, gen_random_uuid(), gen_random_uuid(), 'invitation', 'h', 'SENT', now() from generate_series(1, 300)`;
    await fill();
    // Not with `pass`, which makes earlier emails older.
    await owner`update identity.api_keys set expires_at = expires_at - interval '2 days', remind_at = now() where id = ${uuidOf(key.id)}`;
    await dueRun(tenant);
    const [row] = await owner`select remind_at > now() + interval '50 minutes' and remind_at < now() + interval '1 hour 1 minute' as later
      from identity.api_keys where id = ${uuidOf(key.id)}`;
    expect([row?.["later"], await reminders(tenant, user)]).toEqual([true, []]);
    await pass(tenant, 1);
    expect(await reminders(tenant, user)).toHaveLength(1);
    expect(await nextReminder(key)).toBe(1);
  });

  test("is not announced once it is revoked or kept for longer; a new secret does not change when it expires", async () => {
    const tenant = await weft.tenant();
    const user = await tenant.user("admin");
    const [revoked, kept, rotated, soon, within] = [
      await keyOf(user, rights, { expiresAt: inDays(15) }),
      await keyOf(user, rights, { expiresAt: inDays(15) }),
      await keyOf(user, rights, { expiresAt: inDays(15) }),
      await keyOf(user, rights, { expiresAt: inDays(0.5) }),
      await keyOf(user, rights, { expiresAt: inDays(7) }),
    ];
    // Whoever makes a key for less than the time of a reminder knows when it expires.
    expect([await nextReminder(soon), await nextReminder(within)]).toEqual([null, 1]);
    await user.run(revokeKey, { input: { id: revoked.id } });
    await user.run(updateKey, { input: { id: kept.id, expiresAt: inDays(100) } });
    await user.run(rotateKey, { input: { id: rotated.id, overlapSeconds: 0 } });
    expect([await nextReminder(revoked), await nextReminder(kept), await nextReminder(rotated)]).toEqual([null, 14, 14]);
    await pass(tenant, 2);
    const [mail, ...more] = await reminders(tenant, user);
    expect(more).toEqual([]);
    expect(mail?.text.match(/- the key/g)).toHaveLength(1);
  });

  test("of a service account is announced to whoever created it, in one email for all keys, or to administrators if they are gone", async () => {
    const tenant = await weft.tenant();
    const creator = await tenant.user("admin");
    const account = await accountOf(creator, ["viewer"]);
    for (let n = 0; n < 3; n++) await keyOf(creator, rights, { userId: account, expiresAt: inDays(15) });
    await pass(tenant, 2);
    const [mail, ...more] = await reminders(tenant, creator);
    expect([mail?.subject, more]).toEqual(["3 API keys expire soon", []]);
    await tenant.admin.run("mutation ($id: ID!) { deactivateUser(input: { id: $id }) { user { id } } }", { id: creator.id });
    await pass(tenant, 12);
    expect(await reminders(tenant, creator)).toHaveLength(1);
    expect((await reminders(tenant, tenant.admin)).map(({ subject }) => subject)).toEqual(["3 API keys expire soon"]);
  });
});

describe("an API key", () => {
  test("acts as its user, with the permissions that both have", async () => {
    const key = await keyOf(acme.admin, inTenant("user.read"));
    const robot = await withKey(key);
    expect(await robot.run(me)).toEqual({ me: { id: acme.admin.id } });
    expect(await robot.run(users)).toHaveProperty("users");
    expect(await robot.refusal(teamChange, { key: "team" })).toBe("FORBIDDEN");
  });

  test("loses what its user loses, at once", async () => {
    const user = await acme.user("viewer");
    const key = await keyOf(user, inTenant("user.read"));
    expect(await codeWith(key.key, users)).toBe("done");
    const none = `mutation ($input: SetUserPermissionsInput!) { setUserPermissions(input: $input) { user { id } } }`;
    await acme.admin.run(none, { input: { userId: user.id, grants: [], denials: inTenant("user.read"), reason: "Test" } });
    expect(await codeWith(key.key, users)).toBe("FORBIDDEN");
  });

  test("is stored as a hash, and appears in no table, event or audit entry", async () => {
    const { key, id } = await keyOf(acme.admin, inTenant("user.read"));
    await acme.admin.run(updateKey, { input: { id, name: "Renamed" } });
    const [row] = await owner`select * from identity.api_keys where id = ${parseAnyId(id)?.uuid ?? ""}`;
    expect(row?.["secret_hash"]).toMatch(/^[0-9a-f]{64}$/);
    const entries = await owner`select before, after from audit.entries where entity_id = ${parseAnyId(id)?.uuid ?? ""}`;
    const events = await owner`select payload from events.log where subject_id = ${parseAnyId(id)?.uuid ?? ""}`;
    expect([entries.length, events.length]).toEqual([2, 2]);
    const text = JSON.stringify([row, entries, events]);
    expect(text).not.toContain(key.slice(5, 60));
    expect(JSON.stringify([entries, events])).not.toContain(row?.["secret_hash"]);
  });

  test("is recorded in the audit log together with its user", async () => {
    const key = await keyOf(acme.admin, inTenant("team.update", "team.read"));
    const robot = await withKey(key);
    const { createTeam } = await robot.run<{ createTeam: { team: { id: string } } }>(teamChange, { key: `audited${++made}` });
    const { auditEntries } = await acme.admin.run<{ auditEntries: { edges: { node: unknown }[] } }>(
      `query ($id: ID!) { auditEntries(filter: { entityId: { eq: $id } }) { edges { node { action actor { id } apiKeyId sessionId } } } }`,
      { id: createTeam.team.id },
    );
    expect(auditEntries.edges.map(({ node }) => node)).toEqual([
      { action: "team.create", actor: { id: acme.admin.id }, apiKeyId: key.id, sessionId: null },
    ]);
  });

  test("is a filter of the audit log, together with others", async () => {
    const [one, two] = [
      await keyOf(acme.admin, inTenant("team.update", "team.read")),
      await keyOf(acme.admin, inTenant("team.update", "team.read")),
    ];
    const teamBy = async (client: ApiClient): Promise<string> =>
      (await client.run<{ createTeam: { team: { id: string } } }>(teamChange, { key: `filtered${++made}` })).createTeam.team.id;
    const teams = [await teamBy(await withKey(one)), await teamBy(await withKey(two)), await teamBy(acme.admin)];
    const found = async (filter: object): Promise<string[]> => {
      const query = `query ($filter: AuditEntryFilter) { auditEntries(filter: $filter) { totalCount edges { node { entityId } } } }`;
      const { auditEntries } = await acme.admin.run<{ auditEntries: { totalCount: number; edges: { node: { entityId: string } }[] } }>(
        query,
        {
          filter: { entityId: { in: teams }, ...filter },
        },
      );
      expect(auditEntries.totalCount).toBe(auditEntries.edges.length);
      return auditEntries.edges.map(({ node }) => node.entityId).toSorted();
    };
    const [first = "", second = "", third = ""] = teams;
    expect(await found({ apiKeyId: { eq: one.id } })).toEqual([first]);
    expect(await found({ apiKeyId: { in: [one.id, two.id] } })).toEqual([first, second].toSorted());
    expect(await found({ apiKeyId: { ne: one.id } })).toEqual([second]);
    expect(await found({ apiKeyId: { isNull: true } })).toEqual([third]);
    expect(await found({ apiKeyId: { isNull: false } })).toEqual([first, second].toSorted());
    const foreign = await keyOf(other.admin, inTenant("user.read"));
    expect(await found({ apiKeyId: { eq: foreign.id } })).toEqual([]);
    const wrong = { filter: { apiKeyId: { eq: acme.admin.id } } };
    const { extensions } = await acme.admin.refused(
      "query ($filter: AuditEntryFilter) { auditEntries(filter: $filter) { totalCount } }",
      wrong,
    );
    expect(extensions).toMatchObject({ code: "BAD_USER_INPUT", problems: [{ path: "filter.apiKeyId.eq" }] });
  });

  test("is told by email to the user who creates or rotates it, without the key or its name", async () => {
    const user = await acme.user("admin");
    const { id, key } = await keyOf(user, inTenant("user.read"), { name: "Named by a stranger" });
    await user.run(rotateKey, { input: { id } });
    const service = await accountOf(user, ["viewer"]);
    await keyOf(user, inTenant("user.read"), { userId: service });
    await until(async () => (await weft.mails(user.login)).length === 3, { what: "three emails" });
    const mails = await weft.mails(user.login);
    expect(mails.map(({ subject }) => subject).toSorted()).toEqual([
      "An API key was replaced",
      "You have a new API key",
      "You have a new API key",
    ]);
    expect(mails.some(({ text }) => text.includes(`ends with ${key.slice(-4)}`))).toBe(true);
    for (const { text } of mails) expect(text).not.toMatch(/weft_|Named by a stranger/);
    // Further keys are not told within the hour, so that a new password still is.
    await keyOf(user, inTenant("user.read"));
    const change = "mutation ($input: ChangePasswordInput!) { changePassword(input: $input) { user { id } } }";
    await user.run(change, { input: { currentPassword: user.password, newPassword: "a winding road 77" } });
    await until(async () => (await weft.mails(user.login)).some(({ subject }) => subject.includes("password")), { what: "the email" });
    expect(await weft.mails(user.login)).toHaveLength(4);
  });

  test("shows when and from where it was last used, without a write per request", async () => {
    const key = await keyOf(acme.admin, inTenant("user.read"));
    const used = () =>
      acme.admin.run<{ apiKey: { lastUsedAt: string | null; lastUsedAddress: string | null } }>(
        `query ($id: ID!) { apiKey(id: $id) { lastUsedAt lastUsedAddress } }`,
        { id: key.id },
      );
    expect((await used()).apiKey).toEqual({ lastUsedAt: null, lastUsedAddress: null });
    expect(await codeFrom("198.51.100.7", key.key)).toBe("done");
    await until(async () => (await used()).apiKey.lastUsedAt !== null, { what: "the use is recorded" });
    const first = await used();
    expect(first.apiKey.lastUsedAddress).toBe("198.51.100.7");
    const [before] = await owner`select xmin::text from identity.api_keys where id = ${parseAnyId(key.id)?.uuid ?? ""}`;
    for (let n = 0; n < 5; n++) expect(await codeFrom("198.51.100.8", key.key)).toBe("done");
    await new Promise((resolve) => setTimeout(resolve, 400));
    const [after] = await owner`select xmin::text from identity.api_keys where id = ${parseAnyId(key.id)?.uuid ?? ""}`;
    expect([await used(), after]).toEqual([first, before]);
  });

  test.each([
    ["an unknown key", (key: string) => key],
    ["a key with a wrong character", (key: string) => key.slice(0, 20) + (key[20] === "A" ? "B" : "A") + key.slice(21)],
    ["half a key", (key: string) => key.slice(0, 40)],
    ["only the prefix", () => "weft_"],
  ])("%s gets the same answer as every other refusal", async (_, change) => {
    const { key, id } = await keyOf(acme.admin, inTenant("user.read"));
    await owner`delete from identity.api_keys where id = ${parseAnyId(id)?.uuid ?? ""}`;
    const { errors } = await new ApiClient(weft.url, change(key)).send(me);
    expect(errors?.[0]).toMatchObject({
      message: "The API key is not valid, or not allowed from this address.",
      extensions: { code: "UNAUTHENTICATED" },
    });
  });

  test("with one's own secret, but the ID of another key or tenant, is refused", async () => {
    const [mine, theirs] = [await keyOf(acme.admin, inTenant("user.read")), await keyOf(acme.admin, inTenant("user.read"))];
    const [id, otherId] = [uuidOf(mine.id), uuidOf(theirs.id)];
    const secret = randomBytes(32);
    const { text, secretHash } = newApiKey({ tenantId: acme.id, id }, secret);
    await owner`update identity.api_keys set secret_hash = ${secretHash} where id = ${id}`;
    expect(await codeWith(text)).toBe("done");
    expect(await codeWith(newApiKey({ tenantId: acme.id, id: otherId }, secret).text)).toBe("UNAUTHENTICATED");
    expect(await codeWith(newApiKey({ tenantId: other.id, id }, secret).text)).toBe("UNAUTHENTICATED");
    expect([await codeWith(text), await codeWith(theirs.key)]).toEqual(["done", "done"]);
  });

  test("works until it expires", async () => {
    const expiresAt = new Date(Date.now() + 60_000).toISOString();
    const { key, id } = await keyOf(acme.admin, inTenant("request.read"), { expiresAt });
    const feed = await (await TestUser.withToken(weft.url, key)).subscribe("requestChanged", "subscription { requestChanged { cursor } }");
    await owner`update identity.api_keys set expires_at = now() - interval '1 second' where id = ${parseAnyId(id)?.uuid ?? ""}`;
    await soon(async () => (await codeWith(key)) === "UNAUTHENTICATED", "the key has expired");
    await feed.untilClosed(1_000);
    const { apiKey } = await acme.admin.run<{ apiKey: { status: string } }>(`query ($id: ID!) { apiKey(id: $id) { status } }`, { id });
    expect(apiKey.status).toBe("EXPIRED");
  });

  test("works only from the allowed addresses, over HTTP and at the start of a socket", async () => {
    const allowedAddresses = ["192.0.2.0/24", "2001:db8::/32"];
    const { key } = await keyOf(acme.admin, inTenant("request.read"), { allowedAddresses });
    expect(await codeFrom("192.0.2.77", key)).toBe("done");
    expect(await codeFrom("2001:db8::1", key)).toBe("done");
    expect(await codeFrom("192.0.3.1", key)).toBe("UNAUTHENTICATED");
    expect(await codeWith(key)).toBe("UNAUTHENTICATED");
    const user = new ApiClient(weft.url, key) as unknown as TestUser;
    await expect(TestUser.prototype.subscribe.call(user, "requestChanged", "subscription { requestChanged { cursor } }")).rejects.toThrow(
      "4401",
    );
  });

  test("is limited to its operations per minute, without using up those of others", async () => {
    const { key } = await keyOf(acme.admin, inTenant("user.read"), { operationsPerMinute: 3 });
    const codes = [];
    for (let n = 0; n < 4; n++) codes.push(await codeWith(key));
    expect(codes).toEqual(["done", "done", "done", "RATE_LIMITED"]);
    expect(await codeOf(acme.admin, me)).toBe("done");
  });

  test("ends within a second when it is revoked, including its sockets", async () => {
    const key = await keyOf(acme.admin, inTenant("request.read"));
    const robot = await withKey(key);
    const feed = await robot.subscribe("requestChanged", "subscription { requestChanged { cursor } }");
    expect(await acme.admin.run(revokeKey, { input: { id: key.id } })).toEqual({
      revokeApiKey: { apiKey: { id: key.id, status: "REVOKED", revokedBy: { id: acme.admin.id } } },
    });
    expect(await codeWith(key.key)).toBe("UNAUTHENTICATED");
    expect((await feed.untilClosed(1_000)).code).toBe(4401);
    expect(await acme.admin.refusal(updateKey, { input: { id: key.id, name: "Again" } })).toBe("CONFLICT");
    expect(await acme.admin.refusal(rotateKey, { input: { id: key.id } })).toBe("CONFLICT");
  });

  test("ends within a second without an announcement too", async () => {
    const key = await keyOf(acme.admin, inTenant("request.read"));
    const robot = await withKey(key);
    const feed = await robot.subscribe("requestChanged", "subscription { requestChanged { cursor } }");
    await owner`update identity.api_keys set revoked_at = now(), revoked_by = user_id where id = ${parseAnyId(key.id)?.uuid ?? ""}`;
    await soon(async () => (await codeWith(key.key)) === "UNAUTHENTICATED", "the key is refused");
    expect((await feed.untilClosed(1_000)).code).toBe(4401);
  });

  test("ends when its user is deactivated, and stays ended when the user is reactivated", async () => {
    const user = await acme.user("viewer");
    const key = await keyOf(user, inTenant("user.read"));
    const change = (mutation: string) =>
      acme.admin.run(`mutation ($id: ID!) { ${mutation}(input: { id: $id }) { user { status } } }`, { id: user.id });
    await change("deactivateUser");
    expect(await codeWith(key.key)).toBe("UNAUTHENTICATED");
    await change("reactivateUser");
    expect(await codeWith(key.key)).toBe("UNAUTHENTICATED");
  });
});

test("deactivating a user ends many keys with as many statements as one", async () => {
  const deactivate = async (count: number) => {
    const user = await acme.user("viewer");
    for (let n = 0; n < count; n++) await keyOf(user, inTenant("user.read"));
    const statements = await weft.statements(() =>
      acme.admin.run("mutation ($id: ID!) { deactivateUser(input: { id: $id }) { user { id } } }", { id: user.id }),
    );
    const [audited] = await owner<{ count: number }[]>`select count(*)::int from audit.entries
      where action = 'apiKey.revoke' and before->>'userId' = ${uuidOf(user.id)} and before->>'revokedAt' is null and after->>'revokedAt' is not null`;
    expect(audited?.count).toBe(count);
    return statements.filter((text) => /key|audit|event/i.test(text)).length;
  };
  expect(await deactivate(5)).toBe(await deactivate(1));
});

test("an update of a key without changes changes nothing", async () => {
  const { id } = await keyOf(acme.admin, inTenant("user.read"));
  const update = async () => (await acme.admin.run<{ updateApiKey: { apiKey: object } }>(updateKey, { input: { id } })).updateApiKey.apiKey;
  expect(await update()).toMatchObject({ version: 1 });
  expect(await owner`select 1 from audit.entries where action = 'apiKey.update' and entity_id = ${uuidOf(id)}`).toEqual([]);
});

describe("a rotation", () => {
  test("ends the old key at once, without an overlap", async () => {
    const old = await keyOf(acme.admin, inTenant("user.read"));
    const { rotateApiKey } = await acme.admin.run<{ rotateApiKey: { key: string } }>(rotateKey, { input: { id: old.id } });
    expect(await codeWith(rotateApiKey.key)).toBe("done");
    expect(await codeWith(old.key)).toBe("UNAUTHENTICATED");
  });

  test("keeps the old key for the overlap, and closes its sockets at the end", { tags: "slow" }, async () => {
    const old = await keyOf(acme.admin, inTenant("request.read"));
    const { rotateApiKey } = await acme.admin.run<{ rotateApiKey: { key: string } }>(rotateKey, {
      input: { id: old.id, overlapSeconds: 2 },
    });
    expect([await codeWith(rotateApiKey.key), await codeWith(old.key)]).toEqual(["done", "done"]);
    const [byOld, byNew] = [await withKey(old), await TestUser.withToken(weft.url, rotateApiKey.key)];
    const text = "subscription { requestChanged { cursor } }";
    const [oldFeed, newFeed] = [await byOld.subscribe("requestChanged", text), await byNew.subscribe("requestChanged", text)];
    await oldFeed.untilClosed(4_000);
    expect(await codeWith(old.key)).toBe("UNAUTHENTICATED");
    expect([await codeWith(rotateApiKey.key), newFeed.closed]).toEqual(["done", null]);
    await newFeed.stop();
  });

  test("ends the key before the last one", async () => {
    const first = await keyOf(acme.admin, inTenant("user.read"));
    const rotate = async () =>
      (await acme.admin.run<{ rotateApiKey: { key: string } }>(rotateKey, { input: { id: first.id, overlapSeconds: 600 } })).rotateApiKey
        .key;
    const [second, third] = [await rotate(), await rotate()];
    expect([await codeWith(first.key), await codeWith(second), await codeWith(third)]).toEqual(["UNAUTHENTICATED", "done", "done"]);
  });

  test.each([-1, 604_801])("with an overlap of %d seconds is refused", async (overlapSeconds) => {
    const { id } = await keyOf(acme.admin, inTenant("user.read"));
    const { extensions } = await acme.admin.refused(rotateKey, { input: { id, overlapSeconds } });
    expect(extensions).toMatchObject({ code: "BAD_USER_INPUT", problems: [{ path: "input.overlapSeconds" }] });
  });

  test("under load fails no request", { tags: "slow" }, async () => {
    const old = await keyOf(acme.admin, inTenant("user.read"));
    let current = old.key;
    let isOver = false;
    const codes: string[] = [];
    const load = Array.from({ length: 4 }, async () => {
      while (!isOver) codes.push(await codeWith(current));
    });
    for (let n = 0; n < 3; n++) {
      const { rotateApiKey } = await acme.admin.run<{ rotateApiKey: { key: string } }>(rotateKey, {
        input: { id: old.id, overlapSeconds: 60 },
      });
      current = rotateApiKey.key;
      await new Promise((resolve) => setTimeout(resolve, 300));
    }
    isOver = true;
    await Promise.all(load);
    expect(new Set(codes)).toEqual(new Set(["done"]));
    expect(codes.length).toBeGreaterThan(20);
  });

  test("that is repeated with an idempotency key changes nothing, and does not show the key again", async () => {
    const { id } = await keyOf(acme.admin, inTenant("user.read"));
    const input = { id, idempotencyKey: `rotate-${made}` };
    const { rotateApiKey: first } = await acme.admin.run<{ rotateApiKey: { key: string } }>(rotateKey, { input });
    const { rotateApiKey: second } = await acme.admin.run<{ rotateApiKey: { key: string | null } }>(rotateKey, { input });
    expect(second.key).toBeNull();
    expect(await codeWith(first.key)).toBe("done");
  });
});

describe("with an API key, nobody can", () => {
  const attempts: Record<string, [string, Record<string, unknown>]> = {
    "create a key": [createKey, { name: "More", permissions: inTenant("user.read") }],
    "change the user's password": [
      "mutation ($input: ChangePasswordInput!) { changePassword(input: $input) { user { id } } }",
      { currentPassword: password, newPassword: "another quiet river" },
    ],
    "change the user's profile": ["mutation ($input: UpdateProfileInput!) { updateProfile(input: $input) { user { id } } }", { name: "X" }],
  };
  test.each(Object.entries(attempts))("%s", async (_, [mutation, input]) => {
    const robot = await withKey(await keyOf(acme.admin, inTenant("apiKey.manage", "user.update", "user.read")));
    expect(await robot.refusal(mutation, { input })).toBe("FORBIDDEN");
  });

  test("change the account of the key's user", async () => {
    const robot = await withKey(await keyOf(acme.admin, inTenant("user.update", "user.read")));
    const email = { id: acme.admin.id, email: `taken-${++made}@example.com` };
    expect(await robot.refusal("mutation ($input: UpdateUserInput!) { updateUser(input: $input) { user { id } } }", { input: email })).toBe(
      "FORBIDDEN",
    );
  });

  test("change or rotate a key, but the key can revoke itself", async () => {
    const key = await keyOf(acme.admin, inTenant("apiKey.read", "user.read"));
    const sibling = await keyOf(acme.admin, inTenant("user.read"));
    const robot = await withKey(key);
    expect(await robot.refusal(updateKey, { input: { id: key.id, permissions: inTenant("user.update") } })).toBe("FORBIDDEN");
    expect(await robot.refusal(rotateKey, { input: { id: key.id } })).toBe("FORBIDDEN");
    expect(await robot.refusal(revokeKey, { input: { id: sibling.id } })).toBe("FORBIDDEN");
    await robot.run(revokeKey, { input: { id: key.id } });
    expect(await codeWith(key.key)).toBe("UNAUTHENTICATED");
  });

  test("give a role that grants more than the key has", async () => {
    const robot = await withKey(await keyOf(acme.admin, inTenant("user.create", "user.read", "role.update")));
    const input = { email: `helper-${++made}@example.com`, name: "Helper", roleKeys: ["admin"] };
    expect((await robot.refused(createUser, { input })).message).toContain("You cannot grant");
  });

  test("give roles and teams of the key's user without permissions for roles and teams", async () => {
    const role = "mutation ($input: CreateRoleInput!) { createRole(input: $input) { role { id } } }";
    await acme.admin.run(role, { input: { key: `approver${++made}`, name: "Approver", permissions: [] } });
    const user = await acme.user("admin", { roles: [`approver${made}`] });
    const teamId = await acme.team(`keys${made}`);
    await acme.admin.run("mutation ($input: AddTeamMemberInput!) { addTeamMember(input: $input) { team { id } } }", {
      input: { teamId, userId: user.id },
    });
    const create = (robot: TestUser, more: object) =>
      codeOf(robot, createUser, { input: { email: `helper-${++made}@example.com`, name: "Helper", ...more } });
    const [approver, teamIds] = [`approver${made}`, [teamId]];
    const robot = await withKey(await keyOf(user, inTenant("user.create", "user.read")));
    expect([await create(robot, { roleKeys: [approver] }), await create(robot, { teamIds })]).toEqual(["FORBIDDEN", "FORBIDDEN"]);
    expect(await create(robot, {})).toBe("done");
    const able = await withKey(await keyOf(user, inTenant("user.create", "user.read", "role.update", "team.update")));
    expect(await create(able, { roleKeys: [approver], teamIds })).toBe("done");
  });

  test("create a login that works when the key is revoked", async () => {
    const robot = await withKey(await keyOf(acme.admin, inTenant("user.create", "user.read")));
    const input = { email: `helper-${++made}@example.com`, name: "Helper", password };
    expect((await robot.refused(createUser, { input })).message).toContain("inviteUser");
  });

  test("email a link with which a vendor registers in the name of the user", async () => {
    const robot = await withKey(await keyOf(acme.admin, inTenant("vendor.create")));
    const invite = "mutation ($input: InviteVendorInput!) { inviteVendor(input: $input) { link { id } } }";
    expect(await robot.refusal(invite, { input: { email: "vendor@example.com" } })).toBe("FORBIDDEN");
  });

  test("have work done in the background with more rights, or at all after the key was revoked", async () => {
    const { id } = await keyOf(acme.admin, [{ permission: "request.read", scope: "OWN" }]);
    const work = { tenantId: acme.id, userId: parseAnyId(acme.admin.id)?.uuid ?? "", sessionId: parseAnyId(id)?.uuid ?? "" };
    const databases = await openDatabases(weft.database);
    onTestFinished(() => databases.close());
    expect((await viewerOfUser(databases.auth, work))?.permissions).toEqual({ "request.read": ["OWN"] });
    await owner`update identity.api_keys set expires_at = now() where id = ${work.sessionId}`;
    expect(await viewerOfUser(databases.auth, work)).toBeNull();
    await owner`update identity.api_keys set expires_at = null where id = ${work.sessionId}`;
    expect(await viewerOfUser(databases.auth, work)).not.toBeNull();
    await acme.admin.run(revokeKey, { input: { id } });
    expect(await viewerOfUser(databases.auth, work)).toBeNull();
  });

  test("create a trigger, which would act with all rights of the user", async () => {
    const robot = await withKey(await keyOf(acme.admin, inTenant("trigger.manage", "workflow.start")));
    const input = { name: "Later", eventType: "building.updated", action: "START", definitionKey: "any" };
    expect(
      await robot.refusal("mutation ($input: CreateTriggerInput!) { createTrigger(input: $input) { trigger { id } } }", { input }),
    ).toBe("FORBIDDEN");
  });

  test("choose the query of a webhook, which would read with all rights of the user", async () => {
    const robot = await withKey(await keyOf(acme.admin, inTenant("webhook.read", "webhook.manage")));
    const create = (more: object) =>
      codeOf(robot, "mutation ($input: CreateWebhookInput!) { createWebhook(input: $input) { webhook { id } } }", {
        input: { name: "Hook", url: "https://hooks.example.invalid/weft", eventTypes: ["building.deleted"], ...more },
      });
    expect(await create({ payload: { query: "{ me { email } }" } })).toBe("FORBIDDEN");
    expect(await create({})).toBe("done");
  });

  test("choose the query or the destination of a webhook that the user has given a query", async () => {
    const { createWebhook } = await acme.admin.run<{ createWebhook: { webhook: { id: string } } }>(
      "mutation ($input: CreateWebhookInput!) { createWebhook(input: $input) { webhook { id } } }",
      {
        input: {
          name: "Own",
          url: "https://hooks.example.invalid/weft",
          eventTypes: ["building.deleted"],
          payload: { query: "{ me { id } }" },
        },
      },
    );
    const robot = await withKey(await keyOf(acme.admin, inTenant("webhook.read", "webhook.manage")));
    const change = (more: object) =>
      codeOf(robot, "mutation ($input: UpdateWebhookInput!) { updateWebhook(input: $input) { webhook { id } } }", {
        input: { id: createWebhook.webhook.id, ...more },
      });
    for (const refused of [
      { payload: { query: "{ me { email } }" } },
      { url: "https://other.example.invalid/" },
      { headers: [{ name: "x-other", value: "1" }] },
    ])
      expect([refused, await change(refused)]).toEqual([refused, "FORBIDDEN"]);
    expect(await change({ name: "Renamed" })).toBe("done");
    expect(await change({ payload: null, url: "https://other.example.invalid/" })).toBe("done");
  });
});

describe("createApiKey", () => {
  test("refuses permissions that the user does not have, or not in this scope", async () => {
    const requester = await acme.user("requester");
    const create = (permission: string, scope: string) =>
      codeOf(requester, createKey, { input: { name: "Key", permissions: [{ permission, scope }] } });
    expect(await create("request.read", "OWN")).toBe("done");
    expect(await create("request.read", "TENANT")).toBe("FORBIDDEN");
    expect(await create("request.read", "TEAM")).toBe("FORBIDDEN");
    expect(await create("user.update", "OWN")).toBe("FORBIDDEN");
  });

  test("names every problem of the input with its path", async () => {
    const input = {
      name: " ",
      permissions: [{ permission: "nothing.at.all", scope: "TENANT" }],
      allowedAddresses: ["192.0.2.0/24", "192.0.2.1/24"],
      operationsPerMinute: 0,
      expiresAt: "2020-01-01T00:00:00Z",
    };
    const { extensions } = await acme.admin.refused(createKey, { input });
    expect((extensions as unknown as { problems: { path: string }[] }).problems.map(({ path }) => path)).toEqual([
      "input.name",
      "input.permissions.0.permission",
      "input.allowedAddresses.1",
      "input.operationsPerMinute",
      "input.expiresAt",
    ]);
    expect((await acme.admin.refused(createKey, { input: { name: "Key", permissions: [] } })).extensions).toMatchObject({
      problems: [{ path: "input.permissions" }],
    });
  });

  test("shows the key once, also if the call is repeated", async () => {
    const input = { name: "Once", permissions: inTenant("user.read"), idempotencyKey: `once-${++made}` };
    const create = () => acme.admin.run<{ createApiKey: { key: string | null; apiKey: { id: string } } }>(createKey, { input });
    const [first, second] = [(await create()).createApiKey, (await create()).createApiKey];
    expect(first.key).toMatch(/^weft_/);
    expect([second.key, second.apiKey.id]).toEqual([null, first.apiKey.id]);
  });

  test("is refused to users if the tenant does not allow their keys, but not for service accounts", async () => {
    const tenant = await weft.tenant();
    const configure = "mutation ($input: UpdateConfigurationInput!) { updateConfiguration(input: $input) { configuration { version } } }";
    await tenant.admin.run(configure, { input: { document: { security: { personalApiKeys: false } }, message: "Test" } });
    const input = { name: "Key", permissions: inTenant("user.read") };
    await soon(async () => (await codeOf(tenant.admin, createKey, { input })) === "FORBIDDEN", "the setting is in effect");
    const userId = await accountOf(tenant.admin, ["viewer"]);
    expect((await keyOf(tenant.admin, inTenant("user.read"), { userId })).key).toMatch(/^weft_/);
  });

  test("is refused to users of a vendor and to platform operators", async () => {
    const { user } = await acme.vendor();
    const input = { name: "Key", permissions: inTenant("request.read") };
    expect(await user.refusal(createKey, { input })).toBe("FORBIDDEN");
    const otto = await (await acme.platform()).actAs(acme);
    expect(await otto.refusal(createKey, { input })).toBe("FORBIDDEN");
  });
});

describe("a service account", () => {
  test("has no password, cannot log in, and acts with its keys", async () => {
    const { createServiceAccount } = await acme.admin.run<{ createServiceAccount: { user: { id: string; email: string } } }>(
      createAccount,
      {
        input: { name: "Importer", username: `importer-${++made}`, roleKeys: ["viewer"] },
      },
    );
    const { user } = createServiceAccount;
    expect(user).toMatchObject({ type: "SERVICE", status: "ACTIVE" });
    const login = 'mutation ($login: String!) { login(input: { login: $login, password: "" }) { accessToken } }';
    expect(await codeOf(new ApiClient(weft.url), login, { login: user.email })).toBe("UNAUTHENTICATED");
    const robot = await withKey(await keyOf(acme.admin, inTenant("user.read"), { userId: user.id }));
    expect(await robot.run(me)).toEqual({ me: { id: user.id } });
  });

  test("cannot log in with a password from before, renew a session from before, or get another password", async () => {
    const user = await acme.user("viewer");
    await owner`update identity.users set type = 'SERVICE' where id = ${uuidOf(user.id)}`;
    await expect(user.again()).rejects.toThrow();
    const refresh = "mutation ($token: String!) { refreshSession(input: { refreshToken: $token }) { accessToken } }";
    expect(await codeOf(new ApiClient(weft.url), refresh, { token: user.refreshToken })).toBe("UNAUTHENTICATED");
    const reset = "mutation ($id: ID!) { startPasswordReset(input: { id: $id }) { user { id } } }";
    expect((await acme.admin.refused(reset, { id: user.id })).message).toContain("Give programs API keys");
  });

  test("can take the user name that another one had", async () => {
    const create = (username: string) =>
      acme.admin.run<{ createServiceAccount: { user: { id: string } } }>(createAccount, { input: { name: "Robot", username } });
    const username = `renamed-${++made}`;
    const { createServiceAccount } = await create(username);
    await acme.admin.run("mutation ($input: UpdateUserInput!) { updateUser(input: $input) { user { id } } }", {
      input: { id: createServiceAccount.user.id, username: `${username}-old` },
    });
    expect(await create(username)).toHaveProperty("createServiceAccount.user.status", "ACTIVE");
  });

  test("does not make the login of a user with the same name ambiguous", async () => {
    const user = await acme.user("viewer");
    await other.admin.run(createAccount, { input: { name: "Robot", username: user.login } });
    expect((await user.again()).id).toBe(user.id);
  });

  test("is not created by createUser", async () => {
    const input = { email: `robot-${++made}@example.com`, name: "Robot", password, type: "SERVICE" };
    const { extensions } = await acme.admin.refused("mutation ($input: CreateUserInput!) { createUser(input: $input) { user { id } } }", {
      input,
    });
    expect(extensions).toMatchObject({ code: "BAD_USER_INPUT", problems: [{ path: "input.type" }] });
  });

  test("gets no key from somebody with fewer rights than it has", async () => {
    const role = "mutation ($input: CreateRoleInput!) { createRole(input: $input) { role { id } } }";
    const permissions = inTenant("apiKey.manage", "user.read");
    await acme.admin.run(role, { input: { key: `keys${++made}`, name: "Keys", permissions } });
    const manager = await acme.user(`keys${made}`);
    const strong = await accountOf(acme.admin, ["admin"]);
    const input = { name: "Key", userId: strong, permissions: inTenant("user.read") };
    expect(await manager.refusal(createKey, { input })).toBe("FORBIDDEN");
    const key = await keyOf(acme.admin, inTenant("user.update"), { userId: strong });
    expect(await manager.refusal(rotateKey, { input: { id: key.id } })).toBe("FORBIDDEN");
    await manager.run(revokeKey, { input: { id: key.id } });
  });

  test("and its keys are managed only with apiKey.manage, and keys of people only by themselves", async () => {
    const account = await accountOf(acme.admin, ["viewer"]);
    const person = await acme.user("viewer");
    const input = { name: "Key", permissions: inTenant("user.read") };
    expect(await person.refusal(createKey, { input: { ...input, userId: account } })).toBe("FORBIDDEN");
    expect(await acme.admin.refusal(createKey, { input: { ...input, userId: person.id } })).toBe("FORBIDDEN");
    const own = await keyOf(person, inTenant("user.read"));
    expect(await acme.admin.refusal(rotateKey, { input: { id: own.id } })).toBe("FORBIDDEN");
    await acme.admin.run(revokeKey, { input: { id: own.id } });
    expect(await codeWith(own.key)).toBe("UNAUTHENTICATED");
  });
});

describe("the list of keys", () => {
  const list = `query ($filter: ApiKeyFilter, $orderBy: ApiKeyOrder, $first: Int, $after: String) {
    apiKeys(filter: $filter, orderBy: $orderBy, first: $first, after: $after) { totalCount pageInfo { endCursor hasNextPage } edges { node { id name status user { id } } } } }`;
  type List = {
    apiKeys: { totalCount: number; pageInfo: { endCursor: string; hasNextPage: boolean }; edges: { node: { id: string; name: string } }[] };
  };

  test("has the user's own keys, and with apiKey.read those of everybody", async () => {
    const user = await acme.user("viewer");
    const own = await keyOf(user, inTenant("user.read"));
    const { apiKeys } = await user.run<List>(list);
    expect(apiKeys.edges.map(({ node }) => node.id)).toEqual([own.id]);
    const all = await acme.admin.run<List>(list, { first: 100 });
    expect(all.apiKeys.edges.map(({ node }) => node.id)).toContain(own.id);
  });

  test("filters, sorts and pages", async () => {
    const user = await acme.user("viewer");
    const names = ["b", "c", "a"];
    const keys = [];
    for (const name of names) keys.push(await keyOf(user, inTenant("user.read"), { name }));
    await user.run(revokeKey, { input: { id: keys[1]?.id } });
    const first = await user.run<List>(list, { first: 2, orderBy: { field: "NAME", direction: "ASC" } });
    expect([first.apiKeys.totalCount, ...first.apiKeys.edges.map(({ node }) => node.name)]).toEqual([3, "a", "b"]);
    const rest = await user.run<List>(list, {
      first: 2,
      after: first.apiKeys.pageInfo.endCursor,
      orderBy: { field: "NAME", direction: "ASC" },
    });
    expect(rest.apiKeys.edges.map(({ node }) => node.name)).toEqual(["c"]);
    const active = await user.run<List>(list, { filter: { status: { eq: "ACTIVE" } } });
    expect(active.apiKeys.edges.map(({ node }) => node.name)).toEqual(["a", "b"]);
  });
});

describe("/oauth/token", () => {
  interface TokenAnswer {
    readonly status: number;
    readonly headers: Headers;
    readonly body: Readonly<Record<string, unknown>>;
  }
  async function request(
    form: string | Record<string, string>,
    headers: Record<string, string> = {},
    url = weft.url,
  ): Promise<TokenAnswer> {
    const response = await fetch(`${url}/oauth/token`, {
      method: "POST",
      headers: { "content-type": "application/x-www-form-urlencoded", ...headers },
      body: typeof form === "string" ? form : new URLSearchParams(form).toString(),
    });
    return { status: response.status, headers: response.headers, body: (await response.json()) as Record<string, unknown> };
  }
  const basic = (id: string, secret: string) => ({ authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString("base64")}` });
  const ofKey = ({ id, key }: Made) => request({ grant_type: "client_credentials" }, basic(id, key));

  test("gives an access token for a key, with the permissions of the key, by HTTP Basic and by form", async () => {
    const made = await keyOf(acme.admin, inTenant("user.read"));
    const [byHeader, byForm] = [
      await ofKey(made),
      await request({ grant_type: "client_credentials", client_id: made.id, client_secret: made.key }),
    ];
    for (const { status, headers, body } of [byHeader, byForm]) {
      expect([status, headers.get("cache-control"), body["token_type"]]).toEqual([200, "no-store", "Bearer"]);
      expect(body["expires_in"]).toBeGreaterThan(890);
      const client = new ApiClient(weft.url, String(body["access_token"]));
      expect(await client.run(me)).toEqual({ me: { id: acme.admin.id } });
      expect(await codeOf(client, teamChange, { key: "team" })).toBe("FORBIDDEN");
    }
  });

  test("accepts POST only", async () => {
    for (const method of ["GET", "PUT", "DELETE"]) {
      const response = await fetch(`${weft.url}/oauth/token`, { method });
      expect([response.status, response.headers.get("allow"), await response.json()]).toEqual([
        405,
        "POST",
        { error: "invalid_request", error_description: "Send the parameters with POST." },
      ]);
    }
  });

  test("and its tokens end with the key, and with the secret that was replaced", async () => {
    const [revoked, rotated] = [await keyOf(acme.admin, inTenant("user.read")), await keyOf(acme.admin, inTenant("user.read"))];
    const tokenOf = async (key: Made) => String((await ofKey(key)).body["access_token"]);
    const tokens = [await tokenOf(revoked), await tokenOf(rotated)] as const;
    expect([await codeWith(tokens[0]), await codeWith(tokens[1])]).toEqual(["done", "done"]);
    await acme.admin.run(revokeKey, { input: { id: revoked.id } });
    await acme.admin.run(rotateKey, { input: { id: rotated.id } });
    expect([await codeWith(tokens[0]), await codeWith(tokens[1])]).toEqual(["UNAUTHENTICATED", "UNAUTHENTICATED"]);
  });

  test("and its tokens do not outlive the key", async () => {
    const expiresAt = new Date(Date.now() + 60_000).toISOString();
    const { body } = await ofKey(await keyOf(acme.admin, inTenant("user.read"), { expiresAt }));
    expect(body["expires_in"]).toBeLessThanOrEqual(60);
  });

  test("and its tokens are refused from addresses from which the key is not allowed", async () => {
    const made = await keyOf(acme.admin, inTenant("user.read"), { allowedAddresses: ["192.0.2.0/24"] });
    const { body } = await request({ grant_type: "client_credentials" }, { ...basic(made.id, made.key), "x-forwarded-for": "192.0.2.1" });
    const token = String(body["access_token"]);
    expect([await codeFrom("192.0.2.1", token), await codeFrom("198.51.100.1", token)]).toEqual(["done", "UNAUTHENTICATED"]);
    expect((await ofKey(made)).body["error"]).toBe("invalid_client");
  });

  test("renews a session as refreshSession does", async () => {
    const user = await acme.user("viewer");
    const form = { grant_type: "refresh_token", refresh_token: user.refreshToken };
    const { status, body } = await request(form);
    expect([status, await codeWith(String(body["access_token"]))]).toEqual([200, "done"]);
    expect(await request({ ...form, refresh_token: String(body["refresh_token"]) })).toMatchObject({ status: 200 });
    // Used twice, and so is its successor: the session ends.
    expect(await request(form)).toMatchObject({ status: 400, body: { error: "invalid_grant" } });
    expect(await codeWith(String(body["access_token"]))).toBe("UNAUTHENTICATED");
  });

  test.each<[string, string | Record<string, string>, Record<string, string>, number, string]>([
    ["no grant type", {}, {}, 400, "invalid_request"],
    ["an unknown grant type", { grant_type: "implicit" }, {}, 400, "unsupported_grant_type"],
    ["a password, which is off", { grant_type: "password", username: "a", password: "b" }, {}, 400, "unsupported_grant_type"],
    ["no credentials", { grant_type: "client_credentials" }, {}, 401, "invalid_client"],
    ["wrong credentials", { grant_type: "client_credentials", client_id: "key_x", client_secret: "weft_x" }, {}, 401, "invalid_client"],
    ["a scope", { grant_type: "client_credentials", scope: "all" }, {}, 400, "invalid_scope"],
    ["a parameter twice", "grant_type=password&grant_type=client_credentials", {}, 400, "invalid_request"],
    ["a wrong refresh token", { grant_type: "refresh_token", refresh_token: "wrt_x" }, {}, 400, "invalid_grant"],
    ["JSON", '{"grant_type":"client_credentials"}', { "content-type": "application/json" }, 400, "invalid_request"],
    ["a body that is too large", { grant_type: "x".repeat(9_000) }, {}, 413, "invalid_request"],
    ["a client where none is used", { grant_type: "refresh_token", refresh_token: "wrt_x" }, basic("key_x", "x"), 401, "invalid_client"],
    ["two kinds of credentials", { grant_type: "client_credentials", client_secret: "x" }, basic("key_x", "x"), 400, "invalid_request"],
  ])("refuses %s", async (_, form, headers, status, error) => {
    const answer = await request(form, headers);
    expect(answer).toMatchObject({ status, body: { error, error_description: expect.any(String) as string } });
    expect(answer.headers.get("cache-control")).toBe("no-store");
  });

  test("says with every 401 that it takes HTTP Basic, and refuses the ID of another key", async () => {
    const [made, theirs] = [await keyOf(acme.admin, inTenant("user.read")), await keyOf(acme.admin, inTenant("user.read"))];
    for (const answer of [
      await request({ grant_type: "client_credentials" }, basic(made.id, `${made.key}x`)),
      await request({ grant_type: "client_credentials", client_id: theirs.id, client_secret: made.key }),
    ])
      expect([answer.status, answer.headers.get("www-authenticate")]).toEqual([401, 'Basic realm="weft", charset="UTF-8"']);
  });

  test("refuses pages of other origins, in whose name visitors would guess passwords", async () => {
    const made = await keyOf(acme.admin, inTenant("user.read"));
    const headers = { ...basic(made.id, made.key), origin: "https://evil.example" };
    const { status, body } = await request({ grant_type: "client_credentials" }, headers);
    expect([status, body["error"], body["access_token"]]).toEqual([403, "invalid_request", undefined]);
    // The characters that RFC 6749, section 5.2 allows.
    expect(body["error_description"]).toMatch(/^[\x20\x21\x23-\x5b\x5d-\x7e]+$/);
  });

  test("takes passwords if the installation allows it", { tags: "slow" }, async () => {
    const old = await startTestWeft({ settings: { WEFT_OAUTH_PASSWORD_GRANT: "on" } });
    onTestFinished(() => old.stop());
    const { admin, slug } = await old.tenant();
    const form = { grant_type: "password", username: admin.login, password: admin.password, tenant: slug };
    const { status, body } = await request(form, {}, old.url);
    expect([status, await codeOf(new ApiClient(old.url, String(body["access_token"])), me)]).toEqual([200, "done"]);
    expect(await request({ ...form, password: "a guess" }, {}, old.url)).toMatchObject({ status: 400, body: { error: "invalid_grant" } });
  });
});

describe("for another tenant", () => {
  test("a key does not exist", async () => {
    const key = await keyOf(acme.admin, inTenant("user.read"));
    for (const [mutation, input] of [
      [updateKey, { id: key.id, name: "Taken" }],
      [rotateKey, { id: key.id }],
      [revokeKey, { id: key.id }],
    ] as const)
      expect(await other.admin.refusal(mutation, { input })).toBe("NOT_FOUND");
    expect(await other.admin.refusal("query ($id: ID!) { apiKey(id: $id) { id } }", { id: key.id })).toBe("NOT_FOUND");
    expect(await codeWith(key.key)).toBe("done");
  });

  test("a service account does not exist", async () => {
    const userId = await accountOf(acme.admin, ["viewer"]);
    expect(await other.admin.refusal(createKey, { input: { name: "Key", userId, permissions: inTenant("user.read") } })).toBe("NOT_FOUND");
  });
});
