import { newShare, shareInput } from "../../tenants/new-share.js";
import { byType, type Cases } from "./case.js";
import { fresh } from "./fresh.js";

/** Cases of definitions that are shared with other tenants. */
export const shareCases: Cases = {
  mutations: {
    offerDefinitionShare: { input: () => Promise.resolve(shareInput("resting", fresh("nobody"))), ids: {} },
    acceptDefinitionShare: {
      input: async ({ receivedShare }) => ({ id: await receivedShare("START", "OFFERED") }),
      ids: { id: "object" },
    },
    declineDefinitionShare: {
      input: async ({ receivedShare }) => ({ id: await receivedShare("START", "OFFERED") }),
      ids: { id: "object" },
    },
    revokeDefinitionShare: {
      input: async ({ admin }) => ({ id: await newShare(admin, "resting", fresh("nobody")) }),
      ids: { id: "object" },
    },
    updateDefinitionShare: {
      input: async ({ givenShare }) => ({ id: await givenShare(fresh("nobody")), maxOpenRuns: 5 }),
      ids: { id: "object" },
    },
    startSharedWorkflow: {
      input: async ({ receivedShare }) => ({ shareId: await receivedShare("START", "ACCEPTED") }),
      ids: { shareId: "object" },
    },
    copySharedDefinition: {
      input: async ({ receivedShare }) => ({ shareId: await receivedShare("COPY", "ACCEPTED"), key: fresh("copy") }),
      ids: { shareId: "object" },
    },
  },
  lookups: {
    "definitionShare.id": byType("definitionShare"),
    "sharedStart.id": byType("definitionShareUse"),
  },
  filters: {
    "sharedStarts.filter.shareId": ["definitionShare"],
    "sharedStarts.filter.startedById": ["user"],
  },
};
