import { newWebhookSecret, webhookSignature } from "@weft/platform/webhooks";
import { startTestWeft } from "@weft/testkit";
import { afterAll, expect, test } from "vitest";
import { connectReceiver } from "./connect-receiver.js";
import { startDemoReceiver } from "./demo-receiver.js";

const receiver = await startDemoReceiver();
afterAll(() => receiver.close());

function send(secret: string, { seconds = Date.now() / 1_000, body = "{}" } = {}): Promise<number> {
  const message = { id: "evt_1", timestamp: Math.floor(seconds), body };
  const headers = {
    "webhook-id": message.id,
    "webhook-timestamp": String(message.timestamp),
    "webhook-signature": webhookSignature(message, [secret]),
  };
  return fetch(receiver.url, { method: "POST", headers, body }).then(({ status }) => status);
}

test("the receiver verifies the signature and its age, and keeps the newest requests", async () => {
  const secret = newWebhookSecret();
  expect(await send(secret)).toBe(401);
  receiver.verifyWith(secret);
  expect(await send(secret, { body: '{"type":"one"}' })).toBe(204);
  expect(await send(newWebhookSecret())).toBe(401);
  expect(await send(secret, { seconds: Date.now() / 1_000 - 301 })).toBe(401);
  expect((await fetch(receiver.url)).status).toBe(405);
  expect(receiver.received().map(({ isVerified }) => isVerified)).toEqual([false, false, true, false]);
  for (let at = 0; at < 50; at++) await send(secret, { body: '{"type":"later"}' });
  expect(receiver.received()).toHaveLength(50);
  expect(receiver.received().at(-1)?.body).toBe('{"type":"later"}');
});

test("a webhook sends the events of the organization to the receiver, also after another start", { tags: "slow" }, async () => {
  const weft = await startTestWeft({ settings: { WEFT_OUTBOUND_ALLOWED: receiver.host } });
  try {
    const { admin } = await weft.tenant();
    await connectReceiver(admin, receiver);
    await connectReceiver(admin, receiver);
    await weft.weft.worker.idle();
    expect(await admin.run("{ webhooks(first: 5) { edges { node { name url } } } }")).toEqual({
      webhooks: { edges: [{ node: { name: "Receiver of the demo", url: receiver.url } }] },
    });
    await admin.run('mutation { createBuilding(input: { code: "RCV", name: "Depot" }) { building { id } } }');
    await weft.weft.worker.idle();
    expect(receiver.received().find(({ body }) => body.includes("building.created"))).toMatchObject({ isVerified: true });
  } finally {
    await weft.stop();
  }
});
