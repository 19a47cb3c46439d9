import { auditEventUses } from "@weft/audit";
import { decodeId, newId } from "@weft/shared/ids";
import { asTenant } from "@weft/platform/db";
import { pastEvents } from "@weft/platform/events";
import { brokenInvariants, openLive, startTestWeft, type TestTenant, type TestWeft } from "@weft/testkit";
import { workAtRandom } from "@weft/testkit/sla/random-work";
import { verifySlaClocks, workflowsEventUses } from "@weft/workflows";
import { postgres } from "@weft/pg-driver";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

let weft: TestWeft;
let owner: postgres.Sql;
beforeAll(async () => {
  weft = await startTestWeft({ settings: { WEFT_OUTBOUND_ALLOWED: "127.0.0.1" } });
  owner = postgres(weft.database.ownerUrl, { max: 1, onnotice: () => undefined });
});
afterAll(async () => {
  await owner.end();
  await weft.stop();
});

const DAY_MS = 86_400_000;
const daysAgo = (days: number): string => new Date(Date.now() - days * DAY_MS).toISOString();

async function aBuilding({ admin }: TestTenant, code: string): Promise<string> {
  const { createBuilding } = await admin.run<{ createBuilding: { building: { id: string } } }>(
    "mutation ($code: String!) { createBuilding(input: { code: $code, name: $code }) { building { id } } }",
    { code },
  );
  await weft.weft.worker.idle();
  return createBuilding.building.id;
}

/** As if everything that has happened in the tenant so far had happened earlier. */
async function age(tenant: TestTenant, days: number): Promise<void> {
  await weft.weft.worker.idle();
  await owner`update events.log set occurred_at = occurred_at - make_interval(days => ${days}) where tenant_id = ${tenant.id}`;
}

/** Deletes old events as the worker does. Returns their number. */
async function clean(tenant: TestTenant, { days = 365, limit = 1_000 } = {}): Promise<number> {
  const consumers = await owner<
    { consumer: string }[]
  >`select distinct consumer from events.consumer_cursors where tenant_id = ${tenant.id}`;
  const chore = pastEvents({
    daysOf: () => Promise.resolve(days),
    consumers: consumers.map(({ consumer }) => consumer),
    uses: [...auditEventUses, ...workflowsEventUses],
  });
  return asTenant(weft.weft.services.databases.worker, { tenantId: tenant.id }, "write", (tx) => chore.deleteSome(tx, limit, tenant.id));
}

interface Listed {
  readonly events: {
    readonly edges: readonly { readonly node: { readonly id: string; readonly type: string; readonly position: number } }[];
  };
}
const eventsOf = async ({ admin }: TestTenant) =>
  (
    await admin.run<Listed>("{ events(first: 100, orderBy: { field: ID, direction: ASC }) { edges { node { id type position } } } }")
  ).events.edges.map(({ node }) => node);
/** Number of the tenant's events, including internal ones. */
const stored = async ({ id }: TestTenant): Promise<number> =>
  (await owner<{ count: number }[]>`select count(*)::int as count from events.log where tenant_id = ${id}`)[0]?.count ?? 0;

async function aWebhook({ admin }: TestTenant): Promise<string> {
  const { createWebhook } = await admin.run<{ createWebhook: { webhook: { id: string } } }>(
    'mutation { createWebhook(input: { name: "Hook", url: "http://127.0.0.1:9/", eventTypes: ["building.created"] }) { webhook { id } } }',
  );
  return createWebhook.webhook.id;
}

const replay = "mutation ($input: ReplayEventsInput!) { replayEvents(input: $input) { replay { status } } }";

test(
  "events are deleted with their positions after the time for which they are kept, and younger ones and those of other tenants stay",
  { tags: "slow" },
  async () => {
    const [acme, globex] = [await weft.tenant(), await weft.tenant()];
    for (const tenant of [acme, globex]) {
      await aBuilding(tenant, "OLD");
      await age(tenant, 400);
    }
    const old = await stored(acme);
    await aBuilding(acme, "RECENT");
    // Those that were old before are older now.
    await age(acme, 200);
    await aBuilding(acme, "NEW");
    const kept = (await eventsOf(acme)).slice(-2);
    expect(await clean(acme)).toBe(old);
    expect(await clean(acme)).toBe(0);
    expect(await eventsOf(acme)).toEqual(kept);
    expect(await stored(globex)).toBe(old);
    expect(await brokenInvariants({ ownerUrl: weft.database.ownerUrl })).toEqual([]);
    // The next event continues.
    await aBuilding(acme, "NEXT");
    expect((await eventsOf(acme)).at(-1)?.position).toBeGreaterThan(kept.at(-1)?.position ?? 0);
  },
);

test("a long log is deleted in batches, also by workers that run at the same time", { tags: "slow" }, async () => {
  const acme = await weft.tenant();
  for (let at = 0; at < 5; at++) await aBuilding(acme, `B${at}`);
  await age(acme, 400);
  const all = await stored(acme);
  const deleted: number[] = [];
  // One of them deletes, and the other ones have nothing to do.
  for (let round = 0; round < all; round++) deleted.push(...(await Promise.all([1, 2, 3].map(() => clean(acme, { limit: 2 })))));
  expect(deleted.reduce((sum, one) => sum + one)).toBe(all);
  expect(await stored(acme)).toBe(0);
});

describe("events stay while", () => {
  test("a consumer has not handled them", async () => {
    const acme = await weft.tenant();
    await aBuilding(acme, "B1");
    await age(acme, 400);
    const all = await stored(acme);
    await owner`update events.consumer_cursors set position = 2 where tenant_id = ${acme.id} and consumer = 'notifications'`;
    expect(await clean(acme)).toBe(2);
    await owner`update events.consumer_cursors set position = ${all} where tenant_id = ${acme.id}`;
    expect(await clean(acme)).toBe(all - 2);
  });

  test("a replay to a webhook or to a trigger reads them", { tags: "slow" }, async () => {
    const acme = await weft.tenant();
    const webhookId = await aWebhook(acme);
    await aBuilding(acme, "B1");
    await age(acme, 400);
    await owner`delete from events.webhook_deliveries where tenant_id = ${acme.id}`;
    const all = await stored(acme);
    const id = newId();
    // A position that the worker cannot reach, as if it had stopped.
    await owner`insert into events.replays (tenant_id, id, webhook_id, from_at, to_at, start_position, end_position, position, status, created_by)
      values (${acme.id}, ${id}, ${decodeId("webhook", webhookId)}, ${daysAgo(401)}, now(), 0, 100, 1, 'RUNNING', ${id})`;
    await owner`update identity.tenants set status = 'SUSPENDED' where tenant_id = ${acme.id}`;
    expect(await clean(acme)).toBe(1);
    await owner`insert into workflows.triggers (tenant_id, id, name, event_type, action, definition_key, user_id, created_by, created_at, updated_at)
      values (${acme.id}, ${id}, 'T', 'vendor.created', 'START', 'd', ${id}, ${id}, now(), now())`;
    await owner`insert into workflows.trigger_replays (tenant_id, id, trigger_id, trigger_version, from_at, to_at, start_position, end_position, position,
      created_by, created_at) values (${acme.id}, ${id}, ${id}, 1, ${daysAgo(401)}, now(), 0, 100, 2, ${id}, now())`;
    await owner`update events.replays set status = 'STOPPED', finished_at = now() where tenant_id = ${acme.id}`;
    expect(await clean(acme)).toBe(1);
    await owner`update workflows.trigger_replays set status = 'COMPLETED', finished_at = now() where tenant_id = ${acme.id}`;
    expect(await clean(acme)).toBe(all - 2);
  });

  test("a delivery of a webhook, the repetition of one, a parked event, a failed run of a trigger, or a notification that is not sent refers to them", async () => {
    const acme = await weft.tenant();
    const webhookId = decodeId("webhook", await aWebhook(acme));
    for (let at = 0; at < 5; at++) await aBuilding(acme, `B${at}`);
    await age(acme, 400);
    await owner`delete from events.webhook_deliveries where tenant_id = ${acme.id}`;
    const created = (await eventsOf(acme)).filter(({ type }) => type === "building.created").map(({ id }) => decodeId("event", id));
    const [delivered = "", repeated = "", parked = "", failed = "", unsent = ""] = created;
    const delivery = async (event: string, replayOf: string | null) =>
      owner`insert into events.webhook_deliveries (tenant_id, id, webhook_id, message_id, event_id, event_type, subject_id, replay_of, status, finished_at)
        values (${acme.id}, ${newId()}, ${webhookId}, 'm', ${event}, 'building.created', ${event}, ${replayOf}, 'DELIVERED', now())`;
    await delivery(delivered, null);
    await delivery(repeated, newId());
    await owner`insert into events.parked (tenant_id, consumer, event_id, position, attempts, status)
      select tenant_id, 'notifications', event_id, position, 8, 'SKIPPED' from events.positions where tenant_id = ${acme.id} and event_id = ${parked}`;
    const [trigger, run] = [newId(), newId()];
    await owner`insert into workflows.triggers (tenant_id, id, name, event_type, action, definition_key, user_id, created_by, created_at, updated_at)
      values (${acme.id}, ${trigger}, 'T', 'vendor.created', 'START', 'd', ${acme.id}, ${acme.id}, now(), now())`;
    await owner`insert into workflows.trigger_runs (tenant_id, id, trigger_id, event_id, event_type, outcome, created_at, updated_at)
      values (${acme.id}, ${run}, ${trigger}, ${failed}, 'building.created', 'FAILED', now(), now())`;
    await owner`insert into audit.notifications (tenant_id, id, user_id, event_id, kind, title, subject_type, subject_id, params, created_at)
      values (${acme.id}, ${run}, ${decodeId("user", acme.admin.id)}, ${unsent}, 'TASK_OPENED', 'T', 'building', ${run}, '{}', now())`;
    await owner`insert into audit.notification_deliveries (tenant_id, id, user_id, notification_id, event_id, kind, channel, status, created_at)
      values (${acme.id}, ${newId()}, ${decodeId("user", acme.admin.id)}, ${run}, ${unsent}, 'TASK_OPENED', 'EMAIL', 'READY', now())`;
    await clean(acme);
    expect((await eventsOf(acme)).map(({ id }) => decodeId("event", id))).toEqual(created);
    // They are examined again.
    await owner`delete from events.webhook_deliveries where tenant_id = ${acme.id}`;
    await owner`update events.parked set status = 'DONE' where tenant_id = ${acme.id}`;
    await owner`update workflows.trigger_runs set outcome = 'STARTED' where tenant_id = ${acme.id}`;
    await owner`update audit.notification_deliveries set status = 'SENT' where tenant_id = ${acme.id}`;
    expect(await clean(acme)).toBe(5);
    expect(await stored(acme)).toBe(0);
  });
});

test("the database refuses to delete events of the last 30 days, those about SLA clocks, and the position of an event that is stored", async () => {
  const acme = await weft.tenant();
  await aBuilding(acme, "B1");
  const remove = (table: "log" | "positions") =>
    asTenant(weft.weft.services.databases.worker, { tenantId: acme.id }, "write", (tx) =>
      tx.execute<{ count: number }>(
        `with gone as (delete from events.${table} where tenant_id = app.tenant() returning 1) select count(*)::int as count from gone`,
      ),
    );
  expect([...(await remove("log"))]).toEqual([{ count: 0 }]);
  expect([...(await remove("positions"))]).toEqual([{ count: 0 }]);
  await age(acme, 31);
  await owner`update events.log set type = 'sla.recorded' where tenant_id = ${acme.id} and type <> 'building.created'`;
  expect([...(await remove("positions"))]).toEqual([{ count: 0 }]);
  expect([...(await remove("log"))]).toEqual([{ count: 1 }]);
  expect([...(await remove("positions"))]).toEqual([{ count: 1 }]);
  // Nor can it delete those of another tenant, or with no tenant.
  const globex = await weft.tenant();
  await aBuilding(globex, "G1");
  const before = await owner`select count(*)::int as count from events.positions`;
  for (const table of ["log", "positions"] as const) {
    await asTenant(weft.weft.services.databases.worker, { tenantId: acme.id }, "write", (tx) => tx.execute(`delete from events.${table}`));
    await weft.weft.services.databases.worker.begin((tx) => tx.execute(`delete from events.${table}`), "write");
  }
  expect(await owner`select count(*)::int as count from events.positions`).toEqual(before);
  // Not even with the tenant's own login.
  await expect(
    asTenant(weft.weft.services.databases.app, { tenantId: acme.id }, "write", (tx) => tx.execute("delete from events.log")),
  ).rejects.toThrow();
});

test("SLA clocks can still be recounted", { tags: "slow" }, async () => {
  const acme = await weft.tenant();
  await workAtRandom(weft, acme, { seed: 12, steps: 5 });
  await age(acme, 400);
  expect(await clean(acme)).toBeGreaterThan(0);
  expect(await verifySlaClocks(weft.weft.services, acme.id)).toMatchObject({ differences: [] });
  const types = await owner<{ type: string }[]>`select distinct type from events.log where tenant_id = ${acme.id}`;
  expect(types.map(({ type }) => type)).toContain("sla.recorded");
});

test("a subscription after a cursor whose next events have been deleted is refused, and one after a later cursor is not", async () => {
  const acme = await weft.tenant();
  const cursor = async () => (await acme.admin.run<{ liveCursor: string }>("{ liveCursor }")).liveCursor;
  const early = await cursor();
  await aBuilding(acme, "B1");
  await age(acme, 400);
  await clean(acme);
  const late = await cursor();
  const client = await openLive(weft.url, { token: acme.admin.token });
  const query = "subscription ($after: String) { requestChanged(after: $after) { cursor } }";
  client.send({ type: "subscribe", id: "early", payload: { query, variables: { after: early } } });
  client.send({ type: "subscribe", id: "late", payload: { query, variables: { after: late } } });
  await aBuilding(acme, "B2");
  const refusal = () => client.messages.find(({ type }) => type === "error" || type === "next");
  await expect.poll(refusal).toMatchObject({
    id: "early",
    payload: [
      { extensions: { code: "BAD_USER_INPUT", problems: [{ path: "after", message: expect.stringContaining("liveCursor") as string }] } },
    ],
  });
  client.close();
});

test("a replay cannot begin before the events that were deleted", async () => {
  const acme = await weft.tenant();
  await aBuilding(acme, "B1");
  await age(acme, 400);
  await clean(acme);
  await aBuilding(acme, "B2");
  await age(acme, 2);
  const webhookId = await aWebhook(acme);
  const refused = await acme.admin.refused(replay, { input: { webhookId, from: daysAgo(401), to: daysAgo(390) } });
  expect(refused.extensions).toMatchObject({
    code: "BAD_USER_INPUT",
    problems: [{ path: "input.from", message: expect.stringContaining("deleted") as string }],
  });
  // The search for the first position begins after the deleted ones.
  await acme.admin.run(replay, { input: { webhookId, from: daysAgo(3), to: daysAgo(0) } });
  await weft.weft.worker.idle();
  const [queued] = await owner`select count(*)::int as count from events.webhook_deliveries where tenant_id = ${acme.id}`;
  expect(queued?.["count"]).toBe(1);
});
