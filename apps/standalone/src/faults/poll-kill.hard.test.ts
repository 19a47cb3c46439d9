import { demoPassword } from "@weft/shared/demo";
import { brokenInvariants, TestUser, until } from "@weft/testkit";
import type { OwnPostgres } from "@weft/testkit/postgres/own-postgres";
import { startSeededPostgres } from "@weft/testkit/postgres/seeded-postgres";
import { type StandaloneProcess, standaloneProcess } from "@weft/testkit/processes/standalone-process";
import { serveHttp, type HttpServer } from "@weft/testkit/network/http-server";
import { postgres } from "@weft/pg-driver";
import { afterAll, beforeAll, expect, test } from "vitest";
import { drawn } from "@weft/testkit/sizes";

// Each item that a trigger of an integration finds becomes one event, wherever the process that polls is killed.

const PER_ROUND = 150;

let database: OwnPostgres;
let ownerUrl: string;
let sql: postgres.Sql;
let weft: StandaloneProcess;
let admin: TestUser;
let server: HttpServer;
let triggerId: string;
const items: { readonly id: number }[] = [];

beforeAll(async () => {
  server = await serveHttp((_request, response) => {
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(items));
  });
  database = await startSeededPostgres({ max_connections: "100" });
  ownerUrl = Object.assign(new URL(database.url), { pathname: "/weft" }).href;
  weft = await standaloneProcess({ program: "server", settings: { DATABASE_OWNER_URL: ownerUrl, WEFT_OUTBOUND_ALLOWED: "127.0.0.1" } });
  await weft.start();
  sql = postgres(ownerUrl, { max: 1, onnotice: () => undefined });
  admin = await TestUser.login(weft.url, "admin@acme.com", demoPassword("admin@acme.com"));
  await admin.run("mutation ($input: DeclareEventTypeInput!) { declareEventType(input: $input) { eventType { id } } }", {
    input: { name: "custom.polled", description: "An item.", payloadSchema: { properties: { id: { type: "integer" } } } },
  });
  const { createIntegration } = await admin.run<{ createIntegration: { integration: { id: string } } }>(
    "mutation ($input: CreateIntegrationInput!) { createIntegration(input: $input) { integration { id } } }",
    {
      input: {
        key: "list",
        name: "List",
        connector: "HTTP",
        configuration: { baseUrl: server.url },
        credentials: { type: "NONE" },
      },
    },
  );
  const { createIntegrationTrigger } = await admin.run<{ createIntegrationTrigger: { trigger: { id: string } } }>(
    "mutation ($input: CreateIntegrationTriggerInput!) { createIntegrationTrigger(input: $input) { trigger { id } } }",
    {
      input: {
        integrationId: createIntegration.integration.id,
        name: "Items",
        trigger: "newItems",
        configuration: {},
        intervalSeconds: 86_400,
        eventType: "custom.polled",
      },
    },
  );
  triggerId = createIntegrationTrigger.trigger.id;
  await until(async () => (await sql`select from events.integration_triggers where started_at is not null`).length === 1, {
    what: "the trigger has started",
    deadlineMs: 30_000,
  });
}, 300_000);

afterAll(async () => {
  await sql.end();
  await weft.remove();
  await database.remove();
  await server.close();
}, 120_000);

/** Whether the connections of a killed process have ended. A commit that PostgreSQL had received before takes place. */
const isDisconnected = async (): Promise<boolean> =>
  (
    await sql`select from pg_stat_activity where datname = current_database() and backend_type = 'client backend' and pid <> pg_backend_pid()`
  ).length === 0;

const publishedIds = async (): Promise<number[]> =>
  (
    await sql<{ id: number }[]>`
      select (payload->'payload'->>'id')::int as id from events.log where type = 'custom.published' and payload->>'name' = 'custom.polled' order by id`
  ).map(({ id }) => id);

/** The rest of the items is due without delay. */
const makeDue = () =>
  sql`update events.integration_triggers set next_poll_at = now() where claim_token is null and next_poll_at < now() + interval '1 hour'`;

test.each(drawn(["polls.claimed:1", "polls.polled:1", "polls.polled>app.commit:1", "polls.recorded:1", "polls.recorded:2"], { of: 6 }))(
  "each new item becomes one event after a kill at %s",
  { timeout: 180_000 },
  async (point) => {
    weft.arm(point);
    const from = items.length;
    items.push(...Array.from({ length: PER_ROUND }, (_, index) => ({ id: from + index + 1 })));
    const isPublished = async (): Promise<boolean> => (await makeDue(), (await publishedIds()).length >= items.length);
    await admin
      .run("mutation ($id: ID!) { pollIntegrationTrigger(input: { id: $id }) { trigger { id } } }", { id: triggerId })
      .catch(() => undefined);
    await Promise.race([weft.ended(), until(isPublished, { what: "it is done before it is killed", deadlineMs: 30_000, everyMs: 50 })]);
    await weft.end("SIGKILL");
    await until(isDisconnected, { what: "its connections have ended", deadlineMs: 30_000 });
    // No poller is alive, so the test need not wait for the ends of the leases and the interval.
    await sql`update events.integration_triggers set next_poll_at = now()`;
    await weft.start();
    await until(isPublished, { what: "all items are published", deadlineMs: 60_000, everyMs: 50 });
    expect(await publishedIds()).toEqual(items.map(({ id }) => id));
    expect(await brokenInvariants({ ownerUrl })).toEqual([]);
  },
);
