import { newSecret, newSecurityProfile, secretInput, securityProfileInput } from "../../tenants/new-secret.js";
import { byType, type Cases } from "./case.js";
import { fresh } from "./fresh.js";

/** Cases of what steps can use: secrets and security profiles. */
export const automationRuleCases: Cases = {
  mutations: {
    createSecret: { input: () => Promise.resolve(secretInput(fresh("secret"))), ids: {} },
    updateSecret: {
      input: async ({ admin }) => ({ id: await newSecret(admin, fresh("secret")), description: "Changed" }),
      ids: { id: "object" },
    },
    deleteSecret: { input: async ({ admin }) => ({ id: await newSecret(admin, fresh("secret")) }), ids: { id: "object" } },
    createSecurityProfile: { input: () => Promise.resolve(securityProfileInput(fresh("profile"))), ids: {} },
    updateSecurityProfile: {
      input: async ({ admin }) => ({ id: await newSecurityProfile(admin, fresh("profile")), name: "Changed" }),
      ids: { id: "object" },
    },
    deleteSecurityProfile: {
      input: async ({ admin }) => ({ id: await newSecurityProfile(admin, fresh("profile")) }),
      ids: { id: "object" },
    },
  },
  lookups: { "secret.id": byType("secret") },
};
