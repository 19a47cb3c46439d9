import type { IncomingMessage, RequestListener } from "node:http";
import { sharedWeft, type TestTenant, type TestUser, type SharedWeft } from "@weft/testkit";
import { postgres } from "@weft/pg-driver";
import { until } from "@weft/testkit/until";
import { serveHttp, type HttpServer } from "@weft/testkit/network/http-server";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { holdRetries } from "../queues/held-retries.fixture.js";

let weft: SharedWeft;
let acme: TestTenant;
let admin: TestUser;
let server: HttpServer;
let base: string;
let answer: RequestListener;
let owner: postgres.Sql;
const got: { readonly headers: IncomingMessage["headers"]; readonly url: string; readonly body: string }[] = [];

beforeAll(async () => {
  server = await serveHttp(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    got.push({ headers: request.headers, url: request.url ?? "", body: Buffer.concat(chunks).toString() });
    answer(request, response);
  });
  base = server.url;
  weft = await sharedWeft();
  owner = postgres(weft.database.ownerUrl, { max: 1, onnotice: () => undefined });
  await holdRetries(owner, "events.integration_calls");
  acme = await weft.tenant("Acme");
  admin = acme.admin;
});
beforeEach(() => {
  got.length = 0;
  answer = (_request, response) => response.writeHead(200, { "content-type": "application/json" }).end('{"ok":true}');
});
afterAll(async () => {
  await owner.end();
  await server.close();
});

const fields = `id key name connector configuration credentialNames status health lastError failuresInRow blockedUntil callCount failedCallCount version
  actions { key } createdBy { id }`;
const create = `mutation ($input: CreateIntegrationInput!) { createIntegration(input: $input) { integration { ${fields} } } }`;
const update = `mutation ($input: UpdateIntegrationInput!) { updateIntegration(input: $input) { integration { ${fields} } } }`;
const remove = "mutation ($input: VersionedIdInput!) { deleteIntegration(input: $input) { id } }";
const check = `mutation ($input: IdInput!) { checkIntegration(input: $input) { integration { ${fields} } } }`;
const one = `query ($id: ID!) { integration(id: $id) { ${fields} } }`;
const list = "query ($filter: IntegrationFilter) { integrations(filter: $filter, first: 50) { edges { node { key } } totalCount } }";
const callFields =
  "id integrationKey action status attempts input result error nextAttemptAt finishedAt integration { key } instance { id } createdBy { id }";
const call = `mutation ($input: CallIntegrationInput!) { callIntegration(input: $input) { call { ${callFields} } } }`;
const retry = `mutation ($input: IdInput!) { retryIntegrationCall(input: $input) { call { ${callFields} } } }`;
const oneCall = `query ($id: ID!) { integrationCall(id: $id) { ${callFields} } }`;
const calls = `query ($filter: IntegrationCallFilter) { integrationCalls(filter: $filter, first: 50) { edges { node { ${callFields} } } } }`;

interface Shown extends Record<string, unknown> {
  readonly id: string;
  readonly version: number;
}

let number = 0;
const inputOf = (more: object = {}) => ({
  key: `http-${++number}`,
  name: "Orders",
  connector: "HTTP",
  configuration: { baseUrl: base },
  credentials: { type: "BEARER", token: "s3cret-token" },
  ...more,
});

async function integration(more: object = {}, who = admin): Promise<Shown> {
  const { createIntegration } = await who.run<{ createIntegration: { integration: Shown } }>(create, { input: inputOf(more) });
  return createIntegration.integration;
}

async function makeCall(integrationId: string, input: object, who = admin): Promise<Shown> {
  const variables = { input: { integrationId, action: "request", input } };
  const { callIntegration } = await who.run<{ callIntegration: { call: Shown } }>(call, variables);
  return callIntegration.call;
}

const readCall = async (id: string, who = admin): Promise<Shown> =>
  (await who.run<{ integrationCall: Shown }>(oneCall, { id })).integrationCall;
const read = async (id: string): Promise<Shown> => (await admin.run<{ integration: Shown }>(one, { id })).integration;

/** Waits until the call has a status. */
async function statusOf(id: string, status: string): Promise<Shown> {
  let found = await readCall(id);
  await until(async () => (found = await readCall(id))["status"] === status, { what: `the call is ${status}`, deadlineMs: 20_000 });
  return found;
}

/** Requests that were received for a call. Those of other tests can still arrive. */
const gotFor = (...ids: string[]) => got.filter(({ headers }) => ids.includes(String(headers["idempotency-key"])));

const rows = (text: string, ...values: string[]) => owner.unsafe(text, values);

describe("integrations", () => {
  test("are created with credentials that are never returned", async () => {
    const { id, ...shown } = await integration({ key: "crm" });
    expect(shown).toEqual({
      key: "crm",
      name: "Orders",
      connector: "HTTP",
      configuration: { baseUrl: base },
      credentialNames: ["type", "token"],
      status: "ACTIVE",
      health: "UNKNOWN",
      lastError: null,
      failuresInRow: 0,
      blockedUntil: null,
      callCount: 0,
      failedCallCount: 0,
      version: 1,
      actions: [{ key: "request" }],
      createdBy: { id: admin.id },
    });
    expect(await read(id)).toEqual({ id, ...shown });
    const audited = await admin.run("{ auditEntries(first: 5) { edges { node { action before after } } } }");
    expect(JSON.stringify(audited)).toContain("integration.create");
    expect(JSON.stringify(audited)).not.toContain("s3cret-token");
  });

  test("have a key that is unique in the tenant, and values that match the schemas", async () => {
    await integration({ key: "twice" });
    const problems = async (more: object) => (await admin.refused(create, { input: inputOf(more) })).extensions?.["problems"];
    expect(await problems({ key: "twice" })).toMatchObject([{ path: "input.key" }]);
    expect(await problems({ key: "No Key", name: " ", connector: "FTP" })).toMatchObject([
      { path: "input.name" },
      { path: "input.key" },
      { path: "input.connector" },
    ]);
    expect(await problems({ configuration: { baseUrl: 1 }, credentials: { type: "BEARER" } })).toMatchObject([
      { path: "input.configuration.baseUrl" },
      { path: "input.credentials.token" },
    ]);
    for (const baseUrl of [
      "http://10.0.0.1/",
      "https://169.254.169.254/",
      "http://[::1]:8080/",
      "https://localhost/",
      "file:///etc/passwd",
    ])
      expect(await problems({ configuration: { baseUrl } })).toMatchObject([{ path: "input.configuration.baseUrl" }]);
    expect(await problems({ credentials: { type: "API_KEY", header: "X\r\nHost: a", key: "k" } })).toMatchObject([
      { path: "input.credentials.header" },
    ]);
  });

  test("never send stored credentials to another destination", async () => {
    const { id } = await integration();
    const elsewhere = { id, configuration: { baseUrl: "http://127.0.0.1:9" } };
    const refused = await admin.refused(update, { input: elsewhere });
    expect(refused.extensions?.["problems"]).toMatchObject([{ path: "input.credentials" }]);
    await admin.run(update, { input: { id, name: "Same", configuration: { baseUrl: `${base}/v2` } } });
    await admin.run(update, { input: { ...elsewhere, credentials: { type: "NONE" } } });
    expect(await read(id)).toMatchObject({ configuration: { baseUrl: "http://127.0.0.1:9" }, credentialNames: ["type"], version: 3 });
    expect(await admin.refusal(update, { input: { id, name: "Late", expectedVersion: 1 } })).toBe("CONFLICT");
  });

  test("are checked on request", async () => {
    const { id } = await integration();
    const { checkIntegration } = await admin.run<{ checkIntegration: { integration: Shown } }>(check, { input: { id } });
    expect(checkIntegration.integration).toMatchObject({ health: "HEALTHY", lastError: null });
    expect(got[0]?.headers.authorization).toBe("Bearer s3cret-token");
    answer = (_request, response) => response.writeHead(401).end("who?");
    const failed = await admin.run<{ checkIntegration: { integration: Shown } }>(check, { input: { id } });
    expect(failed.checkIntegration.integration).toMatchObject({
      health: "UNHEALTHY",
      lastError: "The server answered 401: who?",
      version: 1,
    });
  });

  test("are listed and deleted; their calls are deleted with them", async () => {
    const { id } = await integration({ key: "gone" });
    const { id: callId } = await makeCall(id, { method: "GET" });
    expect(await admin.run(list, { filter: { key: { eq: "gone" } } })).toEqual({
      integrations: { edges: [{ node: { key: "gone" } }], totalCount: 1 },
    });
    expect(await admin.run(remove, { input: { id } })).toEqual({ deleteIntegration: { id: id } });
    expect(await admin.refusal(one, { id })).toBe("NOT_FOUND");
    expect(await admin.refusal(oneCall, { id: callId })).toBe("NOT_FOUND");
  });

  test("connectors describe themselves", async () => {
    const { connectors } = await admin.run<{ connectors: { key: string; configurationSchema: { type: string } }[] }>(
      "{ connectors { key name description configurationSchema credentialsSchema actions { key description inputSchema outputSchema } } }",
    );
    expect(connectors.map(({ key }) => key)).toEqual(["HTTP", "CHAT", "S3", "OPENAPI", "SMTP", "POSTGRESQL"]);
    expect(connectors.map(({ configurationSchema }) => configurationSchema.type)).not.toContain(undefined);
  });
});

describe("calls", () => {
  test("are sent in the background, with the ID of the call", async () => {
    const { id } = await integration();
    const made = await makeCall(id, { method: "POST", path: "orders", body: { n: 1 } });
    expect(made).toMatchObject({ status: "PENDING", attempts: 0, input: { method: "POST", path: "orders", body: { n: 1 } }, result: null });
    expect(await statusOf(made.id, "DONE")).toMatchObject({
      attempts: 1,
      result: { status: 200, body: { ok: true } },
      error: null,
      createdBy: { id: admin.id },
      instance: null,
    });
    expect(gotFor(made.id)).toMatchObject([{ url: "/orders", body: '{"n":1}' }]);
    expect(await read(id)).toMatchObject({ health: "HEALTHY", callCount: 1, failedCallCount: 0 });
    const [row] = await rows(
      "select input, result from events.integration_calls where integration_id = (select id from events.integrations where key = $1)",
      (await read(id))["key"] as string,
    );
    expect(JSON.stringify(row)).not.toContain("orders");
  });

  test("are refused if the action or its input is wrong", async () => {
    const { id } = await integration();
    const wrong = async (input: object) => (await admin.refused(call, { input: { integrationId: id, ...input } })).extensions?.["problems"];
    expect(await wrong({ action: "fly", input: {} })).toMatchObject([{ path: "input.action" }]);
    expect(await wrong({ action: "request", input: { method: "TRACE" } })).toMatchObject([{ path: "input.input.method" }]);
  });

  test("that fail permanently or have an unknown outcome are not repeated, until somebody does", async () => {
    const { id } = await integration();
    answer = (_request, response) => response.writeHead(422).end("no");
    const failed = await makeCall(id, { method: "POST" });
    expect(await statusOf(failed.id, "FAILED")).toMatchObject({ attempts: 1, error: "The server answered 422: no" });
    answer = (request) => request.socket.destroy();
    const unknown = await makeCall(id, { method: "POST" });
    await statusOf(unknown.id, "UNKNOWN");
    expect(gotFor(failed.id, unknown.id)).toHaveLength(2);
    answer = (_request, response) => response.end();
    expect(await admin.run(retry, { input: { id: unknown.id } })).toMatchObject({ retryIntegrationCall: { call: { status: "PENDING" } } });
    await statusOf(unknown.id, "DONE");
    expect(gotFor(unknown.id)).toHaveLength(2);
    expect(await admin.refusal(retry, { input: { id: unknown.id } })).toBe("CONFLICT");
  });

  test("that fail temporarily are repeated later, as the server wishes", { tags: "slow" }, async () => {
    const { id } = await integration();
    answer = (_request, response) => response.writeHead(503, { "retry-after": "3600" }).end();
    const { id: callId } = await makeCall(id, { method: "POST" });
    await until(async () => (await readCall(callId))["error"] !== null, { what: "the first attempt failed", deadlineMs: 20_000 });
    const { status, nextAttemptAt, attempts } = await readCall(callId);
    expect([status, attempts]).toEqual(["PENDING", 1]);
    expect(Date.parse(String(nextAttemptAt)) - Date.now()).toBeGreaterThan(3_000_000);
    answer = (_request, response) => response.end();
    await rows("update events.integration_calls set next_attempt_at = now() where status = 'PENDING'");
    expect(await statusOf(callId, "DONE")).toMatchObject({ attempts: 2 });
  });

  test("wait after five failures of the system, and then one is tried", { tags: "slow" }, async () => {
    const { id, key } = await integration();
    answer = (_request, response) => response.writeHead(503).end();
    for (let at = 0; at < 5; at++) await makeCall(id, { method: "GET" });
    await until(async () => (await read(id))["blockedUntil"] !== null, { what: "the calls wait", deadlineMs: 20_000 });
    expect(await read(id)).toMatchObject({ failuresInRow: 5, health: "UNHEALTHY" });
    const { id: waiting } = await makeCall(id, { method: "GET" });
    await weft.weft.worker.idle();
    expect(await readCall(waiting)).toMatchObject({ status: "PENDING", attempts: 0 });
    answer = (_request, response) => response.end();
    await rows("update events.integrations set blocked_until = now() where key = $1", String(key));
    await statusOf(waiting, "DONE");
    expect(await read(id)).toMatchObject({ failuresInRow: 0, blockedUntil: null, health: "HEALTHY" });
  });

  test("wait while the integration is paused", { tags: "slow" }, async () => {
    const { id } = await integration();
    await admin.run(update, { input: { id, status: "PAUSED" } });
    const { id: callId } = await makeCall(id, { method: "GET" });
    await weft.weft.worker.idle();
    expect(await readCall(callId)).toMatchObject({ status: "PENDING", attempts: 0 });
    await admin.run(update, { input: { id, status: "ACTIVE" } });
    await statusOf(callId, "DONE");
  });

  test("a system that hangs does not delay others, of the same tenant or of another", async () => {
    const hanging = await integration();
    const globex = await weft.tenant("Globex");
    const other = await integration({}, globex.admin);
    let ended = 0;
    answer = (request, response) => void (request.url === "/hang" ? response.on("close", () => (ended += 1)) : response.end());
    for (let at = 0; at < 5; at++) await makeCall(hanging.id, { method: "GET", path: "hang" });
    await until(() => got.filter(({ url }) => url === "/hang").length === 5, { what: "the hanging calls are sent", deadlineMs: 20_000 });
    const same = await makeCall(hanging.id, { method: "GET" });
    await statusOf(same.id, "DONE");
    const { id: theirs } = await makeCall(other.id, { method: "GET" }, globex.admin);
    await until(async () => (await readCall(theirs, globex.admin))["status"] === "DONE", {
      what: "the other call is done",
      deadlineMs: 20_000,
    });
    // They are given up after 15 seconds.
    expect(ended).toBe(0);
    server.closeConnections();
  });

  test("an interrupted call is repeated only if its action is idempotent", { tags: "slow" }, async () => {
    const { id } = await integration();
    await admin.run(update, { input: { id, status: "PAUSED" } });
    const [get, post] = [await makeCall(id, { method: "GET" }), await makeCall(id, { method: "POST" })];
    // As a sender leaves them that was killed between the claim and the record.
    await rows("update events.integration_calls set claim_token = gen_random_uuid(), attempts = 1 where status = 'PENDING'");
    await admin.run(update, { input: { id, status: "ACTIVE" } });
    expect(await statusOf(get.id, "DONE")).toMatchObject({ attempts: 2 });
    expect(await statusOf(post.id, "UNKNOWN")).toMatchObject({ result: null });
    expect(gotFor(get.id, post.id)).toHaveLength(1);
  });

  test("a page of calls needs a constant number of statements", { tags: "slow" }, async () => {
    const { id } = await integration();
    const filter = { integrationId: { eq: id } };
    const last = await makeCall(id, { method: "GET" });
    await statusOf(last.id, "DONE");
    const few = await weft.statementCount(() => admin.run(calls, { filter }));
    for (let at = 0; at < 5; at++) await makeCall(id, { method: "GET" });
    await weft.weft.worker.idle();
    expect(await weft.statementCount(() => admin.run(calls, { filter }))).toBe(few);
  });

  test("of a suspended tenant wait", async () => {
    const tenant = await weft.tenant("Suspended");
    const { id } = await integration({}, tenant.admin);
    await rows("update identity.tenants set status = 'SUSPENDED' where tenant_id = $1", tenant.id);
    await rows(
      "insert into events.integration_calls (tenant_id, id, integration_key, integration_id, action, input) select tenant_id, gen_random_uuid(), key, id, 'request', 's' from events.integrations where tenant_id = $1",
      tenant.id,
    );
    await weft.weft.worker.idle();
    expect(await rows("select attempts from events.integration_calls where tenant_id = $1", tenant.id)).toEqual([{ attempts: 0 }]);
    expect(id).toMatch(/^itg_/);
  });
});

describe("another tenant", () => {
  test("neither sees nor changes nor calls an integration", async () => {
    const { id } = await integration();
    const { id: callId } = await makeCall(id, { method: "GET" });
    const { admin: other } = await weft.tenant("Initech");
    expect(await other.refusal(one, { id })).toBe("NOT_FOUND");
    expect(await other.refusal(update, { input: { id, name: "Mine" } })).toBe("NOT_FOUND");
    expect(await other.refusal(check, { input: { id } })).toBe("NOT_FOUND");
    expect(await other.refusal(remove, { input: { id } })).toBe("NOT_FOUND");
    expect(await other.refusal(call, { input: { integrationId: id, action: "request", input: {} } })).toBe("NOT_FOUND");
    expect(await other.refusal(oneCall, { id: callId })).toBe("NOT_FOUND");
    expect(await other.refusal(retry, { input: { id: callId } })).toBe("NOT_FOUND");
    expect(await other.run(list)).toEqual({ integrations: { edges: [], totalCount: 0 } });
    expect(await other.run(calls)).toEqual({ integrationCalls: { edges: [] } });
  });

  test("only administrators see integrations", async () => {
    for (const role of ["workflow_manager", "operations", "viewer", "requester"] as const) {
      const user = await acme.user(role);
      expect(await user.refusal(list)).toBe("FORBIDDEN");
      expect(await user.refusal(create, { input: inputOf() })).toBe("FORBIDDEN");
    }
  });
});
