import { newApiKey, sampleApiKey } from "../tenants/new-api-key.js";
import { fresh, type IdempotencyCases } from "./case.js";

/** Cases of service accounts and API keys. The key itself is shown only once, so the answers to a repetition differ in it. */
export const apiKeyCases: IdempotencyCases = {
  createServiceAccount: {
    who: ({ acme }) => acme.admin,
    selection: "user { id name }",
    inputs: async () => {
      const input = { name: "Robot", username: fresh("robot-") };
      return { input, other: { ...input, name: "Another" } };
    },
  },
  createApiKey: {
    who: ({ acme }) => acme.admin,
    selection: "apiKey { id name }",
    inputs: async () => ({ input: { ...sampleApiKey, name: fresh("Key ") }, other: { ...sampleApiKey, name: "Another" } }),
  },
  rotateApiKey: {
    who: ({ acme }) => acme.admin,
    selection: "apiKey { id version }",
    inputs: async ({ acme }) => {
      const id = await newApiKey(acme.admin);
      return { input: { id }, other: { id, overlapSeconds: 60 } };
    },
  },
};
