import { anInboundWebhook, newInboundWebhook } from "../../tenants/new-inbound-webhook.js";
import type { Cases } from "./case.js";

/** Cases of inbound webhooks and their messages. */
export const inboundWebhookCases: Cases = {
  mutations: {
    createInboundWebhook: { input: () => Promise.resolve(anInboundWebhook) },
    updateInboundWebhook: {
      input: async ({ admin }) => ({ id: (await newInboundWebhook(admin)).id, name: "Changed" }),
    },
    rotateInboundWebhookSecret: { input: async ({ admin }) => ({ id: (await newInboundWebhook(admin)).id }) },
    deleteInboundWebhook: { input: async ({ admin }) => ({ id: (await newInboundWebhook(admin)).id }) },
    // It has not failed, so it can be passed again.
    retryInboundMessages: { input: ({ ids }) => Promise.resolve({ ids: [ids.get("inboundMessage")?.[0]] }), ids: { ids: "object" } },
  },
  filters: {
    "inboundMessages.filter.webhookId": ["inboundWebhook"],
    "inboundMessages.filter.eventId": ["event"],
  },
};
