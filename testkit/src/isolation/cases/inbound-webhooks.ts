import { anInboundWebhook, newInboundWebhook } from "../../tenants/new-inbound-webhook.js";
import { byType, type Cases } from "./case.js";

/** Cases of inbound webhooks and their messages. */
export const inboundWebhookCases: Cases = {
  mutations: {
    createInboundWebhook: { input: () => Promise.resolve(anInboundWebhook), ids: {} },
    updateInboundWebhook: {
      input: async ({ admin }) => ({ id: (await newInboundWebhook(admin)).id, name: "Changed" }),
      ids: { id: "object" },
    },
    rotateInboundWebhookSecret: { input: async ({ admin }) => ({ id: (await newInboundWebhook(admin)).id }), ids: { id: "object" } },
    deleteInboundWebhook: { input: async ({ admin }) => ({ id: (await newInboundWebhook(admin)).id }), ids: { id: "object" } },
    // It has not failed, so it can be passed again.
    retryInboundMessages: { input: ({ ids }) => Promise.resolve({ ids: [ids.get("inboundMessage")?.[0]] }), ids: { ids: "object" } },
  },
  lookups: { "inboundWebhook.id": byType("inboundWebhook") },
  filters: {
    "inboundMessages.filter.webhookId": ["inboundWebhook"],
    "inboundMessages.filter.eventId": ["event"],
  },
};
