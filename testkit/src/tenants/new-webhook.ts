import type { TestUser } from "../test-user.js";

/** Terms of a webhook. Its host never has an address, so nothing is ever sent. */
export const sampleWebhook = { name: "Webhook", url: "https://hooks.example.invalid/weft", eventTypes: ["building.deleted"] };

/** A period without events. */
export const samplePeriod = { from: "2020-01-01T00:00:00Z", to: "2020-01-02T00:00:00Z" };

/** Creates a webhook. Returns its ID. */
export async function newWebhook(user: TestUser, input: object = sampleWebhook): Promise<string> {
  const { createWebhook } = await user.run<{ createWebhook: { webhook: { id: string } } }>(
    "mutation ($input: CreateWebhookInput!) { createWebhook(input: $input) { webhook { id } } }",
    { input },
  );
  return createWebhook.webhook.id;
}

/** Creates a webhook that is paused. Returns its ID. */
export async function newPausedWebhook(user: TestUser): Promise<string> {
  const id = await newWebhook(user);
  await user.run("mutation ($id: ID!) { pauseWebhook(input: { id: $id }) { webhook { id } } }", { id });
  return id;
}

/** Creates a paused webhook with a delivery that waits. */
export async function newWebhookDelivery(user: TestUser): Promise<{ webhookId: string; deliveryId: string }> {
  const webhookId = await newPausedWebhook(user);
  const { testWebhook } = await user.run<{ testWebhook: { delivery: { id: string } } }>(
    "mutation ($id: ID!) { testWebhook(input: { id: $id }) { delivery { id } } }",
    { id: webhookId },
  );
  return { webhookId, deliveryId: testWebhook.delivery.id };
}

/** Replays a period without events to a webhook. Returns the ID of the replay. */
export async function newEventReplay(user: TestUser, webhookId: string): Promise<string> {
  const { replayEvents } = await user.run<{ replayEvents: { replay: { id: string } } }>(
    "mutation ($input: ReplayEventsInput!) { replayEvents(input: $input) { replay { id } } }",
    { input: { webhookId, ...samplePeriod } },
  );
  return replayEvents.replay.id;
}
