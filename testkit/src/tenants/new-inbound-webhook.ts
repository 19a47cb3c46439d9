import type { TestUser } from "../test-user.js";

const password = "a-password-of-tests";

/** A webhook that takes any object of the type of custom events `custom.fixture`, with basic authentication. */
export const anInboundWebhook = {
  name: "Shop",
  scheme: "BASIC",
  settings: { username: "shop" },
  secret: password,
  eventType: "custom.fixture",
};

/** Creates an inbound webhook, and returns its ID and path. The tenant must have declared the type of its events. */
export async function newInboundWebhook(user: TestUser, input: object = anInboundWebhook): Promise<{ id: string; path: string }> {
  const { createInboundWebhook } = await user.run<{ createInboundWebhook: { inboundWebhook: { id: string; url: string } } }>(
    "mutation ($input: CreateInboundWebhookInput!) { createInboundWebhook(input: $input) { inboundWebhook { id url } } }",
    { input },
  );
  const { id, url } = createInboundWebhook.inboundWebhook;
  return { id, path: new URL(url).pathname };
}

/** Sends a message to a webhook with basic authentication. Returns its ID. */
export async function sendInboundMessage(baseUrl: string, path: string, body: object): Promise<string> {
  const answer = await fetch(new URL(path, baseUrl), {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Basic ${Buffer.from(`shop:${password}`).toString("base64")}` },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`The message was refused with ${answer.status}: ${await answer.text()}`);
  return ((await answer.json()) as { id: string }).id;
}
