import { newSecret, newSecurityProfile, secretInput, securityProfileInput } from "../../tenants/new-secret.js";
import type { Cases } from "./case.js";
import { fresh } from "./fresh.js";

/** Cases of what steps can use: secrets and security profiles. */
export const automationRuleCases: Cases = {
  mutations: {
    createSecret: { input: () => Promise.resolve(secretInput(fresh("secret"))) },
    updateSecret: {
      input: async ({ admin }) => ({ id: await newSecret(admin, fresh("secret")), description: "Changed" }),
    },
    deleteSecret: { input: async ({ admin }) => ({ id: await newSecret(admin, fresh("secret")) }) },
    createSecurityProfile: { input: () => Promise.resolve(securityProfileInput(fresh("profile"))) },
    updateSecurityProfile: {
      input: async ({ admin }) => ({ id: await newSecurityProfile(admin, fresh("profile")), name: "Changed" }),
    },
    deleteSecurityProfile: {
      input: async ({ admin }) => ({ id: await newSecurityProfile(admin, fresh("profile")) }),
    },
  },
};
