import { postgres } from "@weft/pg-driver";
import { decodeId, encodeId, newId } from "@weft/shared/ids";
import { openLive } from "@weft/testkit/live/live-client";
import { startTestWeft, type TestTenant, type TestUser, type TestWeft, until } from "@weft/testkit";
import { aMaintenanceTenant } from "@weft/testkit/tenants/maintenance-tenant";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";

interface Entry {
  readonly action: string;
  readonly summary: string;
  readonly class: string;
  readonly outcome: string;
  readonly code: string | null;
  readonly operation: string | null;
  readonly count: number;
  readonly firstAt: string | null;
  readonly lastAt: string | null;
  readonly actor: { readonly id: string } | null;
  readonly address: string | null;
  readonly clientName: string | null;
  readonly clientVersion: string | null;
  readonly userAgent: string | null;
  readonly sessionId: string | null;
  readonly requestId: string;
}

let kit: TestWeft;
let owner: postgres.Sql;
beforeAll(async () => {
  kit = await startTestWeft({ settings: { WEFT_AUDIT_SECONDS: 1 } });
  owner = postgres(kit.database.ownerUrl, { max: 1, onnotice: () => {} });
});
afterAll(async () => {
  await owner.end();
  await kit.stop();
});

const entriesQuery = `query ($filter: AuditEntryFilter) {
  auditEntries(first: 50, filter: $filter) {
    edges { node { action summary class outcome code operation count firstAt lastAt actor { id } address clientName clientVersion userAgent sessionId requestId } }
  }
}`;
const entriesFor = async (user: TestUser, filter: object): Promise<readonly Entry[]> =>
  (await user.run<{ auditEntries: { edges: { node: Entry }[] } }>(entriesQuery, { filter })).auditEntries.edges.map(({ node }) => node);

/** Waits until so many entries are recorded. */
const recorded = (user: TestUser, filter: object, count = 1): Promise<readonly Entry[]> =>
  until(
    async () => {
      const entries = await entriesFor(user, filter);
      return entries.length >= count ? entries : undefined;
    },
    { what: `${count} entries are recorded`, everyMs: 100 },
  );

const createBuilding = 'mutation { createBuilding(input: { code: "X", name: "X" }) { building { id } } }';

/** Sends an operation as a program that names itself. Returns the codes of the answer. */
async function send(user: Pick<TestUser, "token">, query: string, variables: object = {}): Promise<string[]> {
  const response = await fetch(`${kit.url}/graphql`, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      authorization: `Bearer ${user.token}`,
      "apollographql-client-name": "desk",
      "apollographql-client-version": "1.2",
      "user-agent": "DeskBrowser/7",
    },
    body: JSON.stringify({ query, variables }),
  });
  const { errors = [] } = (await response.json()) as { errors?: { extensions: { code: string } }[] };
  return errors.map(({ extensions: { code } }) => code);
}

describe("refusals", () => {
  let acme: TestTenant;
  beforeAll(async () => {
    acme = await kit.tenant();
  });

  test("are recorded with the rule, the person, the address and the program", async () => {
    const rita = await acme.user("requester");
    expect(await send(rita, createBuilding)).toEqual(["FORBIDDEN"]);
    const [entry] = await recorded(acme.admin, { actorId: { eq: rita.id }, class: { eq: "FORBIDDEN" } });
    expect(entry).toMatchObject({
      action: "api.refuse",
      summary: "Was refused Mutation.createBuilding (FORBIDDEN).",
      class: "FORBIDDEN",
      outcome: "REFUSED",
      code: "FORBIDDEN",
      operation: "Mutation.createBuilding",
      count: 1,
      actor: { id: rita.id },
      address: "127.0.0.1",
      clientName: "desk",
      clientVersion: "1.2",
      userAgent: "DeskBrowser/7",
    });
    expect(entry?.firstAt).toBe(entry?.lastAt);
    expect(entry?.sessionId).toMatch(/^ses_/);
  });

  test("that repeat are one entry with their number, and the next one comes a minute later", async () => {
    const rita = await acme.user("requester");
    for (let times = 0; times < 20; times++) await send(rita, createBuilding);
    const filter = { actorId: { eq: rita.id }, class: { eq: "FORBIDDEN" } };
    await recorded(acme.admin, filter);
    for (let times = 0; times < 5; times++) await send(rita, createBuilding);
    // What is recorded meanwhile for another person shows that a writing has passed.
    const ron = await acme.user("requester");
    await send(ron, createBuilding);
    await recorded(acme.admin, { actorId: { eq: ron.id }, class: { eq: "FORBIDDEN" } });
    expect(await entriesFor(acme.admin, filter)).toHaveLength(1);
    await owner`update audit.occurrences set due_at = due_at - interval '1 minute' where tenant_id = ${acme.id} and count > 0`;
    const entries = await recorded(acme.admin, filter, 2);
    expect(entries.reduce((sum, { count }) => sum + count, 0)).toBe(25);
  });

  test("are recorded at the field that was refused, whatever its alias and its fragments", async () => {
    const rita = await acme.user("requester");
    await send(rita, "query { mine: me { id } ...More } fragment More on Query { all: auditEntries { totalCount } }");
    const [entry] = await recorded(acme.admin, { actorId: { eq: rita.id }, code: { eq: "FORBIDDEN" } });
    expect(entry?.operation).toBe("Query.auditEntries");
  });

  test("of IDs that do not exist and of those of other tenants are recorded alike", async () => {
    const other = await kit.tenant();
    const { createBuilding: created } = await other.admin.run<{ createBuilding: { building: { id: string } } }>(createBuilding);
    const olga = await acme.user("operations");
    const rename = 'mutation ($id: ID!) { updateBuilding(input: { id: $id, name: "Y" }) { building { id } } }';
    expect(await send(olga, rename, { id: created.building.id })).toEqual(["NOT_FOUND"]);
    expect(await send(olga, rename, { id: encodeId("building", newId()) })).toEqual(["NOT_FOUND"]);
    const filter = { actorId: { eq: olga.id }, class: { eq: "NOT_FOUND" } };
    const [entry] = await recorded(acme.admin, filter);
    expect(entry?.operation).toBe("Mutation.updateBuilding");
    expect(await entriesFor(other.admin, { class: { ne: "CHANGE" }, outcome: { eq: "REFUSED" } })).toEqual([]);
  });

  test("of transitions are recorded", async () => {
    const maintenance = await aMaintenanceTenant(kit);
    const { requester } = maintenance;
    const { id } = await maintenance.request("triage");
    const close = "mutation ($id: ID!) { closeRequest(input: { id: $id }) { request { id } } }";
    expect(await send(requester, close, { id })).toEqual(["TRANSITION_REJECTED"]);
    const [entry] = await recorded(maintenance.admin, { actorId: { eq: requester.id }, class: { eq: "REFUSED_TRANSITION" } });
    expect(entry).toMatchObject({ code: "TRANSITION_REJECTED", operation: "Mutation.closeRequest", outcome: "REFUSED" });
  });

  test("over a socket are recorded", async () => {
    const rita = await acme.user("requester");
    const socket = await openLive(kit.url, { token: rita.token });
    socket.send({ id: "1", type: "subscribe", payload: { query: createBuilding } });
    await socket.message(({ id }) => id === "1");
    const [entry] = await recorded(acme.admin, { actorId: { eq: rita.id }, class: { eq: "FORBIDDEN" } });
    expect(entry).toMatchObject({ operation: "Mutation.createBuilding", address: "127.0.0.1" });
    socket.close();
  });

  test("of a class that the tenant has turned off are not recorded", async () => {
    const quiet = await kit.tenant();
    await quiet.admin.run(
      "mutation ($input: UpdateConfigurationInput!) { updateConfiguration(input: $input) { configuration { version } } }",
      { input: { patch: { audit: { forbidden: false } }, message: "Less." } },
    );
    const rita = await quiet.user("requester");
    await send(rita, createBuilding);
    const submit = "mutation ($id: ID!) { submitRequest(input: { id: $id }) { request { id } } }";
    expect(await send(rita, submit, { id: encodeId("request", newId()) })).toEqual(["NOT_FOUND"]);
    const [entry, ...others] = await recorded(quiet.admin, { actorId: { eq: rita.id }, outcome: { eq: "REFUSED" } });
    expect(entry?.class).toBe("NOT_FOUND");
    expect(others).toEqual([]);
  });
});

describe("sensitive reads", () => {
  test("of a subscription are recorded when it begins, and not again when it ends", async () => {
    const { admin } = await kit.tenant();
    const filter = { class: { eq: "SENSITIVE_READ" }, operation: { eq: "Subscription.auditEntrySealed" } };
    const query = "subscription ($filter: AuditEntryFilter) { auditEntrySealed(filter: $filter) { entry { operation } } }";
    const feed = await admin.subscribe("auditEntrySealed", query, { filter });
    await feed.until((payloads) => payloads.length === 1);
    await feed.stop();
    // What comes after the end is written with the refusal. A repetition waits a minute for an entry of its own.
    await send(admin, "mutation ($id: ID!) { closeRequest(input: { id: $id }) { request { id } } }", { id: encodeId("request", newId()) });
    await recorded(admin, { class: { eq: "NOT_FOUND" } });
    expect(await recorded(admin, filter)).toMatchObject([{ action: "api.read", actor: { id: admin.id }, count: 1 }]);
    const waiting =
      await owner`select count from audit.occurrences where actor_id = ${decodeId("user", admin.id)} and operation = ${filter.operation.eq}`;
    expect(waiting).toEqual([{ count: "0" }]);
  });

  test("are recorded once, and those of other fields are not", async () => {
    const { admin } = await kit.tenant();
    expect(await send(admin, "{ me { id } secrets { id } }")).toEqual([]);
    await send(admin, "{ me { id } }");
    const entries = await recorded(admin, {
      class: { eq: "SENSITIVE_READ" },
      clientName: { eq: "desk" },
      at: { gte: "2020-01-01T00:00:00Z" },
    });
    expect(entries).toMatchObject([
      { action: "api.read", summary: "Read Query.secrets.", outcome: "SUCCESS", operation: "Query.secrets", code: null, count: 1 },
    ]);
  });
});

describe("whoever reads something sensitive cannot hide it", () => {
  let admin: TestUser;
  let keyId: string;
  beforeEach(async () => {
    ({ admin } = await kit.tenant());
    const { createApiKey } = await admin.run<{ createApiKey: { apiKey: { id: string } } }>(
      "mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) { apiKey { id } } }",
      { input: { name: "Key", permissions: [{ permission: "request.read", scope: "TENANT" }] } },
    );
    keyId = createApiKey.apiKey.id;
  });
  const reads = (operation: string) => ({ class: { eq: "SENSITIVE_READ" }, operation: { eq: operation } });
  const bogus = encodeId("apiKey", newId());
  const twice = "query ($one: ID!, $other: ID!) { a: apiKey(id: $one) { id } b: apiKey(id: $other) { id } }";

  test("behind an alias of the same field that is refused", async () => {
    expect(await send(admin, twice, { one: keyId, other: bogus })).toEqual(["NOT_FOUND"]);
    await recorded(admin, reads("Query.apiKey"));
  });

  test("but what was refused everywhere was not read", async () => {
    expect(await send(admin, twice, { one: bogus, other: bogus })).toEqual(["NOT_FOUND", "NOT_FOUND"]);
    await recorded(admin, { class: { eq: "NOT_FOUND" } });
    expect(await entriesFor(admin, reads("Query.apiKey"))).toEqual([]);
  });

  test("in a text that is too long to be kept", async () => {
    expect(await send(admin, `{ secrets { id } } # ${"x".repeat(120_000)}`)).toEqual([]);
    await recorded(admin, reads("Query.secrets"));
  });

  test("with an empty name of the operation", async () => {
    const response = await fetch(`${kit.url}/graphql?query=${encodeURIComponent("query A { secrets { id } }")}&operationName=`, {
      headers: { authorization: `Bearer ${admin.token}`, "apollo-require-preflight": "1" },
    });
    expect(await response.json()).toEqual({ data: { secrets: [] } });
    await recorded(admin, reads("Query.secrets"));
  });
});

test("an organization does not learn from where, and with which program, an operator works who visits it", async () => {
  const { admin, id } = await kit.tenant();
  const { operator } = await kit.platform();
  const { actAsTenant } = await operator.run<{ actAsTenant: { accessToken: string } }>(
    "mutation ($input: ActAsTenantInput!) { actAsTenant(input: $input) { accessToken } }",
    { input: { tenantId: encodeId("tenant", id), reason: "Support" } },
  );
  const visitor = { token: actAsTenant.accessToken };
  expect(await send(visitor, createBuilding)).toEqual([]);
  expect(await send(visitor, "{ auditEntries(first: 1) { totalCount } }")).toEqual([]);
  const [change] = await entriesFor(admin, { action: { eq: "building.create" } });
  const [read] = await recorded(admin, { class: { eq: "SENSITIVE_READ" }, actorId: { eq: change?.actor?.id } });
  const unknown = { address: null, clientName: null, clientVersion: null, userAgent: null };
  expect([change, read]).toMatchObject([unknown, { ...unknown, operation: "Query.auditEntries" }]);
});

test("what was refused is not the last action of a user", async () => {
  const { admin } = await kit.tenant();
  expect(await send(admin, "query ($id: ID!) { apiKey(id: $id) { id } }", { id: encodeId("apiKey", newId()) })).toEqual(["NOT_FOUND"]);
  await recorded(admin, { class: { eq: "NOT_FOUND" } });
  const { lastActions } = await admin.run<{ lastActions: { action: string }[] }>(
    "query ($ids: [ID!]!) { lastActions(actorIds: $ids) { action } }",
    { ids: [admin.id] },
  );
  expect(lastActions.map(({ action }) => action)).not.toContain("api.refuse");
});

test("reading an entry of the audit trail by its ID is a sensitive read", async () => {
  const { admin } = await kit.tenant();
  await send(admin, createBuilding);
  const query = "{ auditEntries(first: 1) { edges { node { id } } } }";
  const { auditEntries } = await admin.run<{ auditEntries: { edges: [{ node: { id: string } }] } }>(query);
  const { id } = auditEntries.edges[0].node;
  expect(await send(admin, "query ($id: ID!) { node(id: $id) { ... on AuditEntry { summary } } }", { id })).toEqual([]);
  await recorded(admin, { class: { eq: "SENSITIVE_READ" }, operation: { eq: "Query.node" } });
});

test("a change is recorded with the program that made it, and its outcome", async () => {
  const { admin } = await kit.tenant();
  expect(await send(admin, createBuilding)).toEqual([]);
  expect(await entriesFor(admin, { action: { eq: "building.create" } })).toMatchObject([
    {
      class: "CHANGE",
      outcome: "SUCCESS",
      clientName: "desk",
      clientVersion: "1.2",
      userAgent: "DeskBrowser/7",
      count: 1,
      operation: null,
    },
  ]);
});

test("a flood of refusals is one entry, which verifies with the chain", async () => {
  const acme = await kit.tenant();
  const rita = await acme.user("requester");
  await Promise.all(Array.from({ length: 200 }, () => send(rita, createBuilding)));
  const filter = { actorId: { eq: rita.id }, class: { eq: "FORBIDDEN" } };
  await recorded(acme.admin, filter);
  expect((await entriesFor(acme.admin, filter)).length).toBe(1);
  await kit.weft.worker.idle();
  const { verifyAuditTrail } = await acme.admin.run<{ verifyAuditTrail: { isValid: boolean; unsealedEntries: number } }>(
    "{ verifyAuditTrail { isValid unsealedEntries } }",
  );
  expect(verifyAuditTrail).toEqual({ isValid: true, unsealedEntries: 0 });
});

test("a failed login is recorded as refused", async () => {
  const { admin, id, slug } = await kit.tenant();
  const [user] = await owner<
    { username: string }[]
  >`select username from identity.users where tenant_id = ${id} and type = 'EMPLOYEE' limit 1`;
  await fetch(`${kit.url}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({
      query: "mutation ($input: LoginInput!) { login(input: $input) { accessToken } }",
      variables: { input: { tenant: slug, login: user?.username, password: "certainly wrong" } },
    }),
  });
  const entries = await recorded(admin, { class: { eq: "REFUSED_LOGIN" } });
  expect(entries).toMatchObject([{ action: "session.loginFailed", outcome: "REFUSED", address: "127.0.0.1" }]);
});
