import { brokenInvariants, TestUser, until } from "@weft/testkit";
import type { OwnPostgres } from "@weft/testkit/postgres/own-postgres";
import { startSeededPostgres } from "@weft/testkit/postgres/seeded-postgres";
import { type StandaloneProcess, standaloneProcess } from "@weft/testkit/processes/standalone-process";
import { postgres } from "@weft/pg-driver";
import { afterAll, beforeAll, expect, test } from "vitest";
import { demoPassword } from "@weft/shared/demo";

// F16: work on one event that kills its process each time.

const createRequest = `mutation ($input: CreateRequestInput!) { createRequest(input: $input) { request { id workflow { id } } } }`;
const submitRequest = `mutation ($input: KeyedVersionedIdInput!) { submitRequest(input: $input) { request { id } } }`;
const incidents = `{ incidents { edges { node { id kind status place instance { id status } } } } }`;
const resolve = `mutation ($input: ResolveIncidentInput!) { resolveIncident(input: $input) { instance { status } } }`;

let database: OwnPostgres;
let ownerUrl: string;
let weft: StandaloneProcess;
let sql: postgres.Sql;

beforeAll(async () => {
  database = await startSeededPostgres({ max_connections: "100" });
  ownerUrl = Object.assign(new URL(database.url), { pathname: "/weft" }).href;
  weft = await standaloneProcess({ program: "server", settings: { DATABASE_OWNER_URL: ownerUrl } });
  sql = postgres(ownerUrl, { max: 1, onnotice: () => undefined });
}, 300_000);

afterAll(async () => {
  await sql.end();
  await weft.remove();
  await database.remove();
}, 120_000);

const login = (name: string): Promise<TestUser> => TestUser.login(weft.url, `${name}@acme.com`, demoPassword(`${name}@acme.com`));
const parked = async (): Promise<number> => (await sql`select from events.parked`).length;
const behind = async (): Promise<number> => {
  const [row] = await sql<{ count: number }[]>`
    select ((select count(*) from events.outbox)
      + (select count(*) from events.position_heads h join events.consumer_cursors c using (tenant_id) where c.position < h.position))::int as count`;
  return row?.count ?? 0;
};

async function submitted(): Promise<string> {
  const rita = await login("requester");
  const input = { typeKey: "maintenance", data: { summary: "The elevator grinds", estimate: 12_000 } };
  const made = await rita.run<{ createRequest: { request: { id: string; workflow: { id: string } } } }>(createRequest, { input });
  const { id, workflow } = made.createRequest.request;
  await rita.run(submitRequest, { input: { id } });
  return workflow.id;
}

test(
  "a job that kills its process each time becomes an incident of its instance, and the worker keeps running",
  { timeout: 600_000 },
  async () => {
    await weft.start();
    await until(async () => (await behind()) === 0, { what: "the consumers have caught up", deadlineMs: 30_000 });
    weft.arm("app.insertNotifications:1");
    const instanceId = await submitted();
    let deaths = 0;
    for (let hasDied = true; hasDied;) {
      hasDied = await Promise.race([
        weft.ended().then(() => true),
        until(async () => (await parked()) > 0, { what: "the event is parked", deadlineMs: 30_000 }).then(() => false),
      ]);
      if (!hasDied) break;
      deaths++;
      // Most of its attempts are already used up, to keep the test short. Other consumers keep theirs, although the process dies while they work.
      await sql`update events.consumer_cursors set attempts = greatest(attempts, 7) where consumer = 'notifications'`;
      expect(deaths).toBeLessThanOrEqual(8);
      weft.arm("app.insertNotifications:1");
      await Promise.race([weft.start().catch(() => undefined), weft.ended()]);
    }
    expect(deaths).toBeGreaterThan(1);

    // The notification about the incident itself may be one that kills the process. By now everything works again.
    weft.arm("");
    await weft.end("SIGKILL");
    await weft.start();
    const ada = await login("admin");
    type Found = { incidents: { edges: { node: { id: string; instance: { id: string } } }[] } };
    const found = await ada.run<Found>(incidents);
    expect(found).toMatchObject({
      incidents: {
        edges: [
          { node: { kind: "JOB", place: "consumers.notifications", status: "OPEN", instance: { id: instanceId, status: "FAILED" } } },
        ],
      },
    });
    const other = await submitted();
    expect(other).not.toBe(instanceId);
    await until(async () => (await behind()) === 0, { what: "the consumers go on", deadlineMs: 30_000 });
    expect(await ada.run(resolve, { input: { id: found.incidents.edges[0]?.node.id, action: "RETRY" } })).toMatchObject({
      resolveIncident: { instance: { status: "RUNNING" } },
    });
    await until(async () => (await sql`select from events.parked where status = 'DONE'`).length === 1, {
      what: "the job is done",
      deadlineMs: 30_000,
    });
    expect(await brokenInvariants({ ownerUrl })).toEqual([]);
  },
);
