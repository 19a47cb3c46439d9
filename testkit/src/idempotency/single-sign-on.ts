import { anIdentityProvider } from "../tenants/new-identity-provider.js";
import { fresh, type IdempotencyCases } from "./case.js";

/** Cases of identity providers and domains. */
export const singleSignOnCases: IdempotencyCases = {
  createIdentityProvider: {
    who: ({ acme }) => acme.admin,
    selection: "identityProvider { id name }",
    inputs: async () => {
      const input = await anIdentityProvider();
      return { input, other: { ...input, name: `Another ${input.name}` } };
    },
  },
  addDomain: {
    who: ({ acme }) => acme.admin,
    selection: "domain { id name }",
    inputs: async () => ({ input: { name: `${fresh("one-")}.example` }, other: { name: `${fresh("other-")}.example` } }),
  },
};
