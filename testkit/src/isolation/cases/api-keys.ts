import { newApiKey, newServiceAccount, sampleApiKey } from "../../tenants/new-api-key.js";
import type { Cases } from "./case.js";
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
    },
    createApiKey: {
      input: async ({ admin }) => ({ ...sampleApiKey, userId: await newServiceAccount(admin, fresh("robot")) }),
      ids: { userId: "object" },
    },
    updateApiKey: { input: async ({ admin }) => ({ id: await newApiKey(admin), name: "Changed" }) },
    rotateApiKey: { input: async ({ admin }) => ({ id: await newApiKey(admin) }) },
    revokeApiKey: { input: async ({ admin }) => ({ id: await newApiKey(admin) }) },
  },
  filters: { "apiKeys.filter.userId": ["user"] },
};
