import type { TestUser } from "../test-user.js";

/** An integration with a destination that tests allow, and at which nothing listens. Its calls wait. */
export const integrationInput = (key: string) => ({
  key,
  name: "Orders",
  connector: "HTTP",
  configuration: { baseUrl: "http://127.0.0.1:9" },
  credentials: { type: "NONE" },
});

/** Creates a paused integration. Returns its ID. */
export async function newIntegration(who: Pick<TestUser, "run">, key: string): Promise<string> {
  const { createIntegration } = await who.run<{ createIntegration: { integration: { id: string } } }>(
    "mutation ($input: CreateIntegrationInput!) { createIntegration(input: $input) { integration { id } } }",
    { input: integrationInput(key) },
  );
  const { id } = createIntegration.integration;
  await who.run("mutation ($input: UpdateIntegrationInput!) { updateIntegration(input: $input) { integration { id } } }", {
    input: { id, status: "PAUSED" },
  });
  return id;
}

/** A trigger of an integration that publishes events of the type `custom.fixture`. */
export const integrationTriggerInput = (integrationId: string) => ({
  integrationId,
  name: "Orders",
  trigger: "newItems",
  configuration: { path: "orders" },
  eventType: "custom.fixture",
});

/** Creates a trigger of an integration. The tenant must have declared the type of its events. Returns its ID. */
export async function newIntegrationTrigger(who: Pick<TestUser, "run">, integrationId: string): Promise<string> {
  const { createIntegrationTrigger } = await who.run<{ createIntegrationTrigger: { trigger: { id: string } } }>(
    "mutation ($input: CreateIntegrationTriggerInput!) { createIntegrationTrigger(input: $input) { trigger { id } } }",
    { input: integrationTriggerInput(integrationId) },
  );
  return createIntegrationTrigger.trigger.id;
}

/** Calls an action of an integration. Returns the ID of the call. */
export async function newIntegrationCall(who: Pick<TestUser, "run">, integrationId: string): Promise<string> {
  const { callIntegration } = await who.run<{ callIntegration: { call: { id: string } } }>(
    "mutation ($input: CallIntegrationInput!) { callIntegration(input: $input) { call { id } } }",
    { input: { integrationId, action: "request", input: { method: "GET" } } },
  );
  return callIntegration.call.id;
}
