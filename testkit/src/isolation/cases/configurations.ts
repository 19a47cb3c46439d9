import type { Cases, LookupCase } from "./case.js";
import { fresh } from "./fresh.js";
import { newTenant } from "./tenants.js";

const configurationOfTeam: LookupCase = { own: ({ teamId }) => teamId, refusal: "object" };

/** Cases of the configuration of the platform, plans, contracts, tenants and teams. */
export const configurationCases: Cases = {
  mutations: {
    updateConfiguration: {
      input: async ({ teamId }) => ({ teamId, patch: { branding: { name: fresh("Name") } }, message: "A test" }),
    },
    updatePlatformConfiguration: {
      byOperator: true,
      input: async () => ({ patch: { branding: { supportEmail: `${fresh("help")}@weft.example` } }, message: "A test" }),
    },
    updatePlanConfiguration: {
      byOperator: true,
      input: async () => ({ plan: "PRO", patch: { branding: { name: fresh("Name") } }, message: "A test" }),
    },
    updateContractConfiguration: {
      byOperator: true,
      input: async (fixture) => ({ tenantId: await newTenant(fixture), patch: { branding: { name: fresh("Name") } }, message: "A test" }),
    },
    rollbackConfiguration: { input: async ({ teamId }) => ({ teamId, toVersion: 0, message: "A test" }) },
  },
  lookups: {
    "configuration.teamId": configurationOfTeam,
    "configurationVersions.teamId": configurationOfTeam,
    "workCalendars.teamId": configurationOfTeam,
    "configurationDiff.teamId": configurationOfTeam,
    "effectiveConfiguration.teamId": configurationOfTeam,
  },
  queryArguments: {
    configurationDiff: { from: 0, to: 0 },
  },
};
