import { agentInput, modelProviderInput, newAgent, newModelProvider } from "../../tenants/new-agent.js";
import { byType, type Cases } from "./case.js";
import { fresh } from "./fresh.js";

/** Cases of agents, their providers, and calls of their tools. */
export const agentCases: Cases = {
  mutations: {
    createModelProvider: { input: () => Promise.resolve(modelProviderInput(fresh("provider"))), ids: {} },
    updateModelProvider: {
      input: async ({ admin }) => ({ id: await newModelProvider(admin, fresh("provider")), name: "Changed" }),
      ids: { id: "object" },
    },
    deleteModelProvider: { input: async ({ admin }) => ({ id: await newModelProvider(admin, fresh("provider")) }), ids: { id: "object" } },
    createAgent: {
      input: async ({ admin }) => agentInput(fresh("agent"), await newModelProvider(admin, fresh("provider"))),
      ids: { providerId: "input" },
    },
    updateAgent: {
      input: async ({ admin }) => ({
        id: await newAgent(admin, fresh("agent")),
        providerId: await newModelProvider(admin, fresh("provider")),
        name: "Changed",
      }),
      ids: { id: "object", providerId: "input" },
    },
    deleteAgent: { input: async ({ admin }) => ({ id: await newAgent(admin, fresh("agent")) }), ids: { id: "object" } },
    decideAgentToolCall: {
      input: async ({ admin, awaitedToolCall }) => ({
        id: await awaitedToolCall(await newAgent(admin, fresh("agent"))),
        isApproved: false,
        reason: "Not now",
      }),
      ids: { id: "object" },
    },
  },
  lookups: {
    "modelProvider.id": byType("modelProvider"),
    "agent.id": byType("agent"),
    "agentToolCall.id": byType("agentToolCall"),
  },
  queryArguments: { agentStatistics: { from: "2026-01-01T00:00:00Z", to: "2026-12-31T00:00:00Z" } },
};
