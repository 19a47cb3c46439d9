import { newEventType } from "../tenants/new-event-type.js";
import { anInboundWebhook } from "../tenants/new-inbound-webhook.js";
import { fresh, type IdempotencyCases } from "./case.js";

/** Cases of inbound webhooks. */
export const inboundWebhookCases: IdempotencyCases = {
  createInboundWebhook: {
    who: ({ acme }) => acme.admin,
    selection: "inboundWebhook { id name }",
    inputs: async ({ acme }) => {
      const eventType = fresh("custom.received");
      await newEventType(acme.admin, eventType);
      const input = { ...anInboundWebhook, eventType };
      return { input, other: { ...input, name: "Another" } };
    },
  },
};
