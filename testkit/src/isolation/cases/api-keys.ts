import { newApiKey, newServiceAccount, sampleApiKey } from "../../tenants/new-api-key.js";
import { byType, type Cases } from "./case.js";
import { fresh } from "./fresh.js";
import { vendorRole } from "./users.js";

/** Cases of service accounts and API keys. */
export const apiKeyCases: Cases = {
  mutations: {
    createServiceAccount: {
      input: async (fixture) => ({
        name: "Robot",
        username: fresh("robot"),
        roleIds: [await vendorRole(fixture)],
        teamIds: [fixture.teamId],
      }),
      ids: { roleIds: "input", teamIds: "input" },
    },
    createApiKey: {
      input: async ({ admin }) => ({ ...sampleApiKey, userId: await newServiceAccount(admin, fresh("robot")) }),
      ids: { userId: "object" },
    },
    updateApiKey: { input: async ({ admin }) => ({ id: await newApiKey(admin), name: "Changed" }), ids: { id: "object" } },
    rotateApiKey: { input: async ({ admin }) => ({ id: await newApiKey(admin) }), ids: { id: "object" } },
    revokeApiKey: { input: async ({ admin }) => ({ id: await newApiKey(admin) }), ids: { id: "object" } },
  },
  lookups: { "apiKey.id": byType("apiKey") },
  filters: { "apiKeys.filter.userId": ["user"] },
};
