import { decodeId, encodeId, newId } from "@weft/shared/ids";
import { asTenant } from "@weft/platform/db";
import { startTestWeft, type TestTenant, type TestUser, type TestWeft } from "@weft/testkit";
import { postgres } from "@weft/pg-driver";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { pastWebhookDeliveries } from "../deliveries/past-deliveries.js";
import { ENOUGH_WAITING } from "./replay.store.js";
import { bodyOf, type Receiver, startReceiver } from "../receiver.fixture.js";

let weft: TestWeft;
let owner: postgres.Sql;
let receiver: Receiver;
beforeAll(async () => {
  weft = await startTestWeft({ settings: { WEFT_OUTBOUND_ALLOWED: "127.0.0.1" } });
  owner = postgres(weft.database.ownerUrl, { max: 1, onnotice: () => undefined });
  receiver = await startReceiver();
});
afterAll(async () => {
  await receiver.close();
  await owner.end();
  await weft.stop();
});

async function aWebhook({ admin }: TestTenant, input: object = {}): Promise<{ id: string; subjects: () => string[] }> {
  const path = `/${newId()}`;
  const { createWebhook } = await admin.run<{ createWebhook: { webhook: { id: string } } }>(
    "mutation ($input: CreateWebhookInput!) { createWebhook(input: $input) { webhook { id } } }",
    { input: { name: "Hook", url: `${receiver.url}${path}`, ...input } },
  );
  await weft.weft.worker.idle();
  const received = () => receiver.requests.filter((one) => one.path === path);
  return {
    id: createWebhook.webhook.id,
    subjects: () => received().map((one) => (bodyOf(one).data["subject"] as { id: string }).id),
  };
}

async function aBuilding({ admin }: TestTenant, code: string): Promise<string> {
  const { createBuilding } = await admin.run<{ createBuilding: { building: { id: string } } }>(
    "mutation ($code: String!) { createBuilding(input: { code: $code, name: $code }) { building { id } } }",
    { code },
  );
  await weft.weft.worker.idle();
  return createBuilding.building.id;
}

interface Replay {
  readonly id: string;
  readonly status: string;
  readonly progress: number;
  readonly queuedCount: number;
  readonly reachedAt: string | null;
}

const mutation = "mutation ($input: ReplayEventsInput!) { replayEvents(input: $input) { replay { id } } }";
const readQuery = "query ($id: ID!) { eventReplay(id: $id) { id status progress queuedCount reachedAt webhook { id } createdBy { id } } }";
const hour = { from: new Date(Date.now() - 3_600_000).toISOString(), to: new Date(Date.now() + 3_600_000).toISOString() };

const shown = async (user: TestUser, id: string): Promise<Replay> =>
  (await user.run<{ eventReplay: Replay }>(readQuery, { id })).eventReplay;

async function replay({ admin }: TestTenant, input: object): Promise<Replay> {
  const { replayEvents } = await admin.run<{ replayEvents: { replay: { id: string } } }>(mutation, { input: { ...hour, ...input } });
  await weft.weft.worker.idle();
  return shown(admin, replayEvents.replay.id);
}

/** Inserts a replay that a worker is to continue. */
async function aRunningReplay(tenant: TestTenant, webhookId: string, { end, queued }: { end: number; queued: number }): Promise<string> {
  const id = newId();
  await owner`insert into events.replays (tenant_id, id, webhook_id, from_at, to_at, start_position, end_position, position, queued_count, created_by)
    values (${tenant.id}, ${id}, ${decodeId("webhook", webhookId)}, ${hour.from}, ${hour.to}, -1200, ${end}, -1200, ${queued}, ${id})`;
  return id;
}

test("events from before the webhook and from while it was disabled are delivered in order, and none twice", { tags: "slow" }, async () => {
  const acme = await weft.tenant();
  const before = [await aBuilding(acme, "A1"), await aBuilding(acme, "A2")];
  const webhook = await aWebhook(acme, { eventTypes: ["building.created", "building.updated"], condition: "event.subject.version < 3" });
  const during = await aBuilding(acme, "A3");
  expect(webhook.subjects()).toEqual([during]);
  await owner`update events.webhooks set status = 'DISABLED', stop_reason = 'GONE' where tenant_id = ${acme.id}`;
  const disabled = await aBuilding(acme, "A4");
  await acme.admin.run("mutation ($id: ID!) { resumeWebhook(input: { id: $id }) { webhook { id } } }", { id: webhook.id });
  expect(await replay(acme, { webhookId: webhook.id, types: ["building.updated"] })).toMatchObject({ status: "COMPLETED", queuedCount: 0 });
  expect(await replay(acme, { webhookId: webhook.id, to: hour.from })).toMatchObject({ status: "COMPLETED", queuedCount: 0 });
  expect(await replay(acme, { webhookId: webhook.id })).toMatchObject({
    status: "COMPLETED",
    progress: 1,
    queuedCount: 3,
    reachedAt: expect.any(String) as string,
    webhook: { id: webhook.id },
    createdBy: { id: acme.admin.id },
  });
  // Requests run in parallel. The order is that in which they begin.
  expect(webhook.subjects().toSorted()).toEqual([...before, during, disabled].toSorted());
  const queued = await owner<
    { subject_id: string }[]
  >`select subject_id from events.webhook_deliveries where tenant_id = ${acme.id} order by seq`;
  expect(queued.map((row) => encodeId("building", row.subject_id))).toEqual([during, ...before, disabled]);
  expect(await replay(acme, { webhookId: webhook.id })).toMatchObject({ status: "COMPLETED", queuedCount: 0 });
  expect(webhook.subjects()).toHaveLength(4);
  const { auditEntries } = await acme.admin.run<{ auditEntries: { edges: { node: { action: string } }[] } }>(
    '{ auditEntries(filter: { action: { eq: "webhook.replay" } }) { edges { node { action } } } }',
  );
  expect(auditEntries.edges).toHaveLength(4);
});

test("a replay continues in batches, and ends when it has queued as much as it may", { tags: "slow" }, async () => {
  const acme = await weft.tenant();
  await aBuilding(acme, "B1");
  await aBuilding(acme, "B2");
  const webhook = await aWebhook(acme, { eventTypes: ["building.created"] });
  const id = await aRunningReplay(acme, webhook.id, { end: 1_000, queued: 99_999 });
  await weft.weft.worker.idle();
  const [row] = await owner`select status, queued_count, position > 0 as has_reached from events.replays where id = ${id}`;
  expect(row).toEqual({ status: "LIMIT_REACHED", queued_count: 100_000, has_reached: true });
  expect(webhook.subjects()).toHaveLength(1);
  const stopped = await aRunningReplay(acme, webhook.id, { end: 1e12, queued: 0 });
  expect(await acme.admin.refusal(mutation, { input: { webhookId: webhook.id, ...hour } })).toBe("CONFLICT");
  await owner`update events.webhooks set status = 'DISABLED', stop_reason = 'GONE' where tenant_id = ${acme.id}`;
  await weft.weft.worker.idle();
  expect(await owner`select status from events.replays where id = ${stopped}`).toMatchObject([{ status: "STOPPED" }]);
});

test("events that were queued before leave room for later ones under the limit of a replay", { tags: "slow" }, async () => {
  const acme = await weft.tenant();
  const webhook = await aWebhook(acme, { eventTypes: ["building.created"] });
  const received = await aBuilding(acme, "C1");
  await owner`update events.webhooks set status = 'DISABLED', stop_reason = 'GONE' where tenant_id = ${acme.id}`;
  const missed = await aBuilding(acme, "C2");
  await acme.admin.run("mutation ($id: ID!) { resumeWebhook(input: { id: $id }) { webhook { id } } }", { id: webhook.id });
  await aRunningReplay(acme, webhook.id, { end: 1_000, queued: 99_999 });
  await weft.weft.worker.idle();
  expect(webhook.subjects()).toEqual([received, missed]);
});

/** Deletes deliveries that ended 30 days ago, as the worker does. Returns their number. */
function clean({ id }: TestTenant): Promise<number> {
  const chore = pastWebhookDeliveries(() => Promise.resolve(30));
  return asTenant(weft.weft.services.databases.worker, { tenantId: id }, "write", (tx) => chore.deleteSome(tx, 10, id));
}

test("a replay begins after the last delivery that was deleted, unless the webhook is newer", { tags: "slow" }, async () => {
  const acme = await weft.tenant();
  const webhook = await aWebhook(acme, { eventTypes: ["building.created"] });
  const ago = (days: number) => new Date(Date.now() - days * 86_400_000).toISOString();
  await aBuilding(acme, "O1");
  await owner`update events.webhooks set created_at = now() - interval '50 days' where tenant_id = ${acme.id}`;
  await owner`update events.webhook_deliveries set created_at = created_at - interval '40 days', finished_at = finished_at - interval '40 days' where tenant_id = ${acme.id}`;
  expect(await replay(acme, { webhookId: webhook.id, from: ago(45) })).toMatchObject({ status: "COMPLETED", queuedCount: 0 });
  expect(await clean(acme)).toBe(1);
  const { extensions } = await acme.admin.refused(mutation, { input: { ...hour, webhookId: webhook.id, from: ago(41) } });
  expect(extensions).toMatchObject({ code: "BAD_USER_INPUT", problems: [{ path: "input.from" }] });
  expect(await replay(acme, { webhookId: webhook.id, from: ago(39), to: ago(1) })).toMatchObject({ status: "COMPLETED" });
  const newer = await aWebhook(acme, { eventTypes: ["building.created"] });
  expect(await replay(acme, { webhookId: newer.id, from: ago(41) })).toMatchObject({ status: "COMPLETED", queuedCount: 1 });
});

test("the deliveries of a webhook are kept while events are replayed to it", async () => {
  const acme = await weft.tenant();
  const webhook = await aWebhook(acme, { eventTypes: ["building.created"] });
  await aBuilding(acme, "K1");
  await owner`update events.webhook_deliveries set finished_at = finished_at - interval '40 days' where tenant_id = ${acme.id}`;
  await owner`update identity.tenants set status = 'SUSPENDED' where tenant_id = ${acme.id}`;
  await aRunningReplay(acme, webhook.id, { end: 1_000, queued: 0 });
  expect(await clean(acme)).toBe(0);
  await owner`update events.replays set status = 'COMPLETED', finished_at = now() where tenant_id = ${acme.id}`;
  expect(await clean(acme)).toBe(1);
});

test("a replay waits while many deliveries of its webhook do, and another one does not", { tags: "slow" }, async () => {
  const acme = await weft.tenant();
  await aBuilding(acme, "W1");
  const [full, free] = [
    await aWebhook(acme, { eventTypes: ["building.created"] }),
    await aWebhook(acme, { eventTypes: ["building.created"] }),
  ];
  await owner`insert into events.webhook_deliveries (tenant_id, id, webhook_id, message_id, event_id, event_type, subject_id, next_attempt_at)
    select ${acme.id}, gen_random_uuid(), ${decodeId("webhook", full.id)}, 'm', gen_random_uuid(), 'building.created', ${acme.id}, now() + interval '1 day'
      from generate_series(1, ${ENOUGH_WAITING})`;
  const waiting = await replay(acme, { webhookId: full.id });
  expect(waiting).toMatchObject({ status: "RUNNING", queuedCount: 0 });
  const completed = (id: string) =>
    vi.waitFor(async () => expect(await shown(acme.admin, id)).toMatchObject({ status: "COMPLETED", queuedCount: 1 }), { timeout: 15_000 });
  await completed((await replay(acme, { webhookId: free.id })).id);
  expect(await shown(acme.admin, waiting.id)).toMatchObject({ status: "RUNNING", queuedCount: 0 });
  await owner`delete from events.webhook_deliveries where ctid = (select ctid from events.webhook_deliveries
    where tenant_id = ${acme.id} and webhook_id = ${decodeId("webhook", full.id)} limit 1)`;
  await completed(waiting.id);
});

test("a replay is refused for a wrong period or type, a disabled webhook, and another tenant", { tags: "slow" }, async () => {
  const [acme, other] = [await weft.tenant(), await weft.tenant()];
  const { id: webhookId } = await aWebhook(acme);
  const refusal = (user: TestUser, input: object): Promise<string> => user.refusal(mutation, { input: { webhookId, ...hour, ...input } });
  expect(await refusal(acme.admin, { to: hour.from, from: hour.to })).toBe("BAD_USER_INPUT");
  expect(await refusal(acme.admin, { from: "2020-01-01T00:00:00Z" })).toBe("BAD_USER_INPUT");
  expect(await refusal(acme.admin, { types: ["building.creatd"] })).toBe("BAD_USER_INPUT");
  expect(await refusal(await acme.user("requester"), {})).toBe("FORBIDDEN");
  expect(await refusal(other.admin, {})).toBe("NOT_FOUND");
  const { id } = await replay(acme, { webhookId });
  expect(await other.admin.refusal(readQuery, { id })).toBe("NOT_FOUND");
  await owner`update events.webhooks set status = 'DISABLED', stop_reason = 'GONE' where tenant_id = ${acme.id}`;
  expect(await refusal(acme.admin, {})).toBe("CONFLICT");
});
