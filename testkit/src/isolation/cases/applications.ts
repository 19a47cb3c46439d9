import { aManifest, applicationInput, newApplication, newOperations } from "../../tenants/new-application.js";
import { byType, type Cases } from "./case.js";

/** Cases of applications and their stored operations. */
export const applicationCases: Cases = {
  mutations: {
    createApplication: { input: () => Promise.resolve(applicationInput()) },
    updateApplication: { input: async ({ admin }) => ({ id: await newApplication(admin), name: "Changed" }) },
    deleteApplication: { input: async ({ admin }) => ({ id: await newApplication(admin) }) },
    pushOperations: {
      input: async ({ admin }) => ({ applicationId: await newApplication(admin), manifest: aManifest() }),
      ids: { applicationId: "object" },
    },
    retireOperations: { input: async ({ admin }) => ({ id: await newOperations(admin, await newApplication(admin)) }) },
  },
  lookups: { "storedDocuments.manifestId": byType("operationManifest") },
};
