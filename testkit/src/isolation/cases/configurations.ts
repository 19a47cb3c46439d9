import { byType, type Cases, type LookupCase } from "./case.js";
import { fresh } from "./fresh.js";
import { newTenant } from "./tenants.js";

const configurationOfTeam: LookupCase = { own: ({ teamId }) => teamId, refusal: "object" };

/** Cases of the configuration of the platform, plans, contracts, tenants and teams. */
export const configurationCases: Cases = {
  mutations: {
    updateConfiguration: {
      input: async ({ teamId }) => ({ teamId, patch: { branding: { name: fresh("Name") } }, message: "A test" }),
      ids: { teamId: "object" },
    },
    updatePlatformConfiguration: {
      byOperator: true,
      input: async () => ({ patch: { branding: { supportEmail: `${fresh("help")}@weft.example` } }, message: "A test" }),
      ids: {},
    },
    updatePlanConfiguration: {
      byOperator: true,
      input: async () => ({ plan: "PRO", patch: { branding: { name: fresh("Name") } }, message: "A test" }),
      ids: {},
    },
    updateContractConfiguration: {
      byOperator: true,
      input: async (fixture) => ({ tenantId: await newTenant(fixture), patch: { branding: { name: fresh("Name") } }, message: "A test" }),
      ids: { tenantId: "object" },
    },
    rollbackConfiguration: { input: async ({ teamId }) => ({ teamId, toVersion: 0, message: "A test" }), ids: { teamId: "object" } },
  },
  lookups: {
    "configuration.teamId": configurationOfTeam,
    "configurationVersions.teamId": configurationOfTeam,
    "workCalendars.teamId": configurationOfTeam,
    "configurationDiff.teamId": configurationOfTeam,
    "effectiveConfiguration.teamId": configurationOfTeam,
    "contractConfiguration.tenantId": byType("tenant"),
  },
  queryArguments: {
    configurationDiff: { from: 0, to: 0 },
  },
};
