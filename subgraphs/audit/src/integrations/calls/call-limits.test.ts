import { announceConfiguration } from "@weft/platform/configuration";
import { asTenant, type Database } from "@weft/platform/db";
import { startTestWeft, type TestTenant, type TestUser, type TestWeft } from "@weft/testkit";
import { newIntegration } from "@weft/testkit/tenants/new-integration";
import { until } from "@weft/testkit/until";
import { serveHttp, type HttpServer } from "@weft/testkit/network/http-server";
import { postgres } from "@weft/pg-driver";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { claimCall, findTenantsWithCalls } from "./call.store.js";

let weft: TestWeft;
let tenant: TestTenant;
let server: HttpServer;
let owner: postgres.Sql;
let got = 0;
let body: string;

beforeAll(async () => {
  server = await serveHttp(({ url = "" }, response) => {
    // Calls of earlier tests that were limited are sent when an hour ends.
    if (url.startsWith(`/${tenant.slug}`)) got += 1;
    response.writeHead(200, { "content-type": "application/json" }).end(body);
  });
  weft = await startTestWeft({ settings: { WEFT_OUTBOUND_ALLOWED: "127.0.0.1" } });
  owner = postgres(weft.database.ownerUrl, { max: 1, onnotice: () => undefined });
});
beforeEach(async () => {
  tenant = await weft.tenant();
  got = 0;
  body = "[]";
});
afterAll(async () => {
  await owner.end();
  await weft.stop();
  await server.close();
});

/** Creates a paused integration of the test server. Returns its ID. */
async function connect(who: TestUser, key: string): Promise<string> {
  const id = await newIntegration(who, key);
  const configuration = { baseUrl: `${server.url}/${tenant.slug}` };
  await update(who, { id, configuration, credentials: { type: "NONE" } });
  return id;
}

const update = (who: TestUser, input: Record<string, unknown>) =>
  who.run("mutation ($input: UpdateIntegrationInput!) { updateIntegration(input: $input) { integration { status } } }", { input });

const resume = (who: TestUser, id: string) => update(who, { id, status: "ACTIVE" });

async function call(who: TestUser, integrationId: string, times = 1): Promise<void> {
  for (let time = 0; time < times; time++)
    await who.run("mutation ($input: CallIntegrationInput!) { callIntegration(input: $input) { call { id } } }", {
      input: { integrationId, action: "request", input: { method: "POST" } },
    });
}

interface Listed {
  readonly calls: { readonly status: string; readonly attempts: number; readonly error: string | null; readonly result: unknown }[];
  readonly integrations: { readonly key: string; readonly callsInHour: number; readonly limitedUntil: string | null }[];
}

async function listed(who: TestUser): Promise<Listed> {
  const { integrationCalls, integrations } = await who.run<Record<string, { edges: { node: never }[] }>>(
    `{ integrationCalls(first: 50) { edges { node { status attempts error result } } }
       integrations(first: 50, orderBy: { field: KEY, direction: ASC }) { edges { node { key callsInHour limitedUntil } } } }`,
  );
  const nodes = (list: { edges: { node: never }[] } | undefined) => (list?.edges ?? []).map(({ node }) => node);
  return { calls: nodes(integrationCalls), integrations: nodes(integrations) };
}

const settled = async (who: TestUser, status: string, count: number): Promise<Listed> => {
  const counted = async () => (await listed(who)).calls.filter((one) => one.status === status).length;
  await until(async () => (await counted()) === count, { what: `${count} calls are ${status}`, deadlineMs: 20_000 });
  await weft.weft.worker.idle();
  return listed(who);
};

async function limit(document: { callsPerIntegrationAndHour?: number; callsPerHour?: number }): Promise<void> {
  // The test must not see the end of the hour that is counted.
  await until(() => Date.now() % 3_600_000 < 3_600_000 - 20_000, { what: "an hour begins", deadlineMs: 25_000 });
  await owner`insert into app.configurations (tenant_id, level, subject_id, version, document, author_id, message)
    values (${tenant.id}, 'CONTRACT', ${tenant.id}, 1, ${owner.json({ integrations: document })}, ${tenant.id}, 'm')`;
  // The sender can have read the configuration shortly before.
  await announceConfiguration(weft.weft.services, tenant.id);
}

test("calls beyond the limit of their integration wait for the next hour; those of others are sent", { tags: "slow" }, async () => {
  await limit({ callsPerIntegrationAndHour: 2 });
  const { admin } = tenant;
  const [flooded, quiet] = [await connect(admin, "flooded"), await connect(admin, "quiet")];
  await call(admin, flooded, 4);
  await call(admin, quiet);
  for (const id of [flooded, quiet]) await resume(admin, id);
  const { calls, integrations } = await settled(admin, "DONE", 3);
  expect(calls.filter(({ status }) => status === "PENDING")).toHaveLength(2);
  expect(integrations).toEqual([
    { key: "flooded", callsInHour: 2, limitedUntil: expect.stringMatching(/T\d\d:00:00/) as unknown },
    { key: "quiet", callsInHour: 1, limitedUntil: null },
  ]);
  // The hour ends.
  await owner`update events.integrations set hour_started_at = hour_started_at - interval '1 hour', limited_until = limited_until - interval '1 hour'
    where tenant_id = ${tenant.id}`;
  expect((await settled(admin, "DONE", 5)).integrations[0]).toMatchObject({ callsInHour: 2 });
  expect(got).toBe(5);
});

test("calls beyond the limit of the tenant wait, whatever their integration", { tags: "slow" }, async () => {
  await limit({ callsPerHour: 1 });
  const { admin } = tenant;
  const ids = [await connect(admin, "first"), await connect(admin, "second")];
  for (const id of ids) await call(admin, id, 2);
  for (const id of ids) await resume(admin, id);
  await until(async () => (await listed(admin)).integrations.every(({ limitedUntil }) => limitedUntil !== null), {
    what: "all integrations wait",
    deadlineMs: 20_000,
  });
  await weft.weft.worker.idle();
  // Claims that run at the same time can exceed the limit: one for each integration.
  expect([1, 2]).toContain(got);
  expect((await listed(admin)).calls.filter(({ status }) => status === "PENDING").length).toBeGreaterThanOrEqual(2);
});

test(
  "a call that could not be sent for a day, as in an old backup that is restored, is not sent; one that waited for a resumption is",
  { tags: "slow" },
  async () => {
    const { admin } = tenant;
    const [restored, resumed] = [await connect(admin, "restored"), await connect(admin, "resumed")];
    for (const id of [restored, resumed]) await call(admin, id);
    await owner`update events.integration_calls set next_attempt_at = now() - interval '25 hours' where tenant_id = ${tenant.id}`;
    // As in a backup: the integration was active all the time.
    await owner`update identity.tenants set updated_at = now() - interval '25 hours' where tenant_id = ${tenant.id}`;
    await owner`update events.integrations set status = 'ACTIVE' where tenant_id = ${tenant.id} and key = 'restored'`;
    await resume(admin, resumed);
    await settled(admin, "DONE", 1);
    const { calls } = await settled(admin, "EXPIRED", 1);
    expect(calls.find(({ status }) => status === "EXPIRED")).toMatchObject({
      attempts: 0,
      error: expect.stringContaining("more than a day") as unknown,
    });
    expect(got).toBe(1);
    // An administrator decides that it is sent.
    await retryFirst(admin, "EXPIRED");
    await settled(admin, "DONE", 2);
    expect(got).toBe(2);
  },
);

test.each([
  ["the tenant was suspended", (sql) => sql`update identity.tenants set updated_at = now() where tenant_id = ${tenant.id}`],
  ["the integration was limited", (sql) => sql`update events.integrations set limited_until = now() where tenant_id = ${tenant.id}`],
  ["the integration was blocked", (sql) => sql`update events.integrations set blocked_until = now() where tenant_id = ${tenant.id}`],
] as [string, (sql: postgres.Sql) => Promise<unknown>][])(
  "calls that waited for more than a day because %s are sent, all of them",
  { tags: "slow" },
  async (_why, wait) => {
    const { admin } = tenant;
    await call(admin, await connect(admin, "waiting"), 2);
    await owner`update events.integration_calls set next_attempt_at = now() - interval '25 hours' where tenant_id = ${tenant.id}`;
    await owner`update identity.tenants set updated_at = now() - interval '25 hours' where tenant_id = ${tenant.id}`;
    await wait(owner);
    // As it was all the time.
    await owner`update events.integrations set status = 'ACTIVE' where tenant_id = ${tenant.id}`;
    await settled(admin, "DONE", 2);
    expect(got).toBe(2);
  },
);

async function retryFirst(who: TestUser, status: string): Promise<void> {
  const { integrationCalls } = await who.run<{ integrationCalls: { edges: { node: { id: string } }[] } }>(
    "query ($filter: IntegrationCallFilter) { integrationCalls(filter: $filter, first: 1) { edges { node { id } } } }",
    { filter: { status: { in: [status] } } },
  );
  await who.run("mutation ($id: ID!) { retryIntegrationCall(input: { id: $id }) { call { id } } }", {
    id: integrationCalls.edges[0]?.node.id,
  });
}

test("a result that is nested too deeply to be written is not kept, and the call is not repeated", { tags: "slow" }, async () => {
  const { admin } = tenant;
  body = "[".repeat(100_000) + "]".repeat(100_000);
  const id = await connect(admin, "deep");
  await call(admin, id);
  await resume(admin, id);
  expect((await settled(admin, "DONE", 1)).calls).toEqual([
    { status: "DONE", attempts: 1, error: null, result: { isOmitted: true, bytes: null } },
  ]);
});

test("the many calls of a paused integration are not read to find the call of another one", { tags: "slow" }, async () => {
  const { admin } = tenant;
  for (const key of ["active", "paused"]) await call(admin, await connect(admin, key));
  await owner`insert into events.integration_calls (tenant_id, id, integration_key, integration_id, action, input, next_attempt_at)
    select c.tenant_id, gen_random_uuid(), c.integration_key, c.integration_id, c.action, c.input, now() - interval '1 hour'
      from events.integration_calls c, generate_series(1, 20000) where c.tenant_id = ${tenant.id} and c.integration_key = 'paused'`;
  await owner`vacuum analyze events.integration_calls`;
  const { app, worker } = weft.weft.services.databases;
  const limits = { perIntegration: 10, perTenant: 10 };
  const claim = () => asTenant(app, { tenantId: tenant.id }, "write", (tx) => claimCall(tx, { leaseSeconds: 1, limits }));
  const finding = await cost(worker, "findTenantsWithCalls", () => worker.begin(findTenantsWithCalls, "read"));
  const claiming = await cost(app, "claimIntegrationCall", claim);
  expect({ found: finding.rows, claimed: claiming.rows }).toEqual({ found: 1, claimed: 1 });
  // The calls alone take more than a thousand pages.
  expect(Math.max(finding.pages, claiming.pages)).toBeLessThan(100);
});

/** Returns the pages that the named statement touches, and its rows, while the integration `active` is active. Changes nothing. */
async function cost(database: Database, name: string, run: () => Promise<unknown>): Promise<{ pages: number; rows: number }> {
  let seen: { text: string; params: readonly unknown[] } | undefined;
  database.onStatement = (text, params) => {
    if (text.includes(name)) seen = { text, params };
  };
  await run();
  database.onStatement = undefined;
  let measured = { pages: -1, rows: -1 };
  const undone = new Error("undone");
  await owner
    .begin(async (tx) => {
      await tx`select set_config('app.tenant_id', ${tenant.id}, true)`;
      await tx`update events.integrations set status = 'ACTIVE' where tenant_id = ${tenant.id} and key = 'active'`;
      const [row] = await tx.unsafe<{ "QUERY PLAN": { Plan: Record<string, number> }[] }[]>(
        `explain (analyze, buffers, format json) ${seen?.text}`,
        seen?.params as never[],
      );
      const plan = row?.["QUERY PLAN"][0]?.Plan;
      measured = { pages: (plan?.["Shared Hit Blocks"] ?? 0) + (plan?.["Shared Read Blocks"] ?? 0), rows: plan?.["Actual Rows"] ?? -1 };
      throw undone;
    })
    .catch((error: unknown) => {
      if (error !== undone) throw error;
    });
  return measured;
}
