import { agentInput, modelProviderInput, newAgent, newModelProvider } from "../../tenants/new-agent.js";
import type { Cases } from "./case.js";
import { fresh } from "./fresh.js";

/** Cases of agents, their providers, and calls of their tools. */
export const agentCases: Cases = {
  mutations: {
    createModelProvider: { input: () => Promise.resolve(modelProviderInput(fresh("provider"))) },
    updateModelProvider: {
      input: async ({ admin }) => ({ id: await newModelProvider(admin, fresh("provider")), name: "Changed" }),
    },
    deleteModelProvider: { input: async ({ admin }) => ({ id: await newModelProvider(admin, fresh("provider")) }) },
    createAgent: {
      input: async ({ admin }) => agentInput(fresh("agent"), await newModelProvider(admin, fresh("provider"))),
    },
    updateAgent: {
      input: async ({ admin }) => ({
        id: await newAgent(admin, fresh("agent")),
        providerId: await newModelProvider(admin, fresh("provider")),
        name: "Changed",
      }),
    },
    deleteAgent: { input: async ({ admin }) => ({ id: await newAgent(admin, fresh("agent")) }) },
    decideAgentToolCall: {
      input: async ({ admin, awaitedToolCall }) => ({
        id: await awaitedToolCall(await newAgent(admin, fresh("agent"))),
        isApproved: false,
        reason: "Not now",
      }),
    },
  },
  queryArguments: { agentStatistics: { from: "2026-01-01T00:00:00Z", to: "2026-12-31T00:00:00Z" } },
};
