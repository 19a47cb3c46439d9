import { newPausedWebhook, newWebhook, newWebhookDelivery, samplePeriod, sampleWebhook } from "../../tenants/new-webhook.js";
import { byType, type Cases } from "./case.js";

/** Cases of webhooks and their deliveries. */
export const webhookCases: Cases = {
  mutations: {
    createWebhook: { input: () => Promise.resolve(sampleWebhook), ids: {} },
    updateWebhook: { input: async ({ admin }) => ({ id: await newWebhook(admin), name: "Changed" }), ids: { id: "object" } },
    pauseWebhook: { input: async ({ admin }) => ({ id: await newWebhook(admin) }), ids: { id: "object" } },
    resumeWebhook: { input: async ({ admin }) => ({ id: await newPausedWebhook(admin) }), ids: { id: "object" } },
    rotateWebhookSecret: { input: async ({ admin }) => ({ id: await newWebhook(admin) }), ids: { id: "object" } },
    deleteWebhook: { input: async ({ admin }) => ({ id: await newWebhook(admin) }), ids: { id: "object" } },
    testWebhook: { input: async ({ admin }) => ({ id: await newPausedWebhook(admin) }), ids: { id: "object" } },
    redeliverWebhook: {
      input: async ({ admin }) => newWebhookDelivery(admin),
      ids: { webhookId: "object", deliveryId: "object" },
    },
    replayEvents: {
      input: async ({ admin }) => ({ webhookId: await newWebhook(admin), ...samplePeriod }),
      ids: { webhookId: "object" },
    },
    pauseDeliveries: { input: () => Promise.resolve({ channel: "CALL", reason: "Maintenance" }), ids: {} },
    resumeDeliveries: { input: () => Promise.resolve({ channel: "CALL" }), ids: {} },
    discardWaitingDeliveries: {
      input: async ({ admin }) => ({ webhookId: await newWebhook(admin), before: "2020-01-01T00:00:00Z", reason: "Outdated" }),
      ids: { webhookId: "object" },
    },
  },
  lookups: {
    "eventReplay.id": byType("eventReplay"),
    "webhook.id": byType("webhook"),
    "webhookDelivery.id": byType("webhookDelivery"),
  },
  filters: {
    "webhookDeliveries.filter.webhookId": ["webhook"],
    "webhookDeliveries.filter.eventId": ["event"],
  },
};
