import { secretInput, securityProfileInput } from "../tenants/new-secret.js";
import { fresh, type IdempotencyCases } from "./case.js";

/** Cases of secrets and security profiles. */
export const automationRuleCases: IdempotencyCases = {
  createSecret: {
    who: ({ acme }) => acme.admin,
    selection: "secret { id name description }",
    inputs: async () => {
      const input = secretInput(fresh("secret"));
      return Promise.resolve({ input, other: { ...input, value: "another-value" } });
    },
  },
  createSecurityProfile: {
    who: ({ acme }) => acme.admin,
    selection: "securityProfile { id key name }",
    inputs: async () => {
      const input = securityProfileInput(fresh("profile"));
      return Promise.resolve({ input, other: { ...input, name: "Another" } });
    },
  },
};
