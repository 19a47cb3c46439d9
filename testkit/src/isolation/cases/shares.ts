import { newShare, shareInput } from "../../tenants/new-share.js";
import { byType, type Cases } from "./case.js";
import { fresh } from "./fresh.js";

/** Cases of definitions that are shared with other tenants. */
export const shareCases: Cases = {
  mutations: {
    offerDefinitionShare: { input: () => Promise.resolve(shareInput("resting", fresh("nobody"))) },
    acceptDefinitionShare: {
      input: async ({ receivedShare }) => ({ id: await receivedShare("START", "OFFERED") }),
    },
    declineDefinitionShare: {
      input: async ({ receivedShare }) => ({ id: await receivedShare("START", "OFFERED") }),
    },
    revokeDefinitionShare: {
      input: async ({ admin }) => ({ id: await newShare(admin, "resting", fresh("nobody")) }),
    },
    updateDefinitionShare: {
      input: async ({ givenShare }) => ({ id: await givenShare(fresh("nobody")), maxOpenRuns: 5 }),
    },
    startSharedWorkflow: {
      input: async ({ receivedShare }) => ({ shareId: await receivedShare("START", "ACCEPTED") }),
    },
    copySharedDefinition: {
      input: async ({ receivedShare }) => ({ shareId: await receivedShare("COPY", "ACCEPTED"), key: fresh("copy") }),
    },
  },
  lookups: {
    "sharedStart.id": byType("definitionShareUse"),
  },
  filters: {
    "sharedStarts.filter.shareId": ["definitionShare"],
    "sharedStarts.filter.startedById": ["user"],
  },
};
