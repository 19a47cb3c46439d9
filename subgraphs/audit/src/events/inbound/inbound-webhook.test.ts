import { createHmac } from "node:crypto";
import { request as httpRequest } from "node:http";
import { sign } from "@octokit/webhooks-methods";
import { encodeId } from "@weft/shared/ids";
import { asTenant } from "@weft/platform/db";
import { postgres } from "@weft/pg-driver";
import { startTestWeft, type TestTenant, type TestUser, type TestWeft } from "@weft/testkit";
import { Webhook } from "standardwebhooks";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { pastInboundMessages } from "./past-messages.js";

let weft: TestWeft;
beforeAll(async () => {
  weft = await startTestWeft({ settings: { LIMIT_ANONYMOUS_OPERATIONS_PER_MINUTE: 100_000, LIMIT_ANONYMOUS_BYTES_PER_MINUTE: 1e9 } });
});
afterAll(() => weft.stop());

const fields = `id name url scheme status eventType condition payload subject headers version previousSecretExpiresAt lastReceivedAt
  settings { header algorithm encoding prefix timestampHeader idHeader username } messageCounts { received published ignored failed } actsAs { id }`;
const create = `mutation ($input: CreateInboundWebhookInput!) { createInboundWebhook(input: $input) { secret inboundWebhook { ${fields} } } }`;
const update = `mutation ($input: UpdateInboundWebhookInput!) { updateInboundWebhook(input: $input) { inboundWebhook { ${fields} } } }`;
const rotate = `mutation ($input: RotateInboundWebhookSecretInput!) { rotateInboundWebhookSecret(input: $input) { secret inboundWebhook { ${fields} } } }`;
const remove = `mutation ($input: VersionedIdInput!) { deleteInboundWebhook(input: $input) { id } }`;
const retry = `mutation ($ids: [ID!]!) { retryInboundMessages(input: { ids: $ids }) { messages { id status } } }`;
const messages = `query ($filter: InboundMessageFilter) { inboundMessages(filter: $filter, orderBy: { field: RECEIVED_AT, direction: ASC }) {
  edges { node { id messageId status error eventId size attempts body headers webhook { id } } } } }`;
const events = `query { events(filter: { type: { eq: "custom.order.paid" } }) { edges { node { id type payload causeId correlationId subjectType subjectId actor { id } } } } }`;
const declare = `mutation ($input: DeclareEventTypeInput!) { declareEventType(input: $input) { eventType { id } } }`;

const orderPaid = {
  name: "custom.order.paid",
  description: "An order was paid.",
  payloadSchema: {
    type: "object",
    properties: { number: { type: "string" }, total: { type: "number", minimum: 0 } },
    required: ["number"],
    additionalProperties: false,
  },
};
const mapping = { eventType: "custom.order.paid", payload: { number: "body.number", total: "body.total" } };

interface Webhooked {
  readonly tenant: TestTenant;
  readonly admin: TestUser;
  readonly webhook: { id: string; url: string; version: number };
  readonly secret: string;
  send(body: string | Buffer, headers?: Record<string, string>): Promise<Response>;
  messages(): Promise<Shown[]>;
  published(): Promise<Event[]>;
}
interface Shown {
  id: string;
  messageId: string;
  status: string;
  error: string | null;
  eventId: string | null;
  size: number;
  attempts: number;
  body: string;
  headers: Record<string, string>;
  webhook: { id: string };
}
interface Event {
  id: string;
  type: string;
  payload: Record<string, unknown>;
  causeId: string;
  correlationId: string;
  subjectType: string;
  subjectId: string;
  actor: { id: string };
}

const post = (url: string, body: string | Buffer, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(`${weft.url}${new URL(url).pathname}`, { method: "POST", headers: { "content-type": "application/json", ...headers }, body });

async function aWebhook(input: object, given?: TestTenant): Promise<Webhooked> {
  const tenant = given ?? (await weft.tenant());
  const { admin } = tenant;
  if (!given) await admin.run(declare, { input: orderPaid });
  const { createInboundWebhook } = await admin.run<{
    createInboundWebhook: { secret: string; inboundWebhook: { id: string; url: string; version: number } };
  }>(create, { input: { name: "Shop", scheme: "STANDARD_WEBHOOKS", ...mapping, ...input } });
  const { inboundWebhook: webhook, secret } = createInboundWebhook;
  return {
    tenant,
    admin,
    webhook,
    secret,
    send: (body, headers) => post(webhook.url, body, headers),
    messages: async () => {
      await weft.weft.worker.idle();
      const listed = await admin.run<{ inboundMessages: { edges: { node: Shown }[] } }>(messages, {
        filter: { webhookId: { eq: webhook.id } },
      });
      return listed.inboundMessages.edges.map(({ node }) => node);
    },
    published: async () => {
      await weft.weft.worker.idle();
      return (await admin.run<{ events: { edges: { node: Event }[] } }>(events)).events.edges.map(({ node }) => node);
    },
  };
}

const body = JSON.stringify({ number: "o-1", total: 12.5, secretNote: "for Ada" });
const unix = (): number => Math.floor(Date.now() / 1_000);

/** Signs as the library of Standard Webhooks does. */
function standard(secret: string, { id = "msg_1", at = new Date(), text = body }: { id?: string; at?: Date; text?: string } = {}) {
  const signature = new Webhook(secret).sign(id, at, text);
  return { "webhook-id": id, "webhook-timestamp": String(Math.floor(at.getTime() / 1_000)), "webhook-signature": signature };
}

describe("a message", () => {
  test("becomes an event once, in the name of the user who saved the webhook", async () => {
    const hook = await aWebhook({});
    expect(hook.secret).toMatch(/^whsec_/);
    const first = await hook.send(body, standard(hook.secret));
    expect(first.status).toBe(202);
    const { id } = (await first.json()) as { id: string };
    expect(id).toMatch(/^inm_/);
    const again = await hook.send(body, standard(hook.secret));
    expect([again.status, await again.json()]).toEqual([200, { id }]);
    const [event, ...others] = await hook.published();
    expect(others).toEqual([]);
    expect(event).toMatchObject({
      type: "custom.order.paid",
      payload: { number: "o-1", total: 12.5 },
      actor: { id: hook.admin.id },
      correlationId: id,
      subjectType: "eventType",
    });
    expect(event?.causeId).toMatch(/^evt_/);
    const [message, ...more] = await hook.messages();
    expect(more).toEqual([]);
    expect(message).toMatchObject({ id, messageId: "msg_1", status: "PUBLISHED", error: null, eventId: event?.id, attempts: 1, body });
    const { inboundWebhook } = await hook.admin.run<{ inboundWebhook: object }>(
      `query ($id: ID!) { inboundWebhook(id: $id) { ${fields} } }`,
      {
        id: hook.webhook.id,
      },
    );
    expect(inboundWebhook).toMatchObject({
      messageCounts: { received: 0, published: 1, ignored: 0, failed: 0 },
      lastReceivedAt: expect.any(String) as string,
      actsAs: { id: hook.admin.id },
    });
  });

  test("that is sent many times at once becomes one event", async () => {
    const hook = await aWebhook({});
    const headers = standard(hook.secret);
    const answers = await Promise.all(Array.from({ length: 10 }, () => hook.send(body, headers)));
    expect(answers.filter(({ status }) => status === 202)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(9);
    const ids = await Promise.all(answers.map(async (answer) => ((await answer.json()) as { id: string }).id));
    expect(new Set(ids).size).toBe(1);
    expect(await hook.published()).toHaveLength(1);
  });

  test("whose condition does not hold is ignored, and one that does not fit fails with the reason until it is retried", async () => {
    const hook = await aWebhook({ condition: "body.total > 10" });
    for (const [id, text] of [
      ["small", { number: "o-2", total: 1 }],
      ["wrong", { total: 20 }],
    ] as const)
      expect((await hook.send(JSON.stringify(text), standard(hook.secret, { id, text: JSON.stringify(text) }))).status).toBe(202);
    const [ignored, failed] = await hook.messages();
    expect(ignored).toMatchObject({ status: "IGNORED", error: null, eventId: null });
    expect(failed).toMatchObject({ status: "FAILED", eventId: null });
    expect(failed?.error).toContain("payload.number");
    expect(await hook.published()).toEqual([]);
    await hook.admin.run(update, { input: { id: hook.webhook.id, payload: { number: "'fixed'" } } });
    const { retryInboundMessages } = await hook.admin.run<{ retryInboundMessages: { messages: object[] } }>(retry, {
      ids: [failed?.id, ignored?.id],
    });
    expect(retryInboundMessages.messages).toEqual([
      { id: failed?.id, status: "RECEIVED" },
      { id: ignored?.id, status: "IGNORED" },
    ]);
    const after = (await hook.messages()).find(({ id }) => id === failed?.id);
    expect(after).toMatchObject({ status: "PUBLISHED", attempts: 2, error: null });
    expect(await hook.published()).toMatchObject([{ payload: { number: "fixed" }, actor: { id: hook.admin.id } }]);
  });

  test("can be about an object that the user can see, and fails for every other ID", async () => {
    const hook = await aWebhook({ subject: "body.building" });
    const other = await weft.tenant();
    const building = async (user: TestUser): Promise<string> =>
      (
        await user.run<{ createBuilding: { building: { id: string } } }>(
          `mutation { createBuilding(input: { code: "B", name: "House" }) { building { id } } }`,
        )
      ).createBuilding.building.id;
    const [own, foreign] = [await building(hook.admin), await building(other.admin)];
    for (const [index, value] of [own, foreign, "nothing", null].entries()) {
      const text = JSON.stringify({ number: "o", building: value });
      await hook.send(text, standard(hook.secret, { id: `m${index}`, text }));
    }
    const all = await hook.messages();
    expect(all.map(({ status }) => status)).toEqual(["PUBLISHED", "FAILED", "FAILED", "FAILED"]);
    expect(all[1]?.error).toBe(`No building with the ID ${foreign} exists.`);
    expect(await hook.published()).toMatchObject([{ subjectType: "building", subjectId: own }]);
  });

  test("fails visibly if the user is no longer active, until another user saves the webhook", async () => {
    const tenant = await weft.tenant();
    await tenant.admin.run(declare, { input: orderPaid });
    const developer = await tenant.user("developer");
    const created = await developer.run<{ createInboundWebhook: { secret: string; inboundWebhook: { id: string; url: string } } }>(create, {
      input: { name: "Shop", scheme: "STANDARD_WEBHOOKS", ...mapping },
    });
    const { secret, inboundWebhook } = created.createInboundWebhook;
    await tenant.admin.run(`mutation ($id: ID!) { deactivateUser(input: { id: $id }) { user { id } } }`, { id: developer.id });
    expect((await post(inboundWebhook.url, body, standard(secret))).status).toBe(202);
    await weft.weft.worker.idle();
    const list = () => tenant.admin.run<{ inboundMessages: { edges: { node: Shown }[] } }>(messages);
    const [{ node: failed } = { node: undefined }] = (await list()).inboundMessages.edges;
    expect(failed).toMatchObject({ status: "FAILED", error: expect.stringContaining("not active") as string });
    await tenant.admin.run(update, { input: { id: inboundWebhook.id, name: "Shop of Ada" } });
    await tenant.admin.run(retry, { ids: [failed?.id] });
    await weft.weft.worker.idle();
    expect((await list()).inboundMessages.edges[0]?.node).toMatchObject({ status: "PUBLISHED" });
  });

  test("lets a trigger start a workflow", async () => {
    const hook = await aWebhook({});
    await hook.tenant.definition(`weft: 1
key: shipping
name: Shipping
data: { type: object, properties: { number: { type: string } } }
initial: open
states: { open: { transitions: { close: { to: closed } } }, closed: { final: completed } }
`);
    await hook.admin.run(`mutation ($input: CreateTriggerInput!) { createTrigger(input: $input) { trigger { id } } }`, {
      input: {
        name: "Ship",
        eventType: "custom.published",
        eventName: "custom.order.paid",
        action: "START",
        definitionKey: "shipping",
        data: { number: "payload.payload.number" },
      },
    });
    await hook.send(body, standard(hook.secret));
    await weft.weft.worker.idle();
    const { workflowInstances } = await hook.admin.run<{ workflowInstances: { edges: { node: { data: object } }[] } }>(
      `query { workflowInstances { edges { node { data } } } }`,
    );
    expect(workflowInstances.edges).toEqual([{ node: { data: { number: "o-1" } } }]);
  });
});

describe("schemes", () => {
  test("Standard Webhooks: the library's signatures are accepted; forged, edited and old ones are not", async () => {
    const hook = await aWebhook({});
    const good = standard(hook.secret);
    const bad: [string, string, Record<string, string>][] = [
      ["another secret", body, standard(`whsec_${Buffer.alloc(32, 1).toString("base64")}`)],
      ["an edited body", body.replace("12.5", "99.5"), good],
      ["another ID", body, { ...good, "webhook-id": "msg_2" }],
      ["another time", body, { ...good, "webhook-timestamp": String(Number(good["webhook-timestamp"]) - 1) }],
      ["an old request", body, standard(hook.secret, { at: new Date(Date.now() - 301_000) })],
      ["a request of the future", body, standard(hook.secret, { at: new Date(Date.now() + 600_000) })],
      ["no signature", body, {}],
      ["an empty signature", body, { ...good, "webhook-signature": "v1," }],
      ["a signature of another version", body, { ...good, "webhook-signature": good["webhook-signature"].replace("v1,", "v2,") }],
    ];
    for (const [what, text, headers] of bad) {
      const answer = await hook.send(text, headers);
      expect([what, answer.status]).toEqual([what, 401]);
      expect(JSON.stringify(await answer.json())).not.toMatch(/secret|timestamp|whsec/i);
    }
    expect((await hook.send(body, good)).status).toBe(202);
    expect(await hook.messages()).toHaveLength(1);
  });

  test("GitHub: the library's signatures are accepted, and a delivery that was seen is no new message under another ID", async () => {
    const secret = "a-secret-of-github";
    const hook = await aWebhook({
      scheme: "GITHUB",
      secret,
      condition: `headers["x-github-event"] == "push"`,
      headers: ["X-GitHub-Event"],
    });
    expect(hook.secret).toBeNull();
    const headers = { "x-hub-signature-256": await sign(secret, body), "x-github-delivery": "d-1", "x-github-event": "push" };
    expect((await hook.send(body, headers)).status).toBe(202);
    expect((await hook.send(body, { ...headers, "x-github-delivery": "d-2" })).status).toBe(200);
    const issue = JSON.stringify({ number: "i-1" });
    expect(
      (await hook.send(issue, { "x-hub-signature-256": await sign(secret, issue), "x-github-delivery": "d-3", "x-github-event": "issues" }))
        .status,
    ).toBe(202);
    expect((await hook.send(body, { ...headers, "x-hub-signature-256": await sign("another", body) })).status).toBe(401);
    expect(await hook.messages()).toMatchObject([
      { messageId: "d-1", status: "PUBLISHED", headers: { "x-github-event": "push" } },
      { messageId: "d-3", status: "IGNORED" },
    ]);
  });

  test("Stripe: signatures are accepted, and the event's ID identifies the message", async () => {
    const secret = "whsec_of_stripe_1234";
    const hook = await aWebhook({ scheme: "STRIPE", secret, payload: { number: "body.data.object.id" } });
    const payload = JSON.stringify({ id: "evt_1", type: "charge.succeeded", data: { object: { id: "ch_1" } } });
    const header = ({ key = secret, at = unix() } = {}): string =>
      `t=${at},v1=${createHmac("sha256", key).update(`${at}.${payload}`).digest("hex")},v0=${"0".repeat(64)}`;
    expect((await hook.send(payload, { "stripe-signature": header() })).status).toBe(202);
    expect((await hook.send(payload, { "stripe-signature": header({ at: unix() - 2 }) })).status).toBe(200);
    expect((await hook.send(payload, { "stripe-signature": header({ at: unix() - 400 }) })).status).toBe(401);
    expect((await hook.send(payload, { "stripe-signature": header({ key: "whsec_other" }) })).status).toBe(401);
    expect(await hook.messages()).toMatchObject([{ messageId: "evt_1", status: "PUBLISHED" }]);
  });

  test("Slack: its challenge is answered only if it is signed, and forms are accepted", async () => {
    const secret = "8f742231b10e8888abcd99yyyzzz85a5";
    const hook = await aWebhook({ scheme: "SLACK", secret, payload: { number: "body.command" } });
    const signed = (text: string, at = unix()) => ({
      "x-slack-request-timestamp": String(at),
      "x-slack-signature": `v0=${createHmac("sha256", secret).update(`v0:${at}:${text}`).digest("hex")}`,
    });
    const challenge = JSON.stringify({ type: "url_verification", challenge: "abc" });
    const answer = await hook.send(challenge, signed(challenge));
    expect([answer.status, await answer.json()]).toEqual([200, { challenge: "abc" }]);
    expect((await hook.send(challenge, { ...signed("other") })).status).toBe(401);
    const form = "command=%2Fship&text=now&text=later";
    const type = { "content-type": "application/x-www-form-urlencoded" };
    expect((await hook.send(form, { ...signed(form), ...type })).status).toBe(202);
    expect((await hook.send(form, { ...signed(form, unix() - 301), ...type })).status).toBe(401);
    expect(await hook.messages()).toMatchObject([{ status: "PUBLISHED", body: form }]);
    expect(await hook.published()).toMatchObject([{ payload: { number: "/ship" } }]);
  });

  test("HMAC: header, hash, encoding, prefix, time and ID are those of the settings", async () => {
    const settings = {
      header: "X-Shop-Signature",
      algorithm: "SHA512",
      encoding: "BASE64",
      prefix: "s=",
      timestampHeader: "x-time",
      idHeader: "x-id",
    };
    const hook = await aWebhook({ scheme: "HMAC", settings });
    const signed = (at = unix(), id = "1") => ({
      "x-shop-signature": `s=${createHmac("sha512", hook.secret).update(`${at}.${body}`).digest("base64")}`,
      "x-time": String(at),
      "x-id": id,
    });
    const at = unix();
    expect((await hook.send(body, signed(at))).status).toBe(202);
    expect((await hook.send(body, signed(at, "2"))).status).toBe(200);
    expect((await hook.send(body, signed(at - 1, "3"))).status).toBe(202);
    expect((await hook.send(body, { ...signed(), "x-time": String(at - 3) })).status).toBe(401);
    expect((await hook.send(body, { ...signed(at, "x y") })).status).toBe(401);
    expect((await hook.messages()).map(({ messageId }) => messageId)).toEqual(["1", "3"]);
  });

  test("basic authentication: user name and password", async () => {
    const hook = await aWebhook({ scheme: "BASIC", settings: { username: "shop" }, secret: "pass:word-1" });
    const basic = (text: string) => ({ authorization: `Basic ${Buffer.from(text).toString("base64")}` });
    expect((await hook.send(body, basic("shop:pass:word-1"))).status).toBe(202);
    for (const wrong of ["shop:pass", "shop:", ":pass:word-1", "Shop:pass:word-1"])
      expect((await hook.send(body, basic(wrong))).status).toBe(401);
    expect((await hook.send(body, { authorization: "Bearer x" })).status).toBe(401);
    expect(await hook.messages()).toHaveLength(1);
  });
});

describe("the endpoint", () => {
  test("looks the same if it is unknown, paused, of another tenant, or deleted", async () => {
    const [hook, other] = [await aWebhook({}), await aWebhook({})];
    const signed = () => standard(hook.secret);
    const answers: unknown[] = [];
    const ask = async (url: string): Promise<void> => {
      const answer = await post(url, body, signed());
      const { errors } = (await answer.json()) as { errors: { message: string; extensions: Record<string, unknown> }[] };
      answers.push([answer.status, errors.map(({ message, extensions: { requestId: _requestId, ...rest } }) => ({ message, rest }))]);
    };
    const path = (tenant: string, webhook: string): string => `${weft.url}/inbound/${tenant}/${webhook}`;
    const [own, foreign] = [encodeId("tenant", hook.tenant.id), encodeId("tenant", other.tenant.id)];
    await ask(path(own, encodeId("inboundWebhook", hook.tenant.id)));
    await ask(path(foreign, hook.webhook.id));
    await ask(path(own, other.webhook.id));
    await ask(path("nonsense", hook.webhook.id));
    await ask(path(own, own));
    await hook.admin.run(update, { input: { id: hook.webhook.id, status: "PAUSED" } });
    await ask(hook.webhook.url);
    await hook.admin.run(update, { input: { id: hook.webhook.id, status: "ACTIVE" } });
    expect((await hook.send(body, signed())).status).toBe(202);
    await hook.admin.run(`mutation { deactivateTenant(input: { reason: "A test" }) { tenant { id } } }`);
    await ask(hook.webhook.url);
    expect(new Set(answers.map((one) => JSON.stringify(one))).size).toBe(1);
    expect(answers[0]).toMatchObject([404, [{ message: "There is no such endpoint." }]]);
    await other.admin.run(remove, { input: { id: other.webhook.id } });
    expect((await other.send(body, standard(other.secret))).status).toBe(404);
  });

  test("accepts two secrets during a rotation, and only the new one after it", async () => {
    const hook = await aWebhook({});
    const turn = async (input: object) =>
      (await hook.admin.run<{ rotateInboundWebhookSecret: { secret: string } }>(rotate, { input: { id: hook.webhook.id, ...input } }))
        .rotateInboundWebhookSecret.secret;
    const second = await turn({ previousSecretHours: 1 });
    const status = async (secret: string, id: string) => (await hook.send(body, standard(secret, { id }))).status;
    expect([await status(hook.secret, "a"), await status(second, "b")]).toEqual([202, 202]);
    const third = await turn({ previousSecretHours: 0 });
    expect([await status(hook.secret, "c"), await status(second, "d"), await status(third, "e")]).toEqual([401, 401, 202]);
  });

  test("refuses duplicate headers, huge ones, other formats, broken bodies, and large ones", async () => {
    const hook = await aWebhook({});
    const signed = standard(hook.secret);
    const raw = (headers: string[], text = body): Promise<number> =>
      new Promise((resolve, reject) => {
        const { hostname, port } = new URL(weft.url);
        const sent = httpRequest({ hostname, port, path: new URL(hook.webhook.url).pathname, method: "POST", headers }, (answer) => {
          answer.resume();
          resolve(answer.statusCode ?? 0);
        });
        sent.on("error", reject);
        sent.end(text);
      });
    const base = ["Host", new URL(weft.url).host, "content-type", "application/json", "content-length", String(body.length)];
    const pairs = Object.entries(signed).flat();
    expect(await raw([...base, ...pairs, "webhook-id", "msg_9"])).toBe(401);
    expect(await raw([...base, ...pairs, "Webhook-Signature", "v1,AAAA"])).toBe(401);
    expect(
      await raw([...base, ...pairs.map((one) => (one === signed["webhook-signature"] ? `${one} ${"v1,AAAA ".repeat(700)}` : one))]),
    ).toBe(401);
    expect((await hook.send(body, { ...signed, "content-type": "text/plain" })).status).toBe(415);
    expect((await hook.send(body, { ...signed, "content-encoding": "gzip" })).status).toBe(415);
    const broken = '{"number":';
    expect((await hook.send(broken, standard(hook.secret, { text: broken }))).status).toBe(400);
    const invalid = Buffer.from([0x22, 0xff, 0x22]);
    const at = unix();
    const mac = createHmac("sha256", Buffer.from(hook.secret.slice("whsec_".length), "base64"))
      .update(`utf8.${at}.`)
      .update(invalid);
    const ofInvalid = { "webhook-id": "utf8", "webhook-timestamp": String(at), "webhook-signature": `v1,${mac.digest("base64")}` };
    expect((await hook.send(invalid, ofInvalid)).status).toBe(400);
    expect((await hook.send(Buffer.alloc(256 * 1024 + 1, 32), signed)).status).toBe(413);
    const deep = `${"[".repeat(100_000)}${"]".repeat(100_000)}`;
    expect((await hook.send(deep, standard(hook.secret, { id: "deep", text: deep }))).status).toBe(202);
    expect(await hook.messages()).toMatchObject([{ messageId: "deep", status: "FAILED" }]);
  });

  test("headers that an expression reads are text, and cannot become anything else in the event", async () => {
    const hook = await aWebhook({ payload: { number: `headers["x-note"]` }, headers: ["x-note"] });
    const note = `"},"injected":true,"x":{"\\u0000 <script>alert(1)</script>`;
    expect((await hook.send(body, { ...standard(hook.secret), "x-note": note })).status).toBe(202);
    expect(await hook.published()).toMatchObject([{ payload: { number: note } }]);
  });

  test(
    "a flood of forged requests does not use up the limit of genuine messages, and each has its own limit",
    { tags: "slow" },
    async () => {
      const small = await startTestWeft({ settings: { LIMIT_ANONYMOUS_OPERATIONS_PER_MINUTE: 40, LIMIT_INBOUND_MESSAGES_PER_MINUTE: 5 } });
      try {
        const endpoint = async () => {
          const { admin } = await small.tenant();
          await admin.run(declare, { input: orderPaid });
          const { createInboundWebhook } = await admin.run<{ createInboundWebhook: { secret: string; inboundWebhook: { url: string } } }>(
            create,
            {
              input: { name: "Shop", scheme: "STANDARD_WEBHOOKS", ...mapping },
            },
          );
          const { secret, inboundWebhook } = createInboundWebhook;
          const path = new URL(inboundWebhook.url).pathname;
          const send = (headers: Record<string, string>): Promise<Response> =>
            fetch(`${small.url}${path}`, { method: "POST", headers: { "content-type": "application/json", ...headers }, body });
          return { secret, send };
        };
        const [{ secret, send }, neighbor] = [await endpoint(), await endpoint()];
        expect((await neighbor.send(standard(neighbor.secret, { id: "first" }))).status).toBe(202);
        for (let at = 0; at < 8; at++) expect((await send({ ...standard(secret), "webhook-signature": "v1,AAAA" })).status).toBe(401);
        const genuine: Response[] = [];
        for (let at = 0; at < 6; at++) genuine.push(await send(standard(secret, { id: `m${at}` })));
        expect(genuine.map(({ status }) => status)).toEqual([202, 202, 202, 202, 202, 429]);
        expect(Number(genuine[5]?.headers.get("retry-after"))).toBeGreaterThan(0);
        const forged: number[] = [];
        for (let at = 0; at < 42; at++) forged.push((await send({ "webhook-signature": "v1,AAAA" })).status);
        expect(forged.at(-1)).toBe(429);
        // The addresses of senders such as GitHub are shared: the limit is that of this endpoint.
        expect((await neighbor.send(standard(neighbor.secret, { id: "second" }))).status).toBe(202);
        const unknown: number[] = [];
        // Requests of a wrong format or size count, too.
        const kinds = [
          { type: "application/json", body: "{}" },
          { type: "text/plain", body: "{}" },
          { type: "application/json", body: Buffer.alloc(256 * 1024 + 1, 32) },
        ];
        for (let at = 0; at < 42; at++) {
          const { type, body: sent } = kinds[at % kinds.length] ?? { type: "", body: "" };
          unknown.push(
            (await fetch(`${small.url}/inbound/x/${at}`, { method: "POST", headers: { "content-type": type }, body: sent })).status,
          );
        }
        expect([...unknown.slice(0, 3), unknown.at(-1)]).toEqual([404, 415, 413, 429]);
        expect((await neighbor.send(standard(neighbor.secret, { id: "third" }))).status).toBe(202);
      } finally {
        await small.stop();
      }
    },
  );

  test("counts messages exactly up to 1,000 of each status", async () => {
    const hook = await aWebhook({});
    await hook.send(body, standard(hook.secret));
    expect(await hook.messages()).toHaveLength(1);
    const owner = postgres(weft.database.ownerUrl, { max: 1, onnotice: () => undefined });
    await owner`insert into events.inbound_messages (tenant_id, id, webhook_id, message_id, content, size, status, event_id, received_at, handled_at)
      select tenant_id, gen_random_uuid(), webhook_id, 'copy:' || n, content, size, status, event_id, received_at, handled_at
        from events.inbound_messages cross join generate_series(1, 1000) n where tenant_id = ${hook.tenant.id}`;
    await owner.end();
    const counts = `query ($id: ID!) { inboundWebhook(id: $id) { messageCounts { received published ignored failed } } }`;
    expect(await hook.admin.run(counts, { id: hook.webhook.id })).toEqual({
      inboundWebhook: { messageCounts: { received: 0, published: 1000, ignored: 0, failed: 0 } },
    });
  });

  test("keeps messages for the days of the configuration, whatever became of them", async () => {
    const hook = await aWebhook({});
    await hook.send(body, standard(hook.secret));
    expect(await hook.messages()).toHaveLength(1);
    const { worker } = weft.weft.services.databases;
    const chore = pastInboundMessages(() => Promise.resolve(30));
    const { id } = hook.tenant;
    const clean = () => asTenant(worker, { tenantId: id }, "write", (tx) => chore.deleteSome(tx, 10, id));
    expect(await clean()).toBe(0);
    const owner = postgres(weft.database.ownerUrl, { max: 1, onnotice: () => undefined });
    await owner`update events.inbound_messages set received_at = received_at - interval '31 days' where tenant_id = ${id}`;
    await owner.end();
    expect(await clean()).toBe(1);
    expect(await hook.messages()).toEqual([]);
  });

  test("statements per message do not depend on the number of messages", async () => {
    const hook = await aWebhook({});
    await hook.send(body, standard(hook.secret, { id: "warm" }));
    await weft.weft.worker.idle();
    const sent = await weft.statements(() => hook.send(body, standard(hook.secret, { id: "counted" })));
    const own = sent.filter((text) =>
      /findReceivingWebhook|insertInboundMessage|appendEvents|findInboundMessageId|findTenantKeys/.test(text),
    );
    expect(own).toHaveLength(3);
  });
});

describe("managing", () => {
  const codeOf = async (run: Promise<unknown>): Promise<unknown> =>
    run.then(
      () => "no error",
      (error: unknown) => error,
    );

  test("refuses expressions, types, settings, headers and secrets that are not valid, each with its place", async () => {
    const { admin } = await aWebhook({});
    const base = { name: "Shop", scheme: "STANDARD_WEBHOOKS", ...mapping };
    const refused: [object, string][] = [
      [{ eventType: "custom.unknown" }, "input.eventType"],
      [{ payload: { number: "order.number" } }, "input.payload.number"],
      [{ payload: "body" }, "input.payload"],
      [{ condition: "body." }, "input.condition"],
      [{ headers: ["bad header"] }, "input.headers.0"],
      [{ headers: ["Authorization"] }, "input.headers.0"],
      [{ secret: "short" }, "input.secret"],
      [{ settings: { header: "x-signature" } }, "input.settings.header"],
      [{ scheme: "HMAC" }, "input.settings.header"],
      [{ scheme: "HMAC", settings: { header: "x\r\ny" } }, "input.settings.header"],
      [{ scheme: "BASIC", settings: { username: "a:b" } }, "input.settings.username"],
    ];
    for (const [input, path] of refused) {
      const { errors = [] } = await admin.send<never>(create, { input: { ...base, ...input } });
      expect([input, errors[0]?.extensions?.["code"], (errors[0]?.extensions?.["problems"] as { path: string }[])?.[0]?.path]).toEqual([
        input,
        "BAD_USER_INPUT",
        path,
      ]);
    }
  });

  test("shows the secret once, and never the one that the sender chose", async () => {
    const { admin } = await aWebhook({});
    const input = { name: "Once", scheme: "STANDARD_WEBHOOKS", ...mapping, idempotencyKey: "k1" };
    type Created = { createInboundWebhook: { secret: string | null; inboundWebhook: { id: string } } };
    const [first, second] = [await admin.run<Created>(create, { input }), await admin.run<Created>(create, { input })];
    expect(first.createInboundWebhook.secret).toMatch(/^whsec_/);
    expect(second.createInboundWebhook).toMatchObject({
      secret: null,
      inboundWebhook: { id: first.createInboundWebhook.inboundWebhook.id },
    });
    const { auditEntries } = await admin.run<{ auditEntries: { edges: { node: { after: Record<string, unknown> } }[] } }>(
      `query { auditEntries(filter: { action: { eq: "inboundWebhook.create" } }) { edges { node { after } } } }`,
    );
    expect(auditEntries.edges.map(({ node }) => node.after["secret"])).toEqual(["[secret]", "[secret]"]);
  });

  test("changes of the status keep the user, and other changes do not; operators of the platform can only read", async () => {
    const tenant = await weft.tenant();
    const { admin } = tenant;
    await admin.run(declare, { input: orderPaid });
    const developer = await tenant.user("developer");
    const input = { name: "Shop", scheme: "STANDARD_WEBHOOKS", ...mapping };
    const created = await developer.run<{ createInboundWebhook: { inboundWebhook: { id: string } } }>(create, { input });
    const { id } = created.createInboundWebhook.inboundWebhook;
    const operator = await (await weft.platform()).actAs(tenant);
    expect(await admin.run(update, { input: { id, status: "PAUSED" } })).toMatchObject({
      updateInboundWebhook: { inboundWebhook: { status: "PAUSED", actsAs: { id: developer.id } } },
    });
    expect(await operator.run(`query { inboundWebhooks { edges { node { id } } } }`)).toEqual({
      inboundWebhooks: { edges: [{ node: { id } }] },
    });
    const { errors = [] } = await operator.send<never>(update, { input: { id, name: "Mine" } });
    expect(errors[0]?.extensions?.["code"]).toBe("FORBIDDEN");
    expect(await admin.run(update, { input: { id, condition: "body.total > 1" } })).toMatchObject({
      updateInboundWebhook: { inboundWebhook: { actsAs: { id: admin.id } } },
    });
  });

  test("is for administrators and developers, within their tenant", async () => {
    const hook = await aWebhook({});
    await hook.send(body, standard(hook.secret));
    const [message] = await hook.messages();
    const other = await weft.tenant();
    const agent = await hook.tenant.user("operations");
    expect(await codeOf(agent.run(messages))).toMatchObject({ message: expect.stringContaining("inboundWebhook.read") as string });
    const one = `query ($id: ID!) { inboundWebhook(id: $id) { id } }`;
    for (const [operation, variables] of [
      [one, { id: hook.webhook.id }],
      [update, { input: { id: hook.webhook.id, name: "Mine" } }],
      [rotate, { input: { id: hook.webhook.id } }],
      [remove, { input: { id: hook.webhook.id } }],
      [retry, { ids: [message?.id] }],
    ] as const) {
      const { errors = [] } = await other.admin.send<never>(operation, variables);
      expect(errors[0]?.extensions?.["code"]).toBe("NOT_FOUND");
    }
    expect(await other.admin.run(messages)).toEqual({ inboundMessages: { edges: [] } });
  });
});
