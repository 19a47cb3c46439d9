import { asTenant } from "@weft/platform/db";
import { startTestWeft, type TestTenant, type TestUser, type TestWeft, until } from "@weft/testkit";
import { askedDefinition, askUsers } from "@weft/testkit/tenants/asked-definition";
import { postgres } from "@weft/pg-driver";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { pastWebhookDeliveries } from "../webhooks/deliveries/past-deliveries.js";
import { readDueDeliveries } from "./queue.service.js";
import { bodyOf, type Receiver, startReceiver } from "../webhooks/receiver.fixture.js";

let weft: TestWeft;
let owner: postgres.Sql;
let receiver: Receiver;
beforeAll(async () => {
  receiver = await startReceiver();
  weft = await startTestWeft({ settings: { WEFT_OUTBOUND_ALLOWED: "127.0.0.1" } });
  owner = postgres(weft.database.ownerUrl, { max: 1, onnotice: () => undefined });
});
afterAll(async () => {
  await owner.end();
  await weft.stop();
  await receiver.close();
});

interface Queue {
  readonly channel: string;
  readonly waiting: number;
  readonly oldestWaitingSince: string | null;
  readonly succeededInLastHour: number;
  readonly failedInLastHour: number;
  readonly isPaused: boolean;
  readonly pauseReason: string | null;
  readonly pausedBy: { readonly id: string } | null;
}

const counts = "waiting oldestWaitingSince succeededInLastHour failedInLastHour";
const queues = `{ deliveryQueues { channel ${counts} isPaused pauseReason pausedAt pausedBy { id } } }`;
const pause = "mutation ($input: PauseDeliveriesInput!) { pauseDeliveries(input: $input) { queue { channel isPaused pauseReason } } }";
const resume = "mutation ($input: ResumeDeliveriesInput!) { resumeDeliveries(input: $input) { queue { isPaused } } }";
const discard = "mutation ($input: DiscardWaitingDeliveriesInput!) { discardWaitingDeliveries(input: $input) { count hasMore } }";

const queuesOf = async (user: TestUser): Promise<Map<string, Queue>> =>
  new Map((await user.run<{ deliveryQueues: Queue[] }>(queues)).deliveryQueues.map((queue) => [queue.channel, queue]));

const setPaused = (user: TestUser, channel: string, isPaused = true) =>
  isPaused ? user.run(pause, { input: { channel, reason: "Maintenance" } }) : user.run(resume, { input: { channel } });

const discardAll = async (user: TestUser, input: object): Promise<{ count: number; hasMore: boolean }> => {
  const before = new Date(Date.now() + 60_000).toISOString();
  const result = await user.run<{ discardWaitingDeliveries: { count: number; hasMore: boolean } }>(discard, {
    input: { before, reason: "Wrong recipients", ...input },
  });
  return result.discardWaitingDeliveries;
};

const idle = () => weft.weft.worker.idle();

/** A webhook of the tenant that receives new buildings, at a path of its own. */
async function aWebhook({ admin }: TestTenant, path: string): Promise<string> {
  const { createWebhook } = await admin.run<{ createWebhook: { webhook: { id: string } } }>(
    "mutation ($input: CreateWebhookInput!) { createWebhook(input: $input) { webhook { id } } }",
    { input: { name: "Hook", url: `${receiver.url}${path}`, eventTypes: ["building.created"] } },
  );
  await idle();
  return createWebhook.webhook.id;
}

async function aBuilding({ admin }: TestTenant, code: string): Promise<void> {
  await admin.run("mutation ($input: CreateBuildingInput!) { createBuilding(input: $input) { building { id } } }", {
    input: { code, name: code },
  });
  await idle();
}

const received = (path: string) => receiver.requests.filter((request) => request.path === path).map((request) => bodyOf(request).type);

const statuses = async ({ id }: TestTenant, table: string): Promise<string[]> =>
  (await owner.unsafe<{ status: string }[]>(`select status from ${table} where tenant_id = $1`, [id])).map(({ status }) => status);

async function anIntegration({ admin }: TestTenant): Promise<string> {
  const { createIntegration } = await admin.run<{ createIntegration: { integration: { id: string } } }>(
    "mutation ($input: CreateIntegrationInput!) { createIntegration(input: $input) { integration { id } } }",
    {
      input: {
        key: "crm",
        name: "CRM",
        connector: "HTTP",
        configuration: { baseUrl: receiver.url },
        credentials: { type: "NONE" },
      },
    },
  );
  return createIntegration.integration.id;
}

const makeCall = ({ admin }: TestTenant, integrationId: string) =>
  admin.run("mutation ($input: CallIntegrationInput!) { callIntegration(input: $input) { call { id } } }", {
    input: { integrationId, action: "request", input: { method: "POST", path: "orders" } },
  });

/** A tenant in which a user gets an email when they are asked. */
async function anAskedUser() {
  const acme = await weft.tenant("Acme");
  await acme.definition(askedDefinition);
  const olga = await acme.user("operations");
  await olga.run(
    "mutation { updateNotificationPreferences(input: { preferences: [{ kind: TASK_OPENED, channel: EMAIL, isEnabled: true }] }) { notificationPreferences { timeZone } } }",
  );
  const ask = async (): Promise<void> => {
    await askUsers(acme.admin, { title: "Please answer", whom: [olga.id] });
    await idle();
  };
  return { acme, ask };
}

describe("queues", () => {
  test(
    "show what waits and what ended, for each channel and for each webhook, with a constant number of statements",
    { tags: "slow" },
    async () => {
      const acme = await weft.tenant();
      const id = await aWebhook(acme, "/count");
      await aBuilding(acme, "C1");
      await setPaused(acme.admin, "WEBHOOK");
      await aBuilding(acme, "C2");
      const shown = await queuesOf(acme.admin);
      expect([...shown.keys()]).toEqual(["WEBHOOK", "NOTIFICATION", "CALL", "INBOUND"]);
      const counted = { waiting: 1, succeededInLastHour: 1, failedInLastHour: 0, oldestWaitingSince: expect.any(String) as string };
      expect(shown.get("WEBHOOK")).toMatchObject({
        ...counted,
        isPaused: true,
        pauseReason: "Maintenance",
        pausedBy: { id: acme.admin.id },
      });
      expect(shown.get("CALL")).toMatchObject({ waiting: 0, oldestWaitingSince: null, isPaused: false, pausedBy: null });
      expect(await acme.admin.run(`query ($id: ID!) { webhook(id: $id) { queue { ${counts} } } }`, { id })).toEqual({
        webhook: { queue: counted },
      });
      await aWebhook(acme, "/count-too");
      const sent = await weft.statements(() => acme.admin.run(`{ webhooks(first: 9) { edges { node { queue { ${counts} } } } } }`));
      expect(sent.filter((statement) => statement.includes("selectWebhookQueues"))).toHaveLength(1);
    },
  );

  test("are shown and paused by administrators only, and are those of their own tenant", { tags: "slow" }, async () => {
    const [acme, other] = [await weft.tenant(), await weft.tenant()];
    await aWebhook(acme, "/own");
    await setPaused(acme.admin, "WEBHOOK");
    await aBuilding(acme, "O1");
    expect((await queuesOf(other.admin)).get("WEBHOOK")).toMatchObject({ waiting: 0, isPaused: false });
    const requester = await acme.user("requester");
    expect(await requester.refusal(queues)).toBe("FORBIDDEN");
    expect(await requester.refusal(pause, { input: { channel: "CALL", reason: "x" } })).toBe("FORBIDDEN");
  });
});

describe("a paused channel", () => {
  test("keeps deliveries to webhooks, also old ones, until it is resumed", async () => {
    const acme = await weft.tenant();
    await aWebhook(acme, "/paused");
    await setPaused(acme.admin, "WEBHOOK");
    await aBuilding(acme, "P1");
    expect(received("/paused")).toEqual([]);
    // More days ago than deliveries are sent.
    await owner`update events.webhook_deliveries set created_at = now() - interval '4 days', next_attempt_at = now() - interval '4 days'
      where tenant_id = ${acme.id}`;
    await owner`update events.webhooks set status_changed_at = now() - interval '4 days' where tenant_id = ${acme.id}`;
    await owner`update identity.tenants set updated_at = now() - interval '4 days' where tenant_id = ${acme.id}`;
    const past = pastWebhookDeliveries(() => Promise.resolve(0));
    const clean = () =>
      asTenant(weft.weft.services.databases.worker, { tenantId: acme.id }, "write", (tx) => past.deleteSome(tx, 10, acme.id));
    expect(await clean()).toBe(0);
    await setPaused(acme.admin, "WEBHOOK", false);
    await idle();
    expect(received("/paused")).toEqual(["building.created"]);
    expect(await clean()).toBe(1);
  });

  test("keeps notifications", async () => {
    const { acme, ask } = await anAskedUser();
    await setPaused(acme.admin, "NOTIFICATION");
    await ask();
    expect(await statuses(acme, "audit.notification_deliveries")).toEqual(["READY"]);
    await setPaused(acme.admin, "NOTIFICATION", false);
    await idle();
    expect(await statuses(acme, "audit.notification_deliveries")).toEqual(["SENT"]);
  });

  test("keeps calls, also old ones, until it is resumed, each time", async () => {
    const acme = await weft.tenant();
    const integrationId = await anIntegration(acme);
    for (const before of [[], ["DONE"]]) {
      await setPaused(acme.admin, "CALL");
      await makeCall(acme, integrationId);
      await idle();
      expect((await statuses(acme, "events.integration_calls")).sort()).toEqual([...before, "PENDING"]);
      // Longer ago than calls are sent.
      await owner`update events.integration_calls set next_attempt_at = now() - interval '25 hours' where tenant_id = ${acme.id}`;
      await owner`update identity.tenants set updated_at = now() - interval '25 hours' where tenant_id = ${acme.id}`;
      await setPaused(acme.admin, "CALL", false);
      await idle();
      expect(await statuses(acme, "events.integration_calls")).toEqual([...before, "DONE"]);
    }
  });

  test("is recorded once in the audit log, with the reason", async () => {
    const acme = await weft.tenant();
    for (const isPaused of [true, true, false, false]) await setPaused(acme.admin, "CALL", isPaused);
    const entries = await owner<{ action: string; before: unknown; after: unknown }[]>`select action, before, after from audit.entries
      where tenant_id = ${acme.id} and action like 'tenant.%Deliveries' order by id`;
    const image = { channel: "CALL", reason: "Maintenance" };
    expect([...entries]).toEqual([
      { action: "tenant.pauseDeliveries", before: null, after: image },
      { action: "tenant.resumeDeliveries", before: image, after: null },
    ]);
  });

  test("must have a reason, and cannot be that of inbound webhooks", async () => {
    const { admin } = await weft.tenant();
    expect(await admin.refusal(pause, { input: { channel: "CALL", reason: " " } })).toBe("BAD_USER_INPUT");
    expect(await admin.refusal(pause, { input: { channel: "INBOUND", reason: "x" } })).toBe("BAD_USER_INPUT");
  });
});

describe("discarding", () => {
  test("cancels the waiting deliveries of one webhook, with the reason, and leaves those of others", async () => {
    const acme = await weft.tenant();
    const id = await aWebhook(acme, "/discarded");
    await aWebhook(acme, "/kept");
    await setPaused(acme.admin, "WEBHOOK");
    await aBuilding(acme, "D1");
    expect(await discardAll(acme.admin, { webhookId: id, before: "2020-01-01T00:00:00Z" })).toEqual({ count: 0, hasMore: false });
    expect(await discardAll(acme.admin, { webhookId: id })).toEqual({ count: 1, hasMore: false });
    const { webhookDeliveries } = await acme.admin.run<{ webhookDeliveries: unknown }>(
      "query ($id: ID!) { webhookDeliveries(first: 5, filter: { webhookId: { eq: $id } }) { edges { node { status lastError } } } }",
      { id },
    );
    expect(webhookDeliveries).toEqual({ edges: [{ node: { status: "CANCELLED", lastError: "Discarded: Wrong recipients" } }] });
    await setPaused(acme.admin, "WEBHOOK", false);
    await idle();
    expect([received("/discarded"), received("/kept")]).toEqual([[], ["building.created"]]);
  });

  test("cancels waiting notifications", async () => {
    const { acme, ask } = await anAskedUser();
    await setPaused(acme.admin, "NOTIFICATION");
    await ask();
    await ask();
    expect(await discardAll(acme.admin, { channel: "NOTIFICATION" })).toEqual({ count: 2, hasMore: false });
    await setPaused(acme.admin, "NOTIFICATION", false);
    await idle();
    expect(await statuses(acme, "audit.notification_deliveries")).toEqual(["CANCELLED", "CANCELLED"]);
  });

  test("ends waiting calls as failed", async () => {
    const acme = await weft.tenant();
    await setPaused(acme.admin, "CALL");
    await makeCall(acme, await anIntegration(acme));
    expect(await discardAll(acme.admin, { channel: "CALL" })).toEqual({ count: 1, hasMore: false });
    expect(await statuses(acme, "events.integration_calls")).toEqual(["FAILED"]);
  });

  test("takes either a channel or a webhook of the own tenant", async () => {
    const [acme, other] = [await weft.tenant(), await weft.tenant()];
    const webhookId = await aWebhook(acme, "/own-too");
    const refusal = (input: object) => other.admin.refusal(discard, { input: { before: "2030-01-01T00:00:00Z", reason: "x", ...input } });
    expect(await refusal({ webhookId })).toBe("NOT_FOUND");
    for (const input of [{}, { webhookId, channel: "WEBHOOK" }, { channel: "INBOUND" }])
      expect(await refusal(input)).toBe("BAD_USER_INPUT");
  });
});

test("metrics count what could be sent now, and attempts by their result", async () => {
  const acme = await weft.tenant();
  const due = async () => (await readDueDeliveries(weft.weft.services.databases)).find(({ channel }) => channel === "WEBHOOK");
  await aWebhook(acme, "/slow");
  const before = (await due())?.due ?? 0;
  const answered = Promise.withResolvers<undefined>();
  receiver.answer = (_request, response) => void answered.promise.then(() => response.writeHead(204).end());
  await acme.admin.run('mutation { createBuilding(input: { code: "M1", name: "M1" }) { building { id } } }');
  await until(() => received("/slow").length === 1, { what: "the request to the webhook" });
  expect(await due()).toEqual({ channel: "WEBHOOK", due: before + 1, oldestSeconds: expect.any(Number) as number });
  await setPaused(acme.admin, "WEBHOOK");
  expect((await due())?.due).toBe(before);
  answered.resolve(undefined);
  await setPaused(acme.admin, "WEBHOOK", false);
  await idle();
  const metrics = await (await fetch(`${weft.url}/metrics`)).text();
  expect(metrics).toMatch(/^weft_delivery_attempts_total\{channel="WEBHOOK",result="succeeded"\} [1-9]/m);
  expect(metrics).toMatch(/^weft_delivery_attempt_duration_seconds_count\{channel="WEBHOOK"\} [1-9]/m);
  expect(metrics).toMatch(/^weft_deliveries_due\{channel="CALL"\} \d/m);
  expect(metrics).toMatch(/^weft_deliveries_oldest_due_seconds\{channel="INBOUND"\} \d/m);
});
