import { integrationInput, newIntegration, newIntegrationCall } from "../../tenants/new-integration.js";
import { byType, type Cases } from "./case.js";
import { fresh } from "./fresh.js";

const newOne = async ({ admin }: Parameters<NonNullable<Cases["mutations"]>[string]["input"]>[0]): Promise<string> =>
  newIntegration(admin, fresh("integration"));

/** Cases of integrations and their calls. */
export const integrationCases: Cases = {
  mutations: {
    createIntegration: { input: () => Promise.resolve(integrationInput(fresh("integration"))), ids: {} },
    updateIntegration: { input: async (fixture) => ({ id: await newOne(fixture), name: "Changed" }), ids: { id: "object" } },
    deleteIntegration: { input: async (fixture) => ({ id: await newOne(fixture) }), ids: { id: "object" } },
    checkIntegration: { input: async (fixture) => ({ id: await newOne(fixture) }), ids: { id: "object" } },
    callIntegration: {
      input: async (fixture) => ({ integrationId: await newOne(fixture), action: "request", input: { method: "GET" } }),
      ids: { integrationId: "object" },
    },
    retryIntegrationCall: {
      input: async ({ failedCall, admin }) => ({
        id: await failedCall(await newIntegrationCall(admin, await newIntegration(admin, fresh("integration")))),
      }),
      ids: { id: "object" },
    },
  },
  lookups: { "integration.id": byType("integration"), "integrationCall.id": byType("integrationCall") },
  filters: {
    "integrationCalls.filter.integrationId": ["integration"],
    "integrationCalls.filter.instanceId": ["instance"],
  },
};
