import { agentInput, modelProviderInput, newModelProvider } from "../tenants/new-agent.js";
import { fresh, type IdempotencyCases } from "./case.js";

/** Cases of agents and their providers. */
export const agentCases: IdempotencyCases = {
  createModelProvider: {
    who: ({ acme }) => acme.admin,
    selection: "modelProvider { id key name }",
    inputs: () => {
      const input = modelProviderInput(fresh("provider"));
      return Promise.resolve({ input, other: { ...input, name: "Another" } });
    },
  },
  createAgent: {
    who: ({ acme }) => acme.admin,
    selection: "agent { id key name }",
    inputs: async ({ acme }) => {
      const input = agentInput(fresh("agent"), await newModelProvider(acme.admin, fresh("provider")));
      return { input, other: { ...input, name: "Another" } };
    },
  },
};
