import { newPausedWebhook, newWebhook, newWebhookDelivery, samplePeriod, sampleWebhook } from "../../tenants/new-webhook.js";
import type { Cases } from "./case.js";

/** Cases of webhooks and their deliveries. */
export const webhookCases: Cases = {
  mutations: {
    createWebhook: { input: () => Promise.resolve(sampleWebhook) },
    updateWebhook: { input: async ({ admin }) => ({ id: await newWebhook(admin), name: "Changed" }) },
    pauseWebhook: { input: async ({ admin }) => ({ id: await newWebhook(admin) }) },
    resumeWebhook: { input: async ({ admin }) => ({ id: await newPausedWebhook(admin) }) },
    rotateWebhookSecret: { input: async ({ admin }) => ({ id: await newWebhook(admin) }) },
    deleteWebhook: { input: async ({ admin }) => ({ id: await newWebhook(admin) }) },
    testWebhook: { input: async ({ admin }) => ({ id: await newPausedWebhook(admin) }) },
    redeliverWebhook: {
      input: async ({ admin }) => newWebhookDelivery(admin),
      ids: { webhookId: "object" },
    },
    replayEvents: {
      input: async ({ admin }) => ({ webhookId: await newWebhook(admin), ...samplePeriod }),
    },
    pauseDeliveries: { input: () => Promise.resolve({ channel: "CALL", reason: "Maintenance" }) },
    resumeDeliveries: { input: () => Promise.resolve({ channel: "CALL" }) },
    discardWaitingDeliveries: {
      input: async ({ admin }) => ({ webhookId: await newWebhook(admin), before: "2020-01-01T00:00:00Z", reason: "Outdated" }),
    },
  },
  filters: {
    "webhookDeliveries.filter.webhookId": ["webhook"],
    "webhookDeliveries.filter.eventId": ["event"],
  },
};
