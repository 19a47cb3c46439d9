import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { asTenant } from "@weft/platform/db";
import { isWebhookSignature, newWebhookSecret, webhookSignature } from "@weft/platform/webhooks";
import { startTestWeft, type TestTenant, type TestUser, type TestWeft, until } from "@weft/testkit";
import { postgres } from "@weft/pg-driver";
import { Webhook as StandardWebhook } from "standardwebhooks";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { pastWebhookDeliveries } from "./deliveries/past-deliveries.js";
import { PER_WEBHOOK } from "./deliveries/dispatch/claim.store.js";
import { SLOW_MS } from "./deliveries/dispatch/finish.store.js";
import { readRetryAfter, RETRY_SECONDS, secondsUntilRetry } from "./deliveries/dispatch/retry.js";
import { FOR_TROUBLED, MAX_IN_FLIGHT, PER_TENANT, sharesOf, SLOTS, TROUBLED_PER_TENANT } from "./deliveries/dispatch/slots.js";
import { holdRetries } from "../queues/held-retries.fixture.js";
import { bodyOf, type Received, type Receiver, startReceiver, receiverGroup } from "./receiver.fixture.js";

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

interface Created {
  readonly webhook: { readonly id: string; readonly version: number };
  readonly secret: string;
}

const createMutation = `mutation ($input: CreateWebhookInput!) { createWebhook(input: $input) { webhook { id version } secret } }`;

async function create(admin: TestUser, input: object): Promise<Created> {
  const { createWebhook } = await admin.run<{ createWebhook: Created }>(createMutation, { input: { name: "Hook", ...input } });
  // The consumer starts with the events after this one.
  await weft.weft.worker.idle();
  return createWebhook;
}

async function aBuilding({ admin }: TestTenant, code: string): Promise<string> {
  const { createBuilding } = await admin.run<{ createBuilding: { building: { id: string } } }>(
    "mutation ($input: CreateBuildingInput!) { createBuilding(input: $input) { building { id } } }",
    { input: { code, name: `Building ${code}` } },
  );
  return createBuilding.building.id;
}

const rename = ({ admin }: TestTenant, id: string, name: string) =>
  admin.run("mutation ($id: ID!, $name: String!) { updateBuilding(input: { id: $id, name: $name }) { building { id } } }", { id, name });

interface Delivery {
  readonly id: string;
  readonly messageId: string;
  readonly eventType: string;
  readonly status: string;
  readonly attemptCount: number;
  readonly nextAttemptAt: string | null;
  readonly lastStatus: number | null;
  readonly lastError: string | null;
  readonly requestBody: string | null;
  readonly repeatsId: string | null;
  readonly attempts: readonly {
    readonly number: number;
    readonly responseStatus: number | null;
    readonly responseBody: string | null;
    readonly isTruncated: boolean;
    readonly error: string | null;
    readonly requestHeaders: Record<string, string>;
  }[];
}

async function deliveriesOf(admin: TestUser, webhookId: string): Promise<Delivery[]> {
  const { webhookDeliveries } = await admin.run<{ webhookDeliveries: { edges: { node: Delivery }[] } }>(
    `query ($id: ID!) { webhookDeliveries(first: 50, filter: { webhookId: { eq: $id } }, orderBy: { field: CREATED_AT, direction: ASC }) { edges { node {
      id messageId eventType status attemptCount nextAttemptAt lastStatus lastError requestBody repeatsId
      attempts { number responseStatus responseBody isTruncated error requestHeaders } } } } }`,
    { id: webhookId },
  );
  return webhookDeliveries.edges.map(({ node }) => node);
}

const stateOf = async (admin: TestUser, id: string) =>
  (
    await admin.run<{ webhook: { status: string; stopReason: string | null; consecutiveFailures: number; version: number } }>(
      "query ($id: ID!) { webhook(id: $id) { status stopReason consecutiveFailures version } }",
      { id },
    )
  ).webhook;

/** Makes waiting deliveries due, as if their time had come. */
const makeDue = ({ id }: TestTenant) =>
  owner`update events.webhook_deliveries set next_attempt_at = now() where status = 'PENDING' and tenant_id = ${id}`;

const headersOf = ({ headers }: Received): Record<string, string> =>
  Object.fromEntries(["webhook-id", "webhook-timestamp", "webhook-signature"].map((name) => [name, String(headers[name])]));

test("an event is delivered once to each webhook that wants it, signed so that the package standardwebhooks verifies it", async () => {
  const acme = await weft.tenant();
  const [wanting, other] = [await aReceiver(), await aReceiver()];
  const { webhook, secret } = await create(acme.admin, {
    url: `${wanting.url}/in?x=1`,
    eventTypes: ["building.created"],
    headers: [{ name: "Authorization", value: "Bearer abc" }],
  });
  await create(acme.admin, { url: other.url, eventTypes: ["building.updated"] });
  const id = await aBuilding(acme, "W1");
  await weft.weft.worker.idle();
  expect(other.requests).toEqual([]);
  const [request, ...more] = wanting.requests;
  if (!request) throw new Error("nothing was received");
  expect(more).toEqual([]);
  expect(request.path).toBe("/in?x=1");
  expect(request.headers).toMatchObject({ "content-type": "application/json", authorization: "Bearer abc" });
  expect(new StandardWebhook(secret).verify(request.body, headersOf(request))).toMatchObject({
    type: "building.created",
    data: { subject: { type: "building", id, version: 1 }, actorId: acme.admin.id },
  });
  expect(() => new StandardWebhook(secret).verify(`${request.body} `, headersOf(request))).toThrow(/./);
  const [delivery] = await deliveriesOf(acme.admin, webhook.id);
  expect(delivery).toMatchObject({
    status: "DELIVERED",
    attemptCount: 1,
    lastStatus: 204,
    messageId: request.headers["webhook-id"],
    requestBody: request.body,
    attempts: [{ number: 1, responseStatus: 204, error: null }],
  });
  expect(delivery?.attempts[0]?.requestHeaders).toMatchObject({ authorization: "***" });
});

test("signatures of the package standardwebhooks are verified, and others are not", () => {
  const secret = newWebhookSecret();
  const at = new Date(1_700_000_000_000);
  const message = { id: "msg_1", timestamp: 1_700_000_000, body: '{"a":1}' };
  const theirs = new StandardWebhook(secret).sign(message.id, at, message.body);
  expect(isWebhookSignature(message, theirs, secret)).toBe(true);
  expect(isWebhookSignature(message, `v1,AAAA v2,x ${theirs}`, secret)).toBe(true);
  expect(isWebhookSignature({ ...message, body: "{}" }, theirs, secret)).toBe(false);
  expect(isWebhookSignature({ ...message, timestamp: 1_700_000_001 }, theirs, secret)).toBe(false);
  expect(isWebhookSignature(message, theirs, newWebhookSecret())).toBe(false);
  expect(isWebhookSignature(message, webhookSignature(message, [newWebhookSecret(), secret]), secret)).toBe(true);
});

test("after a rotation, requests are signed with both secrets until the old one expires", async () => {
  const acme = await weft.tenant();
  const receiver = await aReceiver();
  const { webhook, secret } = await create(acme.admin, { url: receiver.url });
  const { rotateWebhookSecret: rotated } = await acme.admin.run<{ rotateWebhookSecret: Created }>(
    "mutation ($id: ID!) { rotateWebhookSecret(input: { id: $id }) { webhook { id version previousSecretExpiresAt } secret } }",
    { id: webhook.id },
  );
  expect(rotated.secret).not.toBe(secret);
  const ping = async () => {
    await acme.admin.run("mutation ($id: ID!) { testWebhook(input: { id: $id }) { delivery { id } } }", { id: webhook.id });
    await weft.weft.worker.idle();
    const request = receiver.requests.at(-1);
    if (!request) throw new Error("nothing was received");
    return request;
  };
  const during = await ping();
  for (const one of [secret, rotated.secret])
    expect(new StandardWebhook(one).verify(during.body, headersOf(during))).toMatchObject({ type: "webhook.test" });
  await owner`update events.webhooks set previous_secret_expires_at = now() where previous_secret is not null`;
  const after = await ping();
  expect(new StandardWebhook(rotated.secret).verify(after.body, headersOf(after))).toBeDefined();
  expect(() => new StandardWebhook(secret).verify(after.body, headersOf(after))).toThrow(/No matching signature/);
});

test("a failed delivery is repeated with the same ID and body, and a success ends it", async () => {
  const acme = await weft.tenant();
  const receiver = await aReceiver();
  receiver.answer = (_request, response) => void response.writeHead(500).end("out of order");
  const { webhook } = await create(acme.admin, { url: receiver.url, eventTypes: ["building.created"] });
  await aBuilding(acme, "R1");
  await weft.weft.worker.idle();
  expect(await deliveriesOf(acme.admin, webhook.id)).toMatchObject([
    { status: "PENDING", attemptCount: 1, lastStatus: 500, attempts: [{ responseBody: "out of order" }] },
  ]);
  receiver.answer = (_request, response) => void response.writeHead(200).end();
  await makeDue(acme);
  await weft.weft.worker.idle();
  expect(await deliveriesOf(acme.admin, webhook.id)).toMatchObject([{ status: "DELIVERED", attemptCount: 2, lastError: null }]);
  const [first, second] = receiver.requests;
  expect(second?.body).toBe(first?.body);
  expect(second?.headers["webhook-id"]).toBe(first?.headers["webhook-id"]);
});

test("after the last attempt a delivery has failed", async () => {
  const acme = await weft.tenant();
  const receiver = await aReceiver();
  receiver.answer = (_request, response) => void response.writeHead(503).end();
  const { webhook } = await create(acme.admin, { url: receiver.url, eventTypes: ["building.created"] });
  await aBuilding(acme, "L1");
  await weft.weft.worker.idle();
  for (let attempt = 2; attempt <= 8; attempt++) {
    await makeDue(acme);
    await weft.weft.worker.idle();
  }
  expect(await deliveriesOf(acme.admin, webhook.id)).toMatchObject([{ status: "FAILED", attemptCount: 8, nextAttemptAt: null }]);
  expect(receiver.requests).toHaveLength(8);
  expect(await stateOf(acme.admin, webhook.id)).toMatchObject({ status: "ACTIVE", consecutiveFailures: 8 });
});

describe("an endpoint that", () => {
  const answers: readonly (readonly [string, Receiver["answer"], Partial<Delivery>, Partial<Delivery["attempts"][number]>])[] = [
    [
      "cuts the connection off",
      (_request, response) => void response.socket?.destroy(),
      { status: "PENDING", lastStatus: null },
      { responseStatus: null },
    ],
    [
      "redirects is not followed",
      (_request, response) => void response.writeHead(302, { location: "http://127.0.0.1:1/" }).end(),
      { status: "PENDING", lastStatus: 302 },
      { responseStatus: 302 },
    ],
    [
      "answers with 1 GB is read up to 16 KiB",
      (_request, response) => {
        response.writeHead(200);
        let left = 16_384;
        const write = (): void => {
          while (left-- > 0) if (!response.write("x".repeat(65_536))) return void response.once("drain", write);
          response.end();
        };
        write();
      },
      { status: "DELIVERED", lastStatus: 200 },
      { isTruncated: true, responseBody: "x".repeat(16_384) },
    ],
    [
      "answers with null characters is recorded",
      (_request, response) => void response.writeHead(200).end("a\u0000b"),
      { status: "DELIVERED" },
      { responseBody: "a\uFFFDb" },
    ],
  ];
  test.each(answers)("%s", async (_name, answer, delivery, attempt) => {
    const acme = await weft.tenant();
    const receiver = await aReceiver();
    receiver.answer = answer;
    const { webhook } = await create(acme.admin, { url: receiver.url, eventTypes: ["building.created"] });
    await aBuilding(acme, "E1");
    await weft.weft.worker.idle();
    expect(await deliveriesOf(acme.admin, webhook.id)).toMatchObject([{ ...delivery, attempts: [attempt] }]);
    expect(receiver.requests).toHaveLength(1);
  });

  test("asks for a pause with Retry-After gets no requests until then", async () => {
    const acme = await weft.tenant();
    const receiver = await aReceiver();
    receiver.answer = (_request, response) => void response.writeHead(429, { "retry-after": "7200" }).end();
    const { webhook } = await create(acme.admin, { url: receiver.url, eventTypes: ["building.created"] });
    await aBuilding(acme, "P1");
    await weft.weft.worker.idle();
    await aBuilding(acme, "P2");
    await weft.weft.worker.idle();
    const [first, second] = await deliveriesOf(acme.admin, webhook.id);
    expect(first).toMatchObject({ status: "PENDING", lastStatus: 429 });
    const waitMs = Date.parse(first?.nextAttemptAt ?? "") - Date.now();
    expect(waitMs).toBeGreaterThan(7_000_000);
    expect(waitMs).toBeLessThan(7_201_000);
    expect(second).toMatchObject({ status: "PENDING", attemptCount: 0 });
    expect(receiver.requests).toHaveLength(1);
  });

  test("answers 410 is disabled at once, and the administrators are told; resumed, it receives new events", async () => {
    const acme = await weft.tenant();
    const receiver = await aReceiver();
    receiver.answer = (_request, response) => void response.writeHead(410).end();
    const { webhook } = await create(acme.admin, { url: receiver.url, eventTypes: ["building.created"] });
    await aBuilding(acme, "G1");
    await weft.weft.worker.idle();
    expect(await stateOf(acme.admin, webhook.id)).toMatchObject({ status: "DISABLED", stopReason: "GONE" });
    expect(await deliveriesOf(acme.admin, webhook.id)).toMatchObject([{ status: "FAILED", lastStatus: 410 }]);
    const { notifications } = await acme.admin.run<{ notifications: { edges: { node: { kind: string; title: string } }[] } }>(
      "{ notifications(first: 5) { edges { node { kind title } } } }",
    );
    expect(notifications.edges).toEqual([
      { node: { kind: "WEBHOOK_DISABLED", title: "A webhook was disabled, because its endpoint is gone: Hook" } },
    ]);
    await aBuilding(acme, "G2");
    await weft.weft.worker.idle();
    receiver.answer = (_request, response) => void response.writeHead(200).end();
    await acme.admin.run("mutation ($id: ID!) { resumeWebhook(input: { id: $id }) { webhook { id } } }", { id: webhook.id });
    await weft.weft.worker.idle();
    await aBuilding(acme, "G3");
    await weft.weft.worker.idle();
    expect(receiver.requests.map((request) => bodyOf(request).type)).toEqual(["building.created", "building.created"]);
    expect(await deliveriesOf(acme.admin, webhook.id)).toMatchObject([{ status: "FAILED" }, { status: "DELIVERED" }]);
  });

  test("has failed for five days is disabled, and what waits is canceled", async () => {
    const acme = await weft.tenant();
    const receiver = await aReceiver();
    receiver.answer = (_request, response) => void response.writeHead(500).end();
    const { webhook } = await create(acme.admin, { url: receiver.url, eventTypes: ["building.created"] });
    await aBuilding(acme, "F1");
    await aBuilding(acme, "F2");
    await weft.weft.worker.idle();
    const failAgain = async ({ lastFailure }: { lastFailure: string }) => {
      await owner`update events.webhook_states set consecutive_failures = 9, failing_since = now() - interval '5 days 1 minute',
        last_failed_at = now() - ${lastFailure}::interval where tenant_id = ${acme.id}`;
      await owner`update events.webhook_deliveries set next_attempt_at = now() where id = (
        select id from events.webhook_deliveries where status = 'PENDING' and tenant_id = ${acme.id} order by seq limit 1)`;
      await weft.weft.worker.idle();
    };
    // Nothing was sent for days, so these failures say nothing about the time since.
    await failAgain({ lastFailure: "5 days" });
    expect(await stateOf(acme.admin, webhook.id)).toMatchObject({ status: "ACTIVE", consecutiveFailures: 10 });
    await failAgain({ lastFailure: "10 hours" });
    expect(await stateOf(acme.admin, webhook.id)).toMatchObject({ status: "DISABLED", stopReason: "FAILING" });
    expect((await deliveriesOf(acme.admin, webhook.id)).map(({ status }) => status)).toEqual(["CANCELLED", "CANCELLED"]);
  });
});

test("an endpoint that hangs delays neither other endpoints nor other tenants", async () => {
  const [acme, globex] = [await weft.tenant(), await weft.tenant()];
  const [hanging, quick, foreign] = [await aReceiver(), await aReceiver(), await aReceiver()];
  const held: (() => void)[] = [];
  hanging.answer = (_request, response) => void held.push(() => response.writeHead(200).end());
  await create(acme.admin, { url: hanging.url, eventTypes: ["building.created"] });
  await create(acme.admin, { url: quick.url, eventTypes: ["building.created"] });
  await create(globex.admin, { url: foreign.url, eventTypes: ["building.created"] });
  for (let at = 0; at < 8; at++) await aBuilding(acme, `H${at}`);
  await aBuilding(globex, "H");
  await until(() => quick.requests.length === 8 && foreign.requests.length === 1, { what: "the others were served" });
  const messages = () => new Set(hanging.requests.map(({ headers }) => headers["webhook-id"])).size;
  expect(messages()).toBeLessThanOrEqual(4);
  hanging.answer = (_request, response) => void response.writeHead(200).end();
  for (const release of held) release();
  await weft.weft.worker.idle();
  // On a busy machine, one can come twice.
  expect(messages()).toBe(8);
});

test(
  "endpoints that accept everything slowly do not delay the endpoints of other tenants, and get one request at a time",
  { tags: "slow", timeout: 60_000 },
  async () => {
    const slowTenants = await Promise.all(Array.from({ length: SLOTS / PER_TENANT }, () => weft.tenant()));
    const globex = await weft.tenant();
    const [slow, quick] = [await aReceiver(), await aReceiver()];
    const held: (() => void)[] = [];
    let cutOff = 0;
    const hold: Receiver["answer"] = (_request, response) => {
      const onClose = () => (cutOff += 1);
      response.on("close", onClose);
      held.push(() => response.off("close", onClose).writeHead(200).end());
    };
    const release = () => {
      for (const answer of held.splice(0)) answer();
    };
    slow.answer = hold;
    const eventTypes = ["building.created"];
    for (const { admin } of slowTenants)
      for (let at = 0; at < PER_TENANT / PER_WEBHOOK; at++) await create(admin, { url: `${slow.url}/${admin.id}/${at}`, eventTypes });
    await create(globex.admin, { url: quick.url, eventTypes });
    for (const tenant of slowTenants) for (let at = 0; at < 2 * PER_WEBHOOK; at++) await aBuilding(tenant, `S${at}`);
    await until(() => held.length === SLOTS, { what: "the slow endpoints have all slots" });
    await aBuilding(globex, "G1");
    await until(() => quick.requests.length === 1, { what: "the other tenant was served" });
    // They still wait: no slot was freed by an answer or a timeout.
    expect(cutOff).toBe(0);
    expect(held).toHaveLength(SLOTS);
    await setTimeout(SLOW_MS);
    release();
    // Now they are known to be slow.
    const webhooks = SLOTS / PER_WEBHOOK;
    await until(() => held.length === webhooks, { what: "each slow endpoint has a request" });
    for (let at = 2; at <= 5; at++) await aBuilding(globex, `G${at}`);
    await until(() => quick.requests.length === 5, { what: "the other tenant was served again" });
    expect(held).toHaveLength(webhooks);
    expect(new Set(slow.requests.slice(SLOTS).map(({ path }) => path)).size).toBe(webhooks);
    slow.answer = (_request, response) => void response.writeHead(200).end();
    release();
    await weft.weft.worker.idle();
    expect(new Set(slow.requests.map(({ path, headers }) => `${path} ${String(headers["webhook-id"])}`)).size).toBe(2 * SLOTS);
  },
);

test("a secret that cannot be decrypted stops only its own webhook, which says so, until the secret is replaced", async () => {
  const acme = await weft.tenant();
  const [broken, sound] = [await aReceiver(), await aReceiver()];
  const { webhook } = await create(acme.admin, { url: broken.url, eventTypes: ["building.created"] });
  await create(acme.admin, { url: sound.url, eventTypes: ["building.created"] });
  await owner`update events.webhooks set secret = 'sec:v1:1:AAAA' where tenant_id = ${acme.id} and url = ${broken.url}`;
  await aBuilding(acme, "K1");
  await weft.weft.worker.idle();
  expect(sound.requests).toHaveLength(1);
  expect(broken.requests).toEqual([]);
  const unreadableSince = async () =>
    (
      await acme.admin.run<{ webhook: { secretUnreadableSince: string | null } }>(
        "query ($id: ID!) { webhook(id: $id) { secretUnreadableSince } }",
        { id: webhook.id },
      )
    ).webhook.secretUnreadableSince;
  expect(Date.parse((await unreadableSince()) ?? "")).toBeLessThanOrEqual(Date.now());
  expect(await stateOf(acme.admin, webhook.id)).toMatchObject({ status: "ACTIVE", consecutiveFailures: 0 });
  expect(await deliveriesOf(acme.admin, webhook.id)).toMatchObject([
    { status: "PENDING", attemptCount: 0, attempts: [], lastError: expect.stringContaining("cannot be decrypted") as string },
  ]);
  await acme.admin.run("mutation ($id: ID!) { rotateWebhookSecret(input: { id: $id }) { webhook { id } } }", { id: webhook.id });
  await weft.weft.worker.idle();
  expect(await deliveriesOf(acme.admin, webhook.id)).toMatchObject([{ status: "DELIVERED", attemptCount: 1, lastError: null }]);
  expect(await unreadableSince()).toBeNull();
});

test("headers that cannot be decrypted stop only their own webhook, until they are replaced or the key is back", async () => {
  const acme = await weft.tenant();
  const [replaced, restored, sound] = [await aReceiver(), await aReceiver(), await aReceiver()];
  const input = { eventTypes: ["building.created"], headers: [{ name: "X-Key", value: "one" }] };
  const { webhook } = await create(acme.admin, { url: replaced.url, ...input });
  for (const { url } of [restored, sound]) await create(acme.admin, { url, ...input });
  await owner`update events.webhooks set headers = reverse(headers) where tenant_id = ${acme.id} and url <> ${sound.url}`;
  await aBuilding(acme, "K2");
  await weft.weft.worker.idle();
  expect([replaced, restored, sound].map(({ requests }) => requests.length)).toEqual([0, 0, 1]);
  await acme.admin.run("mutation ($input: UpdateWebhookInput!) { updateWebhook(input: $input) { webhook { id } } }", {
    input: { id: webhook.id, headers: [{ name: "X-Key", value: "two" }] },
  });
  await owner`update events.webhooks set headers = reverse(headers) where tenant_id = ${acme.id} and url = ${restored.url}`;
  // As if the pause between two attempts had passed.
  await owner`update events.webhook_states set blocked_until = now() where tenant_id = ${acme.id} and unreadable_since is not null`;
  await weft.weft.worker.idle();
  expect([replaced, restored].map(({ requests }) => requests.map(({ headers }) => headers["x-key"]))).toEqual([["two"], ["one"]]);
  const [state] = await owner`select from events.webhook_states where tenant_id = ${acme.id} and unreadable_since is not null`;
  expect(state).toBeUndefined();
});

test("an ordered webhook receives the events of a subject in order, and other subjects do not wait", { tags: "slow" }, async () => {
  const acme = await weft.tenant();
  const receiver = await aReceiver();
  const [first, second] = [await aBuilding(acme, "O1"), await aBuilding(acme, "O2")];
  const { webhook } = await create(acme.admin, { url: receiver.url, eventTypes: ["building.updated"], isOrdered: true });
  const subjectOf = (request: Received) => bodyOf(request).data["subject"] as { id: string; version: number };
  receiver.answer = (request, response) => void response.writeHead(subjectOf(request).id === first ? 500 : 200).end();
  for (let at = 0; at < 3; at++) {
    await rename(acme, first, `First ${at}`);
    await rename(acme, second, `Second ${at}`);
  }
  await weft.weft.worker.idle();
  const versions = (id: string) => receiver.requests.map(subjectOf).flatMap((subject) => (subject.id === id ? [subject.version] : []));
  expect(versions(first)).toEqual([2]);
  expect(versions(second)).toEqual([2, 3, 4]);
  receiver.answer = (_request, response) => void response.writeHead(200).end();
  await makeDue(acme);
  await weft.weft.worker.idle();
  expect(versions(first)).toEqual([2, 2, 3, 4]);
  expect((await deliveriesOf(acme.admin, webhook.id)).every(({ status }) => status === "DELIVERED")).toBe(true);
});

test("an ordered webhook receives an event that is behind a thousand objects that wait for a retry", { tags: "slow" }, async () => {
  const acme = await weft.tenant();
  const receiver = await aReceiver();
  await create(acme.admin, { url: receiver.url, eventTypes: ["building.created"], isOrdered: true });
  await owner`insert into events.webhook_deliveries (tenant_id, id, webhook_id, message_id, event_type, subject_id, body, attempts, next_attempt_at)
    select w.tenant_id, gen_random_uuid(), w.id, 'm', 'webhook.test', ('00000000-0000-7000-8000-' || lpad(s::text, 12, '0'))::uuid, '{}', 1, now() + interval '1 hour'
      from events.webhooks w, generate_series(1, 1000) s where w.tenant_id = ${acme.id}`;
  await aBuilding(acme, "BEHIND");
  await weft.weft.worker.idle();
  expect(receiver.requests.map((request) => bodyOf(request).type)).toEqual(["building.created"]);
  // Each search of the later tests would look at them.
  await owner`delete from events.webhook_deliveries where tenant_id = ${acme.id} and message_id = 'm'`;
});

test("a condition selects events, and is checked against each event type", async () => {
  const acme = await weft.tenant();
  const receiver = await aReceiver();
  const building = await aBuilding(acme, "C1");
  await create(acme.admin, { url: receiver.url, eventTypes: ["building.updated"], condition: `event.subject.version == 3` });
  await rename(acme, building, "Two");
  await rename(acme, building, "Three");
  await weft.weft.worker.idle();
  expect(receiver.requests.map((request) => bodyOf(request).data["subject"])).toEqual([{ type: "building", id: building, version: 3 }]);
  const refused = await acme.admin.send(createMutation, {
    input: { name: "X", url: receiver.url, eventTypes: ["building.updated", "building.created"], condition: "payload.nothing == 1" },
  });
  expect(refused.errors?.[0]?.extensions).toMatchObject({ code: "BAD_USER_INPUT" });
});

test("deliveries are repeated: one, those of a period, and all failed ones", async () => {
  const acme = await weft.tenant();
  const receiver = await aReceiver();
  const from = new Date(Date.now() - 60_000).toISOString();
  const { webhook } = await create(acme.admin, { url: receiver.url, eventTypes: ["building.created"] });
  await aBuilding(acme, "D1");
  await aBuilding(acme, "D2");
  await weft.weft.worker.idle();
  const redeliver = async (input: object) => {
    const { redeliverWebhook } = await acme.admin.run<{ redeliverWebhook: { count: number; hasMore: boolean } }>(
      "mutation ($input: RedeliverWebhookInput!) { redeliverWebhook(input: $input) { count hasMore } }",
      { input },
    );
    await weft.weft.worker.idle();
    return redeliverWebhook;
  };
  const [one] = await deliveriesOf(acme.admin, webhook.id);
  expect(await redeliver({ deliveryId: one?.id })).toEqual({ count: 1, hasMore: false });
  expect(receiver.requests).toHaveLength(3);
  // The first two were sent at the same time, so they can arrive in any order.
  const first = receiver.requests.slice(0, 2).find(({ headers }) => headers["webhook-id"] === one?.messageId);
  expect(receiver.requests[2]?.headers["webhook-id"]).toBe(one?.messageId);
  expect(receiver.requests[2]?.body).toBe(first?.body);
  // Repetitions themselves are not repeated.
  expect(await redeliver({ webhookId: webhook.id, from, to: new Date().toISOString() })).toMatchObject({ count: 2 });
  expect(await redeliver({ webhookId: webhook.id, onlyFailed: true })).toMatchObject({ count: 0 });
  await owner`update events.webhook_deliveries set status = 'FAILED' where tenant_id = ${acme.id} and replay_of is null`;
  await owner`delete from events.webhook_deliveries where tenant_id = ${acme.id} and replay_of is not null`;
  expect(await redeliver({ webhookId: webhook.id, onlyFailed: true })).toMatchObject({ count: 2 });
  expect(await redeliver({ webhookId: webhook.id, onlyFailed: true })).toMatchObject({ count: 0 });
  const refusal = (input: object) =>
    acme.admin.refusal("mutation ($input: RedeliverWebhookInput!) { redeliverWebhook(input: $input) { count } }", { input });
  for (const input of [
    {},
    { webhookId: webhook.id },
    { webhookId: webhook.id, from },
    { webhookId: webhook.id, deliveryId: one?.id, onlyFailed: true },
    { webhookId: webhook.id, from: new Date().toISOString(), to: from },
    { deliveryId: one?.id, onlyFailed: true },
  ])
    expect(await refusal(input), JSON.stringify(input)).toBe("BAD_USER_INPUT");
});

test("a paused webhook receives its events after it is resumed", async () => {
  const acme = await weft.tenant();
  const receiver = await aReceiver();
  const { webhook } = await create(acme.admin, { url: receiver.url, eventTypes: ["building.created"] });
  await acme.admin.run("mutation ($id: ID!) { pauseWebhook(input: { id: $id }) { webhook { id } } }", { id: webhook.id });
  await aBuilding(acme, "S1");
  await weft.weft.worker.idle();
  expect(receiver.requests).toEqual([]);
  await acme.admin.run("mutation ($id: ID!) { resumeWebhook(input: { id: $id }) { webhook { id } } }", { id: webhook.id });
  await weft.weft.worker.idle();
  expect(receiver.requests).toHaveLength(1);
});

test("from the moment at which a tenant is suspended, nothing more is sent for it, and the rest is sent after its reactivation", async () => {
  const [acme, globex] = [await weft.tenant(), await weft.tenant()];
  const [receiver, other] = [await aReceiver(), await aReceiver()];
  await create(acme.admin, { url: receiver.url, eventTypes: ["building.created"] });
  await create(globex.admin, { url: other.url, eventTypes: ["building.created"] });
  const held: (() => void)[] = [];
  receiver.answer = (_request, response) => void held.push(() => response.writeHead(500).end());
  for (let at = 0; at < 6; at++) await aBuilding(acme, `T${at}`);
  // All slots of the endpoint are taken, and two deliveries are due.
  await until(() => receiver.requests.length === 4, { what: "the first requests were sent" });
  // Events that a consumer has not handled yet would wait for an event after the reactivation, which the statement below does not write.
  const isCaughtUp = async () =>
    (
      await owner`select from events.position_heads h where h.tenant_id = ${acme.id} and not exists (
        select from events.outbox o where o.tenant_id = h.tenant_id) and not exists (
        select from events.consumer_cursors c where c.tenant_id = h.tenant_id and c.position < h.position)`
    ).length === 1;
  await until(isCaughtUp, { what: "all events were handled" });
  await owner`update identity.tenants set status = 'SUSPENDED', updated_at = now() where tenant_id = ${acme.id}`;
  for (const release of held) release();
  await aBuilding(globex, "T");
  await weft.weft.worker.idle();
  await makeDue(acme);
  await weft.weft.worker.idle();
  expect(other.requests).toHaveLength(1);
  expect(receiver.requests).toHaveLength(4);
  receiver.answer = (_request, response) => void response.writeHead(200).end();
  await owner`update identity.tenants set status = 'ACTIVE', updated_at = now() where tenant_id = ${acme.id}`;
  await weft.weft.worker.idle();
  expect(receiver.requests).toHaveLength(10);
});

/**
 * Six deliveries that have waited for four days, two of them for a second attempt. The endpoint would accept them now.
 * @param lastClaimedDaysAgo when Weft last took a delivery of the webhook from the queue
 */
async function anOldQueue({ lastClaimedDaysAgo, name }: { lastClaimedDaysAgo: number; name: string }) {
  const acme = await weft.tenant(name);
  const receiver = await aReceiver();
  const { webhook } = await create(acme.admin, { url: receiver.url, eventTypes: ["building.created"], rateLimit: 1000 });
  await acme.admin.run("mutation ($id: ID!) { pauseWebhook(input: { id: $id }) { webhook { id } } }", { id: webhook.id });
  for (let at = 1; at <= 6; at++) await aBuilding(acme, `B${at}`);
  await weft.weft.worker.idle();
  await owner`update identity.tenants set updated_at = now() - interval '9 days' where tenant_id = ${acme.id}`;
  await owner`update events.webhook_deliveries set created_at = now() - interval '4 days', next_attempt_at = now() - interval '4 days'
    where tenant_id = ${acme.id}`;
  await owner`update events.webhook_deliveries set attempts = 1 where tenant_id = ${acme.id}
    and seq <= (select min(seq) + 1 from events.webhook_deliveries where tenant_id = ${acme.id})`;
  await owner`update events.webhook_states set active_since = now() - interval '9 days',
    last_claimed_at = now() - make_interval(days => ${lastClaimedDaysAgo}::int) where tenant_id = ${acme.id}`;
  await owner`update events.webhooks set status = 'ACTIVE', status_changed_at = now() - interval '9 days' where tenant_id = ${acme.id}`;
  await aBuilding(acme, "NEW");
  await weft.weft.worker.idle();
  return { acme, receiver, webhook };
}

test("F24: deliveries that waited while nothing was sent for more than three days, as in an old backup that is restored, fail, and can be repeated", async () => {
  const { acme, receiver, webhook } = await anOldQueue({ lastClaimedDaysAgo: 4, name: "Restored" });
  // That of the new building.
  expect(receiver.requests).toHaveLength(1);
  const tooOld = { status: "FAILED", lastError: expect.stringContaining("waited for more than 3 days") as string };
  expect(await deliveriesOf(acme.admin, webhook.id)).toMatchObject([
    ...[1, 1, 0, 0, 0, 0].map((attemptCount) => ({ ...tooOld, attemptCount })),
    { status: "DELIVERED" },
  ]);
  expect(await stateOf(acme.admin, webhook.id)).toMatchObject({ status: "ACTIVE", consecutiveFailures: 0 });
  await acme.admin.run("mutation ($id: ID!) { redeliverWebhook(input: { webhookId: $id, onlyFailed: true }) { count } }", {
    id: webhook.id,
  });
  await weft.weft.worker.idle();
  expect(receiver.requests).toHaveLength(7);
});

test("a delivery that waits for longer than three days because others are sent before it is sent in its turn", async () => {
  const { acme, webhook } = await anOldQueue({ lastClaimedDaysAgo: 1, name: "Slow" });
  expect((await deliveriesOf(acme.admin, webhook.id)).map(({ status }) => status)).toEqual(Array.from({ length: 7 }, () => "DELIVERED"));
});

test("an attempt whose process ended in between is made again, and does not count twice", async () => {
  const acme = await weft.tenant();
  const receiver = await aReceiver();
  receiver.answer = (_request, response) => void response.writeHead(500).end();
  const { webhook } = await create(acme.admin, { url: receiver.url, eventTypes: ["building.created"] });
  await aBuilding(acme, "I1");
  await weft.weft.worker.idle();
  // What a process leaves behind that is killed while it sends.
  await owner`update events.webhook_deliveries set attempts = 2, claim_token = gen_random_uuid(), lease_until = now() - interval '1 s', next_attempt_at = now()
    where tenant_id = ${acme.id}`;
  await weft.weft.worker.idle();
  expect(receiver.requests).toHaveLength(2);
  expect(await deliveriesOf(acme.admin, webhook.id)).toMatchObject([{ status: "PENDING", attemptCount: 2 }]);
});

test("a delivery that ends its senders is tried again later, apart from the others, and given up after the tenth time", async () => {
  const acme = await weft.tenant();
  const receiver = await aReceiver();
  const { webhook } = await create(acme.admin, { url: receiver.url, eventTypes: ["building.created"] });
  await acme.admin.run("mutation ($id: ID!) { pauseWebhook(input: { id: $id }) { webhook { id } } }", { id: webhook.id });
  await aBuilding(acme, "P1");
  await weft.weft.worker.idle();
  /** What is left behind by a process that ends while it sends. */
  const isAbandoned = (takeovers: number) =>
    owner`update events.webhook_deliveries set attempts = 1, takeovers = ${takeovers}::int, claim_token = gen_random_uuid(),
      lease_until = now() - interval '1 s', next_attempt_at = now() where tenant_id = ${acme.id}`;
  const takenOver = async (takeovers: number) => {
    await isAbandoned(takeovers);
    await weft.weft.worker.idle();
    return deliveriesOf(acme.admin, webhook.id);
  };
  await isAbandoned(2);
  await acme.admin.run("mutation ($id: ID!) { resumeWebhook(input: { id: $id }) { webhook { id } } }", { id: webhook.id });
  await weft.weft.worker.idle();
  for (const takeovers of [2, 8]) {
    const [waiting] = await takenOver(takeovers);
    expect(waiting).toMatchObject({ status: "PENDING", attemptCount: 0 });
    expect(Date.parse(waiting?.nextAttemptAt ?? "")).toBeGreaterThan(Date.now());
  }
  expect(await takenOver(9)).toMatchObject([
    { status: "FAILED", lastError: expect.stringContaining("The process that sent it ended unexpectedly 10 times.") as string },
  ]);
  expect(receiver.requests).toEqual([]);
});

test("a repeated call with the same idempotency key returns the secret of the first one, and no later one", async () => {
  const acme = await weft.tenant();
  const input = { name: "Hook", url: (await aReceiver()).url, idempotencyKey: "one" };
  const { createWebhook: created } = await acme.admin.run<{ createWebhook: Created }>(createMutation, { input });
  expect(await acme.admin.run(createMutation, { input })).toEqual({ createWebhook: created });
  const rotation = `mutation ($input: RotateWebhookSecretInput!) { rotateWebhookSecret(input: $input) { secret } }`;
  const rotate = { input: { id: created.webhook.id, idempotencyKey: "two" } };
  const rotated = await acme.admin.run(rotation, rotate);
  expect(await acme.admin.run(rotation, rotate)).toEqual(rotated);
  expect(await acme.admin.refusal(createMutation, { input })).toBe("CONFLICT");
  await acme.admin.run(rotation, { input: { id: created.webhook.id } });
  expect(await acme.admin.refusal(rotation, rotate)).toBe("CONFLICT");
});

test("a rate limit spreads the requests", { tags: "slow" }, async () => {
  const acme = await weft.tenant();
  const receiver = await aReceiver();
  const { webhook } = await create(acme.admin, { url: receiver.url, eventTypes: ["building.created"], rateLimit: 5 });
  const set = (operation: string) =>
    acme.admin.run(`mutation ($id: ID!) { ${operation}(input: { id: $id }) { webhook { id } } }`, { id: webhook.id });
  await set("pauseWebhook");
  for (let at = 0; at < 6; at++) await aBuilding(acme, `Q${at}`);
  await weft.weft.worker.idle();
  const startMs = Date.now();
  await set("resumeWebhook");
  await until(() => receiver.requests.length === 6, { what: "all were received", deadlineMs: 20_000 });
  // A busy machine can delay any request, so the time between two of them can be shorter than that between their starts.
  for (const [index, { atMs }] of receiver.requests.entries()) expect(atMs - startMs).toBeGreaterThanOrEqual(index * 200 - 5);
});

test("A40: URLs of private networks, other schemes and ports are refused when they are saved, and when they are called", async () => {
  const acme = await weft.tenant();
  const code = (url: string) => acme.admin.refusal(createMutation, { input: { name: "X", url } });
  for (const url of [
    "https://10.0.0.1/",
    "https://169.254.169.254/latest/meta-data",
    "https://2130706434/",
    "https://0x7f.2/",
    "https://[::ffff:10.0.0.1]/",
    "https://localhost/",
    "http://example.com/",
    "ftp://example.com/",
    "file:///etc/passwd",
    "https://user:password@example.com/",
    "https://example.com:22/",
    "not a url",
    "",
  ])
    expect(await code(url), url).toBe("URL_FORBIDDEN");
  const receiver = await aReceiver();
  const { webhook } = await create(acme.admin, { url: receiver.url, eventTypes: ["building.created"] });
  // As if the policy had been stricter since it was saved.
  await owner`update events.webhooks set url = 'http://10.0.0.1:8080/' where tenant_id = ${acme.id}`;
  await aBuilding(acme, "U1");
  await weft.weft.worker.idle();
  expect(await deliveriesOf(acme.admin, webhook.id)).toMatchObject([
    { status: "PENDING", attempts: [{ responseStatus: null, error: expect.stringContaining("cannot be called") as string }] },
  ]);
});

test("A41: header names and values cannot inject anything", async () => {
  const acme = await weft.tenant();
  const receiver = await aReceiver();
  const code = (name: string, value = "x") =>
    acme.admin.refusal(createMutation, { input: { name: "X", url: receiver.url, headers: [{ name, value }] } });
  for (const name of [
    "Host",
    "content-length",
    "Transfer-Encoding",
    "Connection",
    "webhook-id",
    "Webhook-Signature",
    "",
    "a b",
    "a:b",
    "a\r\nb",
    "é",
  ])
    expect(await code(name), name).toBe("BAD_USER_INPUT");
  for (const value of ["a\r\nHost: x", "a\nb", "a\u0000b", "é", "x".repeat(5_000)])
    expect(await code("X-Custom", value), value.slice(0, 20)).toBe("BAD_USER_INPUT");
  const twice = [
    { name: "X-A", value: "1" },
    { name: "x-a", value: "2" },
  ];
  expect(await acme.admin.refusal(createMutation, { input: { name: "X", url: receiver.url, headers: twice } })).toBe("BAD_USER_INPUT");
});

test("secrets and header values are stored encrypted, and neither the audit log nor the API shows them", async () => {
  const acme = await weft.tenant();
  const receiver = await aReceiver();
  const { webhook, secret } = await create(acme.admin, { url: receiver.url, headers: [{ name: "X-Key", value: "top secret" }] });
  const [row] = await owner<{ text: string }[]>`
    select (select jsonb_agg(to_jsonb(w))::text from events.webhooks w where tenant_id = ${acme.id})
      || (select jsonb_agg(to_jsonb(e))::text from audit.entries e where tenant_id = ${acme.id}) as text`;
  expect(row?.text).not.toContain(secret.slice("whsec_".length));
  expect(row?.text).not.toContain("top secret");
  expect(row?.text).toContain("webhook.create");
  expect(await acme.admin.run("query ($id: ID!) { webhook(id: $id) { headerNames createdBy { id } } }", { id: webhook.id })).toEqual({
    webhook: { headerNames: ["X-Key"], createdBy: { id: acme.admin.id } },
  });
});

test("webhooks are changed and deleted by administrators only, with versions", async () => {
  const acme = await weft.tenant();
  const receiver = await aReceiver();
  const { webhook } = await create(acme.admin, { url: receiver.url });
  const viewer = await acme.user("viewer");
  expect(await viewer.refusal("{ webhooks { totalCount } }")).toBe("FORBIDDEN");
  expect(await viewer.refusal(createMutation, { input: { name: "X", url: receiver.url } })).toBe("FORBIDDEN");
  const update = "mutation ($input: UpdateWebhookInput!) { updateWebhook(input: $input) { webhook { name rateLimit version } } }";
  const changes = { id: webhook.id, name: "Renamed", rateLimit: 7, expectedVersion: 1 };
  expect(await acme.admin.run(update, { input: changes })).toEqual({
    updateWebhook: { webhook: { name: "Renamed", rateLimit: 7, version: 2 } },
  });
  expect(await acme.admin.refusal(update, { input: changes })).toBe("CONFLICT");
  const remove = "mutation ($id: ID!) { deleteWebhook(input: { id: $id }) { id } }";
  expect(await acme.admin.run(remove, { id: webhook.id })).toEqual({ deleteWebhook: { id: webhook.id } });
  expect(await acme.admin.refusal(remove, { id: webhook.id })).toBe("NOT_FOUND");
});

test("the receiver of the guide accepts signed requests only, and handles a repeated message once", async () => {
  const acme = await weft.tenant();
  const page = readFileSync(new URL("../../../../docs/how-to/webhooks.md", import.meta.url), "utf8");
  const code = /```js\n([\s\S]*?)```/.exec(page)?.[1] ?? "";
  const former = await startReceiver();
  // The receiver of the guide takes over its port.
  await former.close();
  const { url } = former;
  const { webhook, secret } = await create(acme.admin, { url, eventTypes: ["building.created"] });
  // In this folder, so that it finds the package.
  const file = fileURLToPath(new URL(`./guide-${randomUUID()}.tmp.mjs`, import.meta.url));
  writeFileSync(file, code);
  const receiver = spawn(process.execPath, [file], { env: { WEBHOOK_SECRET: secret, PORT: new URL(url).port } });
  try {
    let output = "";
    receiver.stdout.on("data", (chunk: Buffer) => (output += chunk.toString("utf8")));
    await until(
      () =>
        fetch(url, { method: "POST", body: "{}" }).then(
          ({ status }) => status === 401,
          () => false,
        ),
      {
        what: "the receiver runs, and refuses an unsigned request",
      },
    );
    const id = await aBuilding(acme, "GUIDE");
    await weft.weft.worker.idle();
    const [delivery] = await deliveriesOf(acme.admin, webhook.id);
    expect(delivery).toMatchObject({ status: "DELIVERED", lastStatus: 204 });
    await acme.admin.run("mutation ($id: ID!) { redeliverWebhook(input: { deliveryId: $id }) { count } }", { id: delivery?.id });
    await weft.weft.worker.idle();
    expect((await deliveriesOf(acme.admin, webhook.id)).map(({ status }) => status)).toEqual(["DELIVERED", "DELIVERED"]);
    expect(output).toBe(`building.created ${id}\n`);
  } finally {
    receiver.kill();
    rmSync(file);
  }
});

test("deliveries are deleted long after they ended. Those that wait for as long fail first, and are kept from then on", async () => {
  const acme = await weft.tenant();
  const receiver = await aReceiver();
  const { webhook } = await create(acme.admin, { url: receiver.url, eventTypes: ["building.created"] });
  await aBuilding(acme, "OLD");
  await aBuilding(acme, "NEW");
  await weft.weft.worker.idle();
  await acme.admin.run("mutation ($id: ID!) { pauseWebhook(input: { id: $id }) { webhook { id } } }", { id: webhook.id });
  await aBuilding(acme, "PAUSED");
  await aBuilding(acme, "PAUSED LATER");
  await weft.weft.worker.idle();
  const [old, , paused] = await deliveriesOf(acme.admin, webhook.id);
  for (const one of [old, paused])
    await owner`update events.webhook_deliveries set created_at = created_at - interval '31 days', finished_at = finished_at - interval '31 days',
      next_attempt_at = next_attempt_at - interval '31 days' where tenant_id = ${acme.id} and message_id = ${one?.messageId ?? ""}`;
  const chore = pastWebhookDeliveries(() => Promise.resolve(30));
  const clean = () =>
    asTenant(weft.weft.services.databases.worker, { tenantId: acme.id }, "write", (tx) => chore.deleteSome(tx, 10, acme.id));
  expect(await clean()).toBe(1);
  expect(await clean()).toBe(0);
  expect(await deliveriesOf(acme.admin, webhook.id)).toMatchObject([
    { status: "FAILED", messageId: paused?.messageId, lastError: expect.stringContaining("for more than 30 days") as string },
    { status: "DELIVERED" },
    { status: "PENDING" },
  ]);
  const [kept] = await owner<{ attempts: number }[]>`
    select count(*)::int as attempts from events.webhook_attempts where tenant_id = ${acme.id}`;
  expect(kept?.attempts).toBe(1);
});

test("a page of deliveries with attempts, bodies and webhooks takes a constant number of statements", async () => {
  const acme = await weft.tenant();
  const receiver = await aReceiver();
  await create(acme.admin, { url: receiver.url, eventTypes: ["building.created"] });
  const page = (first: number) => () =>
    acme.admin.run(
      `{ webhookDeliveries(first: ${first}) { edges { node { id requestBody webhook { name failingSince createdBy { id } } attempts { number } } } } }`,
    );
  for (let at = 0; at < 5; at++) await aBuilding(acme, `N${at}`);
  await weft.weft.worker.idle();
  // Settings that are kept in memory are read first.
  await page(1)();
  expect(await weft.statementCount(page(5))).toBe(await weft.statementCount(page(1)));
});

test("delays grow to more than a day in total, and Retry-After prolongs them", () => {
  const delays = RETRY_SECONDS.map((_, at) => secondsUntilRetry(at + 1, { random: 0.5 }));
  expect(delays).toEqual([...RETRY_SECONDS]);
  const shortest = RETRY_SECONDS.map((_, at) => secondsUntilRetry(at + 1, { random: 0 }) ?? 0).reduce((sum, one) => sum + one);
  expect(shortest).toBeGreaterThan(86_400);
  expect(secondsUntilRetry(RETRY_SECONDS.length + 1)).toBeNull();
  expect(secondsUntilRetry(1, { retryAfter: 60 })).toBe(60);
  const now = Date.parse("2026-03-01T09:00:00Z");
  expect(readRetryAfter("120", now)).toBe(120);
  expect(readRetryAfter("Sun, 01 Mar 2026 09:05:00 GMT", now)).toBe(300);
  expect(readRetryAfter("999999999", now)).toBe(86_400);
  for (const header of ["", "soon", "-5", "Sun, 01 Mar 2026 08:00:00 GMT", undefined]) expect(readRetryAfter(header, now)).toBeUndefined();
});

test("slots are shared: neither a tenant nor endpoints in trouble can take all of them", () => {
  const webhook = (tenantId: string, webhookId: string, isTroubled = false) => ({
    tenantId,
    webhookId,
    isTroubled,
    isCertain: true,
    searchedFrom: "",
  });
  const many = Array.from({ length: 100 }, (_, at) => webhook("a", `a${at}`));
  const [ofA, ofB] = sharesOf([...many, webhook("b", "b1")], []);
  expect(ofA?.limit).toBe(PER_TENANT);
  expect(ofB).toMatchObject({ tenantId: "b", webhookIds: ["b1"] });
  const troubled = Array.from({ length: 60 }, (_, at) => webhook(`t${at}`, `t${at}`, true));
  expect(sharesOf(troubled, [])).toHaveLength(FOR_TROUBLED);
  // Endpoints in trouble leave slots to the others of their tenant.
  const ofOne = Array.from({ length: 60 }, (_, at) => webhook("t", `t${at}`, true));
  expect(sharesOf([...ofOne, webhook("t", "sound")], [])[0]?.webhookIds).toHaveLength(TROUBLED_PER_TENANT + 1);
  expect(sharesOf([...ofOne, webhook("t", "sound")], ofOne.slice(0, TROUBLED_PER_TENANT))[0]?.webhookIds).toEqual(["sound"]);
  // The tenant with requests in flight comes last.
  expect(sharesOf([webhook("a", "a1"), webhook("b", "b1")], [webhook("a", "a2")]).map(({ tenantId }) => tenantId)).toEqual(["b", "a"]);
  const full = Array.from({ length: SLOTS }, (_, at) => webhook(`f${at}`, `f${at}`));
  expect(sharesOf([webhook("a", "a1")], full)).toEqual([]);
  // Requests that turned out to be slow leave half of the slots to sound endpoints, up to a number.
  const slow = full.map((one) => ({ ...one, isTroubled: true }));
  expect(sharesOf([webhook("a", "a1"), webhook("b", "b1", true)], slow)).toEqual([
    { tenantId: "a", webhookIds: ["a1"], limit: (SLOTS - FOR_TROUBLED) / 2 },
  ]);
  const most = Array.from({ length: MAX_IN_FLIGHT }, (_, at) => webhook(`f${at}`, `f${at}`, true));
  expect(sharesOf([webhook("a", "a1")], most)).toEqual([]);
});

test("another tenant sees neither the webhook nor its deliveries", async () => {
  const [acme, globex] = [await weft.tenant(), await weft.tenant()];
  const receiver = await aReceiver();
  // The webhook starts after the last event that has a position, and receives all types: also those of the creation of the tenant.
  await weft.weft.worker.idle();
  const { webhook } = await create(acme.admin, { url: receiver.url });
  await aBuilding(acme, "Z1");
  await weft.weft.worker.idle();
  const [delivery] = await deliveriesOf(acme.admin, webhook.id);
  expect(await globex.admin.refusal("query ($id: ID!) { webhook(id: $id) { id } }", { id: webhook.id })).toBe("NOT_FOUND");
  expect(await globex.admin.refusal("query ($id: ID!) { webhookDelivery(id: $id) { id } }", { id: delivery?.id })).toBe("NOT_FOUND");
  expect(await globex.admin.run("{ webhooks { totalCount } webhookDeliveries { totalCount } }")).toEqual({
    webhooks: { totalCount: 0 },
    webhookDeliveries: { totalCount: 0 },
  });
  await aBuilding(globex, "Z2");
  await weft.weft.worker.idle();
  expect(receiver.requests).toHaveLength(1);
});
