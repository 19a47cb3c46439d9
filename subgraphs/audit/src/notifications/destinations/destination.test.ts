import { createECDH, createPublicKey, randomBytes, verify } from "node:crypto";
import { createRequire } from "node:module";
import { startTestWeft, type TestTenant, type TestUser, type TestWeft } from "@weft/testkit";
import { askedDefinition, askUsers } from "@weft/testkit/tenants/asked-definition";
import { postgres } from "@weft/pg-driver";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Received, type Receiver, receiverGroup } from "../../webhooks/receiver.fixture.js";

/** Another implementation of the encryption. */
const { decrypt } = createRequire(import.meta.url)("http_ece") as {
  decrypt(
    this: void,
    body: Buffer,
    options: { version: "aes128gcm"; privateKey: ReturnType<typeof createECDH>; authSecret: string },
  ): Buffer;
};

let weft: TestWeft;
let owner: postgres.Sql;
const receivers = receiverGroup();
const aReceiver = receivers.start;

beforeAll(async () => {
  weft = await startTestWeft({ settings: { WEFT_PUBLIC_URL: "https://app.example", WEFT_OUTBOUND_ALLOWED: "127.0.0.1" } });
  owner = postgres(weft.database.ownerUrl, { max: 1, onnotice: () => undefined });
});
afterAll(async () => {
  await receivers.close();
  await owner.end();
  await weft.stop();
});

const add =
  "mutation ($input: AddNotificationDestinationInput!) { addNotificationDestination(input: $input) { destination { id channel name format host status reason } } }";
const remove = "mutation ($id: ID!) { removeNotificationDestination(input: { id: $id }) { id } }";
const list = "{ notificationPreferences { webPushPublicKey destinations { id channel name format host status reason } } }";
const update =
  "mutation ($input: UpdateNotificationPreferencesInput!) { updateNotificationPreferences(input: $input) { notificationPreferences { timeZone } } }";

interface Story {
  readonly acme: TestTenant;
  readonly olga: TestUser;
  readonly receiver: Receiver;
  readonly ask: (title: string) => Promise<unknown>;
}

async function aStory(): Promise<Story> {
  const acme = await weft.tenant("Acme");
  await acme.definition(askedDefinition);
  const olga = await acme.user("operations");
  const ask = async (title: string) => {
    await askUsers(acme.admin, { title, whom: [olga.id] });
    await weft.weft.worker.idle();
  };
  return { acme, olga, receiver: await aReceiver(), ask };
}

const chat = (receiver: Receiver, format = "SLACK") => ({ name: "My chat", chat: { format, url: `${receiver.url}/hooks/s3cr3t` } });

const addTo = async (user: TestUser, input: object): Promise<string> =>
  (await user.run<{ addNotificationDestination: { destination: { id: string } } }>(add, { input })).addNotificationDestination.destination
    .id;

async function statusesOf({ admin }: TestTenant): Promise<{ status: string; channel: string; reason: string | null }[]> {
  await weft.weft.worker.idle();
  const { notificationDeliveries } = await admin.run<{
    notificationDeliveries: { edges: { node: { status: string; channel: string; reason: string | null } }[] };
  }>(
    "{ notificationDeliveries(orderBy: { field: CREATED_AT, direction: ASC }) { edges { node { status channel reason attempts lastError } } } }",
  );
  return notificationDeliveries.edges.map(({ node }) => node);
}

const textOf = ({ body }: Received): string => (JSON.parse(body) as { text: string }).text;

test("a chat gets each notification once, and nothing that a person typed becomes markup or a mention", { tags: "slow" }, async () => {
  const { acme, olga, receiver, ask } = await aStory();
  await addTo(olga, chat(receiver));
  await ask("<!channel> & @here <https://evil.example|click>");
  expect(receiver.requests).toHaveLength(1);
  const [request] = receiver.requests;
  expect(request?.path).toBe("/hooks/s3cr3t");
  expect(textOf(request as Received)).toMatch(
    /^&lt;!channel&gt; &amp; @here &lt;https:\/\/evil\.example\|click&gt;\nFrom Acme on Weft\nhttps:\/\/app\.example\/open\/tsk_\w+$/,
  );
  expect(JSON.parse(request?.body ?? "")).toMatchObject({ mrkdwn: false, link_names: 0 });
  expect(await statusesOf(acme)).toMatchObject([{ status: "SENT", channel: "CHAT", attempts: 1 }]);
});

test("each destination of a user gets a message of its own, in its form", { tags: "slow" }, async () => {
  const { acme, olga, receiver, ask } = await aStory();
  const teams = await aReceiver();
  await addTo(olga, chat(receiver));
  await addTo(olga, chat(teams, "TEAMS"));
  await ask("One");
  expect(receiver.requests).toHaveLength(1);
  expect(teams.requests.map(({ body }) => JSON.parse(body) as object)).toMatchObject([
    { type: "message", attachments: [{ contentType: "application/vnd.microsoft.card.adaptive" }] },
  ]);
  expect(await statusesOf(acme)).toMatchObject([{ status: "SENT" }, { status: "SENT" }]);
});

test("preferences per kind, and quiet times, apply to chats", { tags: "slow" }, async () => {
  const { acme, olga, receiver, ask } = await aStory();
  await addTo(olga, chat(receiver));
  await olga.run(update, { input: { preferences: [{ kind: "TASK_OPENED", channel: "CHAT", isEnabled: false }] } });
  await ask("Unwanted");
  expect(await statusesOf(acme)).toEqual([]);
  await olga.run(update, {
    input: {
      preferences: [{ kind: "TASK_OPENED", channel: "CHAT", isEnabled: null }],
      snoozedUntil: new Date(Date.now() + 3_600_000).toISOString(),
    },
  });
  await ask("Later");
  await ask("Too");
  expect(receiver.requests).toEqual([]);
  await olga.run(update, { input: { snoozedUntil: null } });
  await owner`update audit.notification_deliveries set due_at = now() where tenant_id = ${acme.id} and due_at is not null`;
  await weft.weft.worker.idle();
  expect(receiver.requests.map(textOf)).toEqual(["Acme: 2 notifications\n- Later\n- Too\nhttps://app.example"]);
});

test(
  "a chat that refuses for now is tried again; one that no longer exists is disabled, and works again once it is added again",
  { tags: "slow" },
  async () => {
    const { acme, olga, receiver, ask } = await aStory();
    await addTo(olga, chat(receiver));
    receiver.answer = (_request, response) => void response.writeHead(429, { "retry-after": "3600" }).end();
    await ask("One");
    expect(await statusesOf(acme)).toMatchObject([{ status: "READY", attempts: 1, lastError: "The server answered 429" }]);
    receiver.answer = (_request, response) => void response.writeHead(410).end("channel_is_archived");
    await owner`update audit.notification_deliveries set next_attempt_at = now() where tenant_id = ${acme.id} and next_attempt_at is not null`;
    expect(await statusesOf(acme)).toMatchObject([{ status: "FAILED", attempts: 2 }]);
    const { notificationPreferences } = await olga.run<{ notificationPreferences: { destinations: object[] } }>(list);
    expect(notificationPreferences.destinations).toMatchObject([
      { status: "DISABLED", reason: "The server answered 410: channel_is_archived" },
    ]);
    await ask("Two");
    expect(await statusesOf(acme)).toHaveLength(1);
    receiver.answer = (_request, response) => void response.writeHead(200).end("ok");
    await addTo(olga, chat(receiver));
    await ask("Three");
    expect(textOf(receiver.requests.at(-1) as Received)).toContain("Three");
  },
);

test("an answer that never comes leaves the message unknown, and it is not sent again", async () => {
  const { acme, olga, receiver, ask } = await aStory();
  await addTo(olga, chat(receiver));
  receiver.answer = (_request, response) => void response.destroy();
  await ask("One");
  expect(await statusesOf(acme)).toMatchObject([{ status: "UNKNOWN", attempts: 1 }]);
  expect(receiver.requests).toHaveLength(1);
});

test("a browser decrypts its notifications, which are signed with the key that it subscribed with", async () => {
  const { olga, receiver, ask } = await aStory();
  const { notificationPreferences } = await olga.run<{ notificationPreferences: { webPushPublicKey: string } }>(list);
  const browser = createECDH("prime256v1");
  const p256dh = browser.generateKeys("base64url");
  const auth = randomBytes(16).toString("base64url");
  const endpoint = `${receiver.url}/push/abc`;
  const bodies: Buffer[] = [];
  receiver.answer = (request, response) => {
    bodies.push(request.bytes);
    response.writeHead(201).end();
  };
  await addTo(olga, { name: "Laptop", webPush: { endpoint, p256dh, auth } });
  await ask("Grüße 👋");
  const [request] = receiver.requests;
  expect(request?.headers).toMatchObject({ "content-encoding": "aes128gcm", ttl: "86400" });
  const decrypted = decrypt(bodies[0] ?? Buffer.alloc(0), { version: "aes128gcm", privateKey: browser, authSecret: auth });
  expect(JSON.parse(decrypted.toString())).toEqual({
    id: expect.stringMatching(/^ntd_/) as string,
    title: "Grüße 👋",
    body: "From Acme on Weft",
    url: expect.stringMatching(/^https:\/\/app\.example\/open\/tsk_\w+$/) as string,
  });
  const [, token = "", key = ""] = /^vapid t=([^,]+), k=(.+)$/.exec(request?.headers.authorization ?? "") ?? [];
  expect(key).toBe(notificationPreferences.webPushPublicKey);
  const [head = "", claims = "", signature = ""] = token.split(".");
  const point = Buffer.from(key, "base64url");
  const [x, y] = [point.subarray(1, 33).toString("base64url"), point.subarray(33).toString("base64url")];
  const publicKey = createPublicKey({ key: { kty: "EC", crv: "P-256", x, y }, format: "jwk" });
  const signed = Buffer.from(`${head}.${claims}`);
  expect(verify("sha256", signed, { key: publicKey, dsaEncoding: "ieee-p1363" }, Buffer.from(signature, "base64url"))).toBe(true);
  expect(JSON.parse(Buffer.from(claims, "base64url").toString())).toMatchObject({ aud: receiver.url, sub: "https://app.example" });
});

test("a destination is the user's own, its address is never shown, and a removed one gets nothing", async () => {
  const { acme, olga, receiver, ask } = await aStory();
  const id = await addTo(olga, chat(receiver));
  expect(await addTo(olga, { ...chat(receiver), name: "Renamed" })).toBe(id);
  const shown = await olga.run<{ notificationPreferences: { destinations: object[] } }>(list);
  expect(shown.notificationPreferences.destinations).toEqual([
    { id, channel: "CHAT", name: "Renamed", format: "SLACK", host: new URL(receiver.url).host, status: "ACTIVE", reason: null },
  ]);
  expect(JSON.stringify(await owner`select * from audit.notification_destinations where tenant_id = ${acme.id}`)).not.toContain("s3cr3t");
  expect(JSON.stringify(await owner`select before, after from audit.entries where tenant_id = ${acme.id}`)).not.toContain("s3cr3t");
  expect(await acme.admin.refusal(remove, { id })).toBe("NOT_FOUND");
  expect(await (await weft.tenant()).admin.refusal(remove, { id })).toBe("NOT_FOUND");
  await olga.run(update, { input: { snoozedUntil: new Date(Date.now() + 3_600_000).toISOString() } });
  await ask("Waiting");
  await olga.run(remove, { id });
  await olga.run(remove, { id });
  await olga.run(update, { input: { snoozedUntil: null } });
  await owner`update audit.notification_deliveries set due_at = now() where tenant_id = ${acme.id} and due_at is not null`;
  expect(await statusesOf(acme)).toMatchObject([{ status: "CANCELLED", reason: "The user has removed the destination." }]);
  await ask("After");
  expect(receiver.requests).toEqual([]);
});

test("users of a vendor have destinations, too", async () => {
  const acme = await weft.tenant("Acme");
  const { user } = await acme.vendor();
  const id = await addTo(user, chat(await aReceiver()));
  const shown = await user.run<{ notificationPreferences: { destinations: object[] } }>(list);
  expect(shown.notificationPreferences.destinations).toMatchObject([{ id, status: "ACTIVE" }]);
  expect(await user.run(remove, { id })).toEqual({ removeNotificationDestination: { id: id } });
});

test.each([
  ["neither of the two", { name: "N" }, "BAD_USER_INPUT", "Pass one of chat, webPush and sms."],
  ["no name", { name: " ", chat: { format: "SLACK", url: "http://127.0.0.1/x" } }, "BAD_USER_INPUT", "input.name"],
  [
    "a private address",
    { name: "N", chat: { format: "SLACK", url: "http://10.0.0.1/s3cr3t" } },
    "URL_FORBIDDEN",
    "The URL cannot be called",
  ],
  ["broken keys", { name: "N", webPush: { endpoint: "http://127.0.0.1/x", p256dh: "AA", auth: "AA" } }, "BAD_USER_INPUT", "p256dh"],
])("refuses %s", async (_what, input, code, message) => {
  const { olga } = await aStory();
  const refused = JSON.stringify(await olga.refused(add, { input }));
  expect(refused).toContain(code);
  expect(refused).toContain(message);
  expect(refused).not.toContain("s3cr3t");
});

test("a demo without an SMS gateway keeps its text messages with its emails, and their codes confirm numbers", async () => {
  const { olga, ask } = await aStory();
  await olga.run(update, { input: { preferences: [{ channel: "SMS", isEnabled: true }] } });
  const phoneNumber = "+41791234567";
  const id = await addTo(olga, { name: "My phone", sms: { phoneNumber } });
  await weft.weft.worker.idle();
  const [text, ...more] = await weft.mails(phoneNumber);
  expect(more).toEqual([]);
  const code = /^\d{6}/.exec(text?.text ?? "")?.[0];
  const confirm =
    "mutation ($input: ConfirmNotificationDestinationInput!) { confirmNotificationDestination(input: $input) { destination { status } } }";
  expect(await olga.run(confirm, { input: { id, code } })).toEqual({
    confirmNotificationDestination: { destination: { status: "ACTIVE" } },
  });
  await ask("First");
  expect((await weft.mails(phoneNumber)).at(-1)?.text).toContain("First");
  const page = await (await fetch(`${weft.url}/outbox`)).text();
  expect(page).toContain(`<td>${phoneNumber}<td>`);
});

test("attempts at chats are counted in the metrics, by their result", { tags: "slow" }, async () => {
  const { olga, receiver, ask } = await aStory();
  await addTo(olga, chat(receiver));
  const results = ["succeeded", "retried", "unknown"];
  const counts = () => Promise.all(results.map(attemptsWith));
  const before = await counts();
  await ask("First");
  receiver.answer = (_request, response) => void response.writeHead(503).end();
  await ask("Second");
  receiver.answer = (_request, response) => void response.destroy();
  await ask("Third");
  expect((await counts()).map((count, index) => count - (before[index] ?? 0))).toEqual([1, 1, 1]);
});

/** Number of attempts at notifications with this result, from the metrics of the process. */
async function attemptsWith(result: string): Promise<number> {
  const metrics = await (await fetch(`${weft.url}/metrics`)).text();
  const counted = new RegExp(`^weft_delivery_attempts_total\\{channel="NOTIFICATION",result="${result}"\\} (\\d+)`, "m").exec(metrics);
  return Number(counted?.[1]);
}
