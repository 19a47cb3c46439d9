import {
  integrationInput,
  integrationTriggerInput,
  newIntegration,
  newIntegrationCall,
  newIntegrationTrigger,
} from "../../tenants/new-integration.js";
import type { Cases } from "./case.js";
import { fresh } from "./fresh.js";

const newOne = async ({ admin }: Parameters<NonNullable<Cases["mutations"]>[string]["input"]>[0]): Promise<string> =>
  newIntegration(admin, fresh("integration"));

const newTrigger = async (fixture: Parameters<typeof newOne>[0]): Promise<string> =>
  newIntegrationTrigger(fixture.admin, await newOne(fixture));

/** Cases of integrations, their calls and their triggers. */
export const integrationCases: Cases = {
  mutations: {
    createIntegration: { input: () => Promise.resolve(integrationInput(fresh("integration"))) },
    updateIntegration: { input: async (fixture) => ({ id: await newOne(fixture), name: "Changed" }) },
    deleteIntegration: { input: async (fixture) => ({ id: await newOne(fixture) }) },
    checkIntegration: { input: async (fixture) => ({ id: await newOne(fixture) }) },
    callIntegration: {
      input: async (fixture) => ({ integrationId: await newOne(fixture), action: "request", input: { method: "GET" } }),
    },
    retryIntegrationCall: {
      input: async ({ failedCall, admin }) => ({
        id: await failedCall(await newIntegrationCall(admin, await newIntegration(admin, fresh("integration")))),
      }),
    },
    createIntegrationTrigger: {
      input: async (fixture) => integrationTriggerInput(await newOne(fixture)),
      ids: { integrationId: "object" },
    },
    updateIntegrationTrigger: { input: async (fixture) => ({ id: await newTrigger(fixture), name: "Changed" }) },
    pollIntegrationTrigger: { input: async (fixture) => ({ id: await newTrigger(fixture) }) },
    deleteIntegrationTrigger: { input: async (fixture) => ({ id: await newTrigger(fixture) }) },
  },
  filters: {
    "integrationCalls.filter.integrationId": ["integration"],
    "integrationCalls.filter.instanceId": ["instance"],
  },
};
