import { newEventType } from "../tenants/new-event-type.js";
import { integrationInput, integrationTriggerInput, newIntegration } from "../tenants/new-integration.js";
import { fresh, type IdempotencyCases } from "./case.js";

/** Cases of integrations. */
export const integrationCases: IdempotencyCases = {
  createIntegration: {
    who: ({ acme }) => acme.admin,
    selection: "integration { id key name }",
    inputs: async () => {
      const input = integrationInput(fresh("integration"));
      return Promise.resolve({ input, other: { ...input, name: "Another" } });
    },
  },
  callIntegration: {
    who: ({ acme }) => acme.admin,
    selection: "call { id action }",
    inputs: async ({ acme }) => {
      const integrationId = await newIntegration(acme.admin, fresh("integration"));
      const input = { integrationId, action: "request", input: { method: "GET" } };
      return { input, other: { ...input, input: { method: "HEAD" } } };
    },
  },
  createIntegrationTrigger: {
    who: ({ acme }) => acme.admin,
    selection: "trigger { id name }",
    inputs: async ({ acme }) => {
      const eventType = fresh("custom.polled");
      await newEventType(acme.admin, eventType);
      const input = { ...integrationTriggerInput(await newIntegration(acme.admin, fresh("integration"))), eventType };
      return { input, other: { ...input, name: "Another" } };
    },
  },
};
