import { announceConfiguration } from "@weft/platform/configuration";
import { asTenant, type Tx } from "@weft/platform/db";
import { claimPayloads, failPayload, postponePayload } from "@weft/platform/webhooks";
import { sql } from "drizzle-orm";
import { startTestWeft, type TestTenant, type TestUser, type TestWeft } from "@weft/testkit";
import { until } from "@weft/testkit/until";
import { postgres } from "@weft/pg-driver";
import { afterAll, beforeAll, expect, test } from "vitest";
import { holdRetries } from "../queues/held-retries.fixture.js";
import { bodyOf, type Received, receiverGroup } from "./receiver.fixture.js";

let weft: TestWeft;
let owner: postgres.Sql;
const receivers = receiverGroup();
const aReceiver = receivers.start;
beforeAll(async () => {
  weft = await startTestWeft({ settings: { WEFT_OUTBOUND_ALLOWED: "127.0.0.1" } });
  owner = postgres(weft.database.ownerUrl, { max: 1, onnotice: () => undefined });
  await holdRetries(owner, "events.webhook_deliveries");
});
afterAll(async () => {
  await receivers.close();
  await owner.end();
  await weft.stop();
});

interface Shown {
  readonly id: string;
  readonly payload: { readonly query: string; readonly user: { readonly id: string } | null; readonly error: string | null } | null;
}

const createMutation = "mutation ($input: CreateWebhookInput!) { createWebhook(input: $input) { webhook { id payload { query } } } }";
const updateMutation = "mutation ($input: UpdateWebhookInput!) { updateWebhook(input: $input) { webhook { id } } }";

async function create(user: TestUser, input: object): Promise<string> {
  const { createWebhook } = await user.run<{ createWebhook: { webhook: { id: string } } }>(createMutation, {
    input: { name: "Hook", eventTypes: ["building.created"], ...input },
  });
  await weft.weft.worker.idle();
  return createWebhook.webhook.id;
}

async function aBuilding({ admin }: TestTenant, code: string, more: object = {}): Promise<string> {
  const { createBuilding } = await admin.run<{ createBuilding: { building: { id: string } } }>(
    "mutation ($input: CreateBuildingInput!) { createBuilding(input: $input) { building { id } } }",
    { input: { code, name: `Building ${code}`, ...more } },
  );
  await weft.weft.worker.idle();
  return createBuilding.building.id;
}

const shown = async (user: TestUser, id: string): Promise<Shown> =>
  (await user.run<{ webhook: Shown }>("query ($id: ID!) { webhook(id: $id) { id payload { query user { id } error } } }", { id })).webhook;

interface Delivery {
  readonly id: string;
  readonly status: string;
  readonly attemptCount: number;
  readonly lastError: string | null;
  readonly requestBody: string | null;
}

async function deliveriesOf(user: TestUser, webhookId: string): Promise<Delivery[]> {
  const { webhookDeliveries } = await user.run<{ webhookDeliveries: { edges: { node: Delivery }[] } }>(
    `query ($id: ID!) { webhookDeliveries(filter: { webhookId: { eq: $id } }, orderBy: { field: CREATED_AT, direction: ASC }) {
      edges { node { id status attemptCount lastError requestBody } } } }`,
    { id: webhookId },
  );
  return webhookDeliveries.edges.map(({ node }) => node);
}

const buildingQuery = "query ($subjectId: ID!, $eventId: ID!) { building(id: $subjectId) { code name } event(id: $eventId) { type } }";

test(
  "a query selects the payload once: each attempt has the same body, which only the user of the query can read in the log",
  { tags: "slow" },
  async () => {
    const acme = await weft.tenant();
    const other = await acme.user("admin");
    const receiver = await aReceiver();
    receiver.answer = (_request, response) => void response.writeHead(500).end();
    const id = await create(acme.admin, { url: receiver.url, payload: { query: buildingQuery } });
    expect(await shown(other, id)).toMatchObject({ payload: { query: buildingQuery, user: { id: acme.admin.id }, error: null } });
    const building = await aBuilding(acme, "P1");
    receiver.answer = (_request, response) => void response.writeHead(204).end();
    await acme.admin.run('mutation ($id: ID!) { updateBuilding(input: { id: $id, name: "Renamed" }) { building { id } } }', {
      id: building,
    });
    await owner`update events.webhook_deliveries set next_attempt_at = now() where tenant_id = ${acme.id} and status = 'PENDING'`;
    await weft.weft.worker.idle();
    const [first, ...others] = receiver.requests;
    if (!first || others.length === 0) throw new Error("two attempts were expected");
    expect(bodyOf(first)).toMatchObject({
      type: "building.created",
      data: {
        subject: { type: "building", id: building },
        payload: { data: { building: { code: "P1", name: "Building P1" }, event: { type: "building.created" } } },
      },
    });
    for (const { body } of others) expect(body).toBe(first.body);
    expect(await deliveriesOf(acme.admin, id)).toMatchObject([
      { status: "DELIVERED", attemptCount: 1 + others.length, requestBody: first.body },
    ]);
    expect(await deliveriesOf(other, id)).toMatchObject([{ status: "DELIVERED", requestBody: null }]);
    const [row] = await owner`select body from events.webhook_deliveries where tenant_id = ${acme.id}`;
    expect(row?.["body"]).toMatch(/^sec:v1:/);
  },
);

test("a query that cannot run is refused when it is saved, with its place", async () => {
  const acme = await weft.tenant();
  const problemOf = async (query: string): Promise<unknown> => {
    const input = { name: "Hook", url: "https://hooks.example.com", payload: { query } };
    const { extensions } = await acme.admin.refused(createMutation, { input });
    expect(extensions).toMatchObject({ code: "BAD_USER_INPUT", problems: [{ path: "input.payload.query" }] });
    return (extensions as { problems: { message: string }[] }).problems[0]?.message;
  };
  expect(await problemOf("{ building(")).toMatch(/^Line 1, column 12: Syntax Error/);
  expect(await problemOf("{\n  nothing { id }\n}")).toBe('Line 2, column 3: Cannot query field "nothing" on type "Query".');
  expect(await problemOf('mutation { deleteWebhook(input: { id: "x" }) { id } }')).toMatch(/must be a query, not a mutation/);
  expect(await problemOf("query A { me { id } } query B { me { id } }")).toMatch(/exactly one operation/);
  expect(await problemOf("query ($id: ID!) { building(id: $id) { id } }")).toMatch(/^Nothing sets the variable \$id. Use \$eventId,/);
  expect(await problemOf("query ($subjectId: String!) { building(id: $subjectId) { id } }")).toBe(
    "The variable $subjectId has the type ID, not String.",
  );
  expect(await problemOf(`{ me ${"{ reports { edges { node ".repeat(15)} { id }${" } } }".repeat(15)} }`)).toMatch(/depth/);
  expect(await problemOf("{ __schema { types { name } } }")).toMatch(/introspection/);
  expect(await problemOf(`{ me { id } }${" ".repeat(10_000)}`)).toMatch(/10013 characters/);
  const id = await create(acme.admin, { url: "https://hooks.example.com" });
  const literal = `mutation { updateWebhook(input: { id: "${id}", payload: { query: "{ nothing }" } }) { webhook { id } } }`;
  expect(await acme.admin.refusal(literal)).toBe("BAD_USER_INPUT");
});

test("the query runs with the rights of the user who last changed what is sent or where", { tags: "slow" }, async () => {
  const acme = await weft.tenant();
  const developer = await acme.user("developer");
  const receiver = await aReceiver();
  const query = "query ($subjectId: ID!) { building(id: $subjectId) { code } auditEntries(first: 1) { edges { node { id } } } }";
  const id = await create(acme.admin, { url: receiver.url, payload: { query } });
  await aBuilding(acme, "Q1");
  await developer.run(updateMutation, { input: { id, name: "Another name" } });
  expect((await shown(acme.admin, id)).payload).toMatchObject({ user: { id: acme.admin.id }, error: null });
  await developer.run(updateMutation, { input: { id, url: `${receiver.url}/elsewhere` } });
  expect((await shown(acme.admin, id)).payload?.user?.id).toBe(developer.id);
  await aBuilding(acme, "Q2");
  const [asAdmin, asDeveloper] = receiver.requests.map((request) => bodyOf(request).data["payload"]);
  expect(asAdmin).toMatchObject({ data: { building: { code: "Q1" }, auditEntries: { edges: [{}] } } });
  expect(asAdmin).not.toHaveProperty("errors");
  expect(asDeveloper).toEqual({
    data: { building: { code: "Q2" }, auditEntries: null },
    errors: [{ message: expect.any(String) as string, path: ["auditEntries"], extensions: { code: "FORBIDDEN" } }],
  });
  expect((await shown(acme.admin, id)).payload?.error).toMatch(/^The query returned errors/);
  await developer.run(updateMutation, { input: { id, payload: null } });
  await aBuilding(acme, "Q3");
  expect(receiver.requests.map((request) => bodyOf(request).data["payload"])[2]).toEqual({ code: "Q3", name: "Building Q3" });
  expect(await shown(acme.admin, id)).toMatchObject({ payload: null });
});

test(
  "what one user can see does not reach the destination that another user chooses, whether it waits or is repeated",
  { tags: "slow" },
  async () => {
    const acme = await weft.tenant();
    const developer = await acme.user("developer");
    const [theirs, others] = [await aReceiver(), await aReceiver()];
    const query = "{ auditEntries(first: 1) { edges { node { id } } } }";
    const id = await create(acme.admin, { url: theirs.url, payload: { query } });
    await aBuilding(acme, "X1");
    theirs.answer = (_request, response) => void response.writeHead(500).end();
    await aBuilding(acme, "X2");
    // One more if the test is slow, and the failed one was repeated.
    expect(theirs.requests.length).toBeGreaterThanOrEqual(2);
    await developer.run(updateMutation, { input: { id, url: others.url } });
    await weft.weft.worker.idle();
    const from = new Date(Date.now() - 60_000).toISOString();
    const redeliver = "mutation ($input: RedeliverWebhookInput!) { redeliverWebhook(input: $input) { count } }";
    await developer.run(redeliver, { input: { webhookId: id, from, to: new Date().toISOString() } });
    await weft.weft.worker.idle();
    expect(others.requests).toHaveLength(3);
    for (const request of others.requests) expect(bodyOf(request).data["payload"]).toMatchObject({ data: { auditEntries: null } });
    await developer.run(updateMutation, { input: { id, payload: null } });
    await developer.run(redeliver, { input: { webhookId: id, from, to: new Date().toISOString() } });
    await weft.weft.worker.idle();
    expect(bodyOf(others.requests.at(-1) as Received).data["payload"]).toEqual({ code: "X2", name: "Building X2" });
  },
);

/** A user who can view webhooks, and nothing else. */
async function aReader(acme: TestTenant): Promise<TestUser> {
  const input = { key: "reader", name: "Reader", permissions: [{ permission: "webhook.read", scope: "TENANT" }] };
  await acme.admin.run("mutation ($input: CreateRoleInput!) { createRole(input: $input) { role { id } } }", { input });
  return acme.user("reader");
}

test(
  "what an endpoint echoes is shown only to the user whose payload it got, also after another user has changed the webhook",
  { tags: "slow" },
  async () => {
    const acme = await weft.tenant();
    const [developer, reader] = [await acme.user("developer"), await aReader(acme)];
    const receiver = await aReceiver();
    receiver.answer = ({ path, body }, response) =>
      void response.writeHead(path === "/elsewhere" ? 200 : 500, { "x-echo": Buffer.from(body).toString("base64") }).end(body);
    const id = await create(acme.admin, { url: receiver.url, payload: { query: buildingQuery } });
    await aBuilding(acme, "E1");
    await developer.run(updateMutation, { input: { id, url: `${receiver.url}/elsewhere` } });
    await weft.weft.worker.idle();
    interface Attempt {
      readonly responseStatus: number;
      readonly responseHeaders: Readonly<Record<string, string>> | null;
      readonly responseBody: string | null;
      readonly error: string | null;
    }
    /** Which attempts the user sees, in their order, and what of them. A slow test can have a second attempt at the first destination. */
    const seenBy = async (user: TestUser): Promise<Set<string>> => {
      const { webhookDeliveries } = await user.run<{ webhookDeliveries: { edges: { node: { attempts: Attempt[] } }[] } }>(
        `query ($id: ID!) { webhookDeliveries(filter: { webhookId: { eq: $id } }) { edges { node { attempts {
        responseStatus responseHeaders responseBody error } } } } }`,
        { id },
      );
      const attempts = webhookDeliveries.edges.flatMap(({ node }) => node.attempts);
      return new Set(
        attempts.map(({ responseStatus, responseHeaders, responseBody, error }) => {
          const header = Buffer.from(responseHeaders?.["x-echo"] ?? "", "base64").toString();
          const hasEcho = receiver.requests.some(({ body }) => body === responseBody && body === header);
          const isHidden = responseHeaders === null && responseBody === null;
          return `${responseStatus}, ${error ?? "no error"}, ${hasEcho ? "echo" : isHidden ? "hidden" : "something else"}`;
        }),
      );
    };
    const failed = "500, The endpoint answered with status 500.";
    expect([...(await seenBy(acme.admin))]).toEqual([`${failed}, echo`, "200, no error, hidden"]);
    expect([...(await seenBy(developer))]).toEqual([`${failed}, hidden`, "200, no error, echo"]);
    expect([...(await seenBy(reader))]).toEqual([`${failed}, hidden`, "200, no error, hidden"]);
    expect(await deliveriesOf(reader, id)).toMatchObject([{ status: "DELIVERED", requestBody: null }]);
  },
);

test("errors of payloads have codes and paths, but none of what the user of the query can see", async () => {
  const acme = await weft.tenant();
  const reader = await aReader(acme);
  const receiver = await aReceiver();
  const query = "query ($subjectId: ID!) { all: buildings { edges { node { code } } } request(id: $subjectId) { id } }";
  const id = await create(acme.admin, { url: receiver.url, payload: { query } });
  const building = await aBuilding(acme, "V1");
  const { errors } = bodyOf(receiver.requests[0] as Received).data["payload"] as { errors: { message: string }[] };
  expect(errors[0]?.message).toContain(building);
  expect((await shown(reader, id)).payload?.error).toBe("The query returned errors, for example BAD_USER_INPUT at request.");
});

test("bodies from before are not repeated at a new destination after the first user has changed the query again", async () => {
  const acme = await weft.tenant();
  const developer = await acme.user("developer");
  const [theirs, others] = [await aReceiver(), await aReceiver()];
  const id = await create(acme.admin, { url: theirs.url, payload: { query: "{ auditEntries(first: 1) { edges { node { id } } } }" } });
  await aBuilding(acme, "Y1");
  await developer.run(updateMutation, { input: { id, url: others.url } });
  await acme.admin.run(updateMutation, { input: { id, payload: { query: buildingQuery } } });
  const from = new Date(Date.now() - 60_000).toISOString();
  const input = { webhookId: id, from, to: new Date().toISOString() };
  await developer.run("mutation ($input: RedeliverWebhookInput!) { redeliverWebhook(input: $input) { count } }", { input });
  await weft.weft.worker.idle();
  expect(others.requests.map((request) => bodyOf(request).data["payload"])).toMatchObject([{ data: { building: { code: "Y1" } } }]);
});

test("a payload whose query has ended five gateways is given up", async () => {
  const acme = await weft.tenant();
  const receiver = await aReceiver();
  const id = await create(acme.admin, { url: receiver.url, payload: { query: buildingQuery } });
  await aBuilding(acme, "L1");
  await owner`update events.webhook_deliveries
    set status = 'PENDING', finished_at = null, body = null, payload_user_id = null, payload_due_at = now(), payload_lapses = 5
    where tenant_id = ${acme.id}`;
  await weft.weft.worker.idle();
  expect(receiver.requests).toHaveLength(1);
  const reason = expect.stringMatching(/^The query ended without a result 5 times/) as string;
  expect(await deliveriesOf(acme.admin, id)).toMatchObject([{ status: "FAILED", lastError: reason }]);
});

test("if the user of the query is no longer active, deliveries fail with the reason, and can be repeated with another user", async () => {
  const acme = await weft.tenant();
  const developer = await acme.user("developer");
  const receiver = await aReceiver();
  const id = await create(developer, { url: receiver.url, payload: { query: buildingQuery } });
  await acme.admin.run("mutation ($id: ID!) { deactivateUser(input: { id: $id }) { user { id } } }", { id: developer.id });
  await aBuilding(acme, "F1");
  expect(receiver.requests).toEqual([]);
  const reason = expect.stringMatching(/^The user who chose the payload is no longer active/) as string;
  expect(await deliveriesOf(acme.admin, id)).toMatchObject([{ status: "FAILED", attemptCount: 0, lastError: reason }]);
  expect((await shown(acme.admin, id)).payload?.error).toEqual(reason);
  await acme.admin.run(updateMutation, { input: { id, payload: { query: buildingQuery } } });
  await acme.admin.run("mutation ($id: ID!) { redeliverWebhook(input: { webhookId: $id, onlyFailed: true }) { count } }", { id });
  await weft.weft.worker.idle();
  expect(receiver.requests.map((request) => bodyOf(request).data["payload"])).toMatchObject([{ data: { building: { code: "F1" } } }]);
  expect((await shown(acme.admin, id)).payload?.error).toBeNull();
});

test("a payload whose gateway ended is built again, and the result of an earlier attempt is ignored", async () => {
  const acme = await weft.tenant();
  const receiver = await aReceiver();
  await create(acme.admin, { url: receiver.url, payload: { query: buildingQuery } });
  await aBuilding(acme, "G1");
  // As if a gateway had claimed it for the third time, and its lease had ended.
  const rows = await owner<{ id: string; webhook_id: string }[]>`update events.webhook_deliveries
    set status = 'PENDING', finished_at = null, body = null, payload_user_id = null, payload_due_at = now(), payload_attempts = 3
    where tenant_id = ${acme.id} returning id, webhook_id`;
  await weft.weft.worker.idle();
  expect(receiver.requests).toHaveLength(2);
  const claim = { id: rows[0]?.id ?? "", webhookId: rows[0]?.webhook_id ?? "", claims: 3 };
  await asTenant(weft.weft.services.databases.app, { tenantId: acme.id }, "write", (tx) => failPayload(tx, claim, { error: "Too late." }));
  expect(await owner`select status, last_error, payload_attempts from events.webhook_deliveries where tenant_id = ${acme.id}`).toEqual([
    expect.objectContaining({ status: "DELIVERED", last_error: null, payload_attempts: 4 }),
  ]);
});

test(
  "a stored body that cannot be decrypted is built again, and the other deliveries of the webhook are sent",
  { tags: "slow" },
  async () => {
    const acme = await weft.tenant();
    const receiver = await aReceiver();
    receiver.answer = (_request, response) => void response.writeHead(500).end();
    const id = await create(acme.admin, { url: receiver.url, payload: { query: buildingQuery } });
    await aBuilding(acme, "D1");
    await aBuilding(acme, "D2");
    receiver.answer = (_request, response) => void response.writeHead(204).end();
    await owner`update events.webhook_deliveries set next_attempt_at = now(), body = case when seq = (
    select min(seq) from events.webhook_deliveries where tenant_id = ${acme.id}) then 'sec:v1:1:AAAA' else body end where tenant_id = ${acme.id}`;
    const isDelivered = async () => (await deliveriesOf(acme.admin, id)).every(({ status }) => status === "DELIVERED");
    await until(isDelivered, { what: "both are delivered" });
    expect(await deliveriesOf(acme.admin, id)).toMatchObject([
      { status: "DELIVERED", attemptCount: 2, requestBody: expect.stringContaining('"D1"') as string },
      { status: "DELIVERED", attemptCount: 2 },
    ]);
  },
);

test(
  "webhooks take turns when payloads are built, and a day counts from the first failure, not from the event",
  { tags: "slow" },
  async () => {
    const acme = await weft.tenant();
    const receiver = await aReceiver();
    for (const name of ["Many", "Few"]) await create(acme.admin, { name, url: receiver.url, payload: { query: buildingQuery } });
    for (const code of ["T1", "T2", "T3", "T4"]) await aBuilding(acme, code);
    class RolledBack extends Error {}
    const claims = async (tx: Tx) => (await claimPayloads(tx, 2)).toSorted((a, b) => a.webhookId.localeCompare(b.webhookId));
    const steps = async (tx: Tx): Promise<never> => {
      // As if the payloads were three days old, and those of one webhook were due long before those of the other.
      await tx.execute(sql`update events.webhook_deliveries d
      set status = 'PENDING', finished_at = null, body = null, payload_user_id = null, payload_generation = null, next_attempt_at = null,
          created_at = now() - interval '3 days', payload_due_at = now() - case w.name when 'Many' then interval '2 hours' else interval '1 minute' end
      from events.webhooks w where d.tenant_id = app.tenant() and w.tenant_id = d.tenant_id and w.id = d.webhook_id`);
      const [one, other] = await claims(tx);
      if (one === undefined || other === undefined) throw new Error("Nothing was claimed.");
      expect(one.webhookId).not.toBe(other.webhookId);
      expect(one.failingSeconds).toBe(0);
      await postponePayload(tx, one, { seconds: -60, isFailing: true });
      await tx.execute(sql`update events.webhook_deliveries set payload_failing_since = payload_failing_since - interval '25 hours',
      payload_due_at = payload_due_at - interval '1 day' where tenant_id = app.tenant() and id = ${one.id}::uuid`);
      const again = await claims(tx);
      expect(again.find(({ id }) => id === one.id)?.failingSeconds).toBe(25 * 3_600);
      throw new RolledBack();
    };
    // All in one transaction, so that no gateway builds them.
    await expect(asTenant(weft.weft.services.databases.app, { tenantId: acme.id }, "write", steps)).rejects.toThrow(RolledBack);
  },
);

test("a custom event has its declared type and payload in filters, conditions and bodies, and a body that is too long is not sent", async () => {
  const acme = await weft.tenant();
  const [plain, selecting] = [await aReceiver(), await aReceiver()];
  const declare = "mutation ($input: DeclareEventTypeInput!) { declareEventType(input: $input) { eventType { id } } }";
  for (const name of ["custom.built", "custom.sold"]) {
    const payloadSchema = { type: "object", properties: { text: { type: "string" }, floors: { type: "integer" } } };
    await acme.admin.run(declare, { input: { name, description: "Test.", payloadSchema } });
  }
  await create(acme.admin, {
    url: plain.url,
    eventTypes: ["custom.built"],
    condition: "payload.floors > 2 && event.type == 'custom.built'",
  });
  const wrong = { name: "Hook", url: plain.url, eventTypes: ["custom.built"], condition: "payload.flors > 2" };
  expect(await acme.admin.refusal(createMutation, { input: wrong })).toBe("BAD_USER_INPUT");
  expect(await acme.admin.refusal(createMutation, { input: { ...wrong, eventTypes: ["custom.bilt"] } })).toBe("BAD_USER_INPUT");
  const parts = Array.from({ length: 10 }, (_, at) => `p${at}: event(id: $eventId) { type payload }`);
  const query = `query ($eventId: ID!) { ${parts.join(" ")} }`;
  const id = await create(acme.admin, { url: selecting.url, eventTypes: ["custom.published"], payload: { query } });
  const publish = async (type: string, payload: object): Promise<void> => {
    await acme.admin.run("mutation ($input: PublishEventInput!) { publishEvent(input: $input) { eventId } }", { input: { type, payload } });
    await weft.weft.worker.idle();
  };
  await publish("custom.built", { floors: 2 });
  await publish("custom.sold", { floors: 3 });
  await publish("custom.built", { floors: 3, text: "x".repeat(30_000) });
  expect(plain.requests.map(bodyOf)).toMatchObject([{ type: "custom.built", data: { typeVersion: 1, payload: { floors: 3 } } }]);
  expect(selecting.requests.map(bodyOf)).toMatchObject([
    { type: "custom.built", data: { payload: { data: { p9: { type: "custom.built", payload: { floors: 2 } } } } } },
    { type: "custom.sold" },
  ]);
  const failed = { status: "FAILED", lastError: expect.stringMatching(/^The body has 30\d{4} bytes/) as string };
  expect(await deliveriesOf(acme.admin, id)).toMatchObject([{ status: "DELIVERED" }, { status: "DELIVERED" }, failed]);
});

/** Sets the operations per minute of the tenant's contract. Null for no limit. */
async function allow({ id }: TestTenant, operationsPerMinute: number | null): Promise<void> {
  await owner`insert into app.configurations (tenant_id, level, subject_id, version, document, author_id, message)
    select ${id}, 'CONTRACT', ${id}, count(*) + 1, ${owner.json({ limits: { operationsPerMinute } })}, ${id}, 'Test'
      from app.configurations where tenant_id = ${id} and level = 'CONTRACT'`;
  await announceConfiguration(weft.weft.services, id);
}

test("payloads use up no operations of users: they have as many of their own, and wait when those are used up", async () => {
  const acme = await weft.tenant();
  const receiver = await aReceiver();
  const codes = (): string[] =>
    receiver.requests.map((request) => (bodyOf(request).data["payload"] as { data: { building: { code: string } } }).data.building.code);
  await create(acme.admin, { url: receiver.url, payload: { query: buildingQuery } });
  await allow(acme, 3);
  const fields = ["R1", "R2", "R3", "R4"].map(
    (code) => `${code}: createBuilding(input: { code: "${code}", name: "B" }) { building { id } }`,
  );
  await acme.admin.run(`mutation { ${fields.join(" ")} }`);
  const postponed = () => owner`select id from events.webhook_deliveries
    where tenant_id = ${acme.id} and payload_due_at is not null and payload_attempts > 0 and payload_lapses = 0`;
  await until(async () => codes().length === 3 && (await postponed()).length === 1, { what: "three are sent and the fourth waits" });
  expect(await acme.admin.run("{ me { id } }")).toEqual({ me: { id: acme.admin.id } });
  expect(await acme.admin.run("{ me { id } }")).toEqual({ me: { id: acme.admin.id } });
  expect(await acme.admin.refusal("{ me { id } }")).toBe("RATE_LIMITED");
  await allow(acme, null);
  await owner`update events.webhook_deliveries set payload_due_at = now() where tenant_id = ${acme.id} and payload_due_at is not null`;
  await weft.weft.worker.idle();
  expect(codes().toSorted()).toEqual(["R1", "R2", "R3", "R4"]);
});
