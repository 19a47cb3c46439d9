import { sampleWebhook } from "../tenants/new-webhook.js";
import { fresh, type IdempotencyCases } from "./case.js";

const selection = "webhook { id version status name }";

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
};
