import { newPausedWebhook, newWebhook, samplePeriod, sampleWebhook } from "../tenants/new-webhook.js";
import { fresh, type IdempotencyCase, type IdempotencyCases, type Stage } from "./case.js";

const selection = "webhook { id version status name }";

/** The other input has no expected version, and the same key must not apply to it. */
const step = (prepare: (stage: Stage) => Promise<string>, expectedVersion: number, more: object = {}): IdempotencyCase => ({
  who: ({ acme }) => acme.admin,
  selection,
  inputs: async (stage) => {
    const other = { id: await prepare(stage), ...more };
    return { input: { ...other, expectedVersion }, other };
  },
});

const active = ({ acme }: Stage) => newWebhook(acme.admin);
const paused = ({ acme }: Stage) => newPausedWebhook(acme.admin);

/** Cases of webhooks. */
export const webhookCases: IdempotencyCases = {
  createWebhook: {
    who: ({ acme }) => acme.admin,
    selection: `${selection} secret`,
    inputs: () => {
      const input = { ...sampleWebhook, name: fresh("Webhook ") };
      return Promise.resolve({ input, other: { ...input, name: "Another" } });
    },
  },
  updateWebhook: step(active, 1, { name: "Changed" }),
  pauseWebhook: step(active, 1),
  resumeWebhook: step(paused, 2),
  rotateWebhookSecret: { ...step(active, 1), selection: `${selection} secret` },
  deleteWebhook: { ...step(active, 1), selection: "id" },
  testWebhook: {
    who: ({ acme }) => acme.admin,
    selection: "delivery { id createdAt }",
    inputs: async (stage) => ({ input: { id: await paused(stage) }, other: { id: await paused(stage) } }),
  },
  replayEvents: {
    who: ({ acme }) => acme.admin,
    selection: "replay { id from to createdAt }",
    inputs: async (stage) => {
      const input = { webhookId: await active(stage), ...samplePeriod };
      return { input, other: { ...input, webhookId: await active(stage) } };
    },
  },
  discardWaitingDeliveries: {
    who: ({ acme }) => acme.admin,
    selection: "count hasMore",
    inputs: async (stage) => {
      const input = { before: "2020-01-01T00:00:00Z", reason: "Outdated" };
      return { input: { ...input, webhookId: await active(stage) }, other: { ...input, webhookId: await active(stage) } };
    },
  },
  redeliverWebhook: {
    who: ({ acme }) => acme.admin,
    selection: "count hasMore",
    inputs: async (stage) => ({
      input: { webhookId: await active(stage), onlyFailed: true },
      other: { webhookId: await active(stage), onlyFailed: true },
    }),
  },
};
