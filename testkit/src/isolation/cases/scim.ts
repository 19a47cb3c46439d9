import type { Cases } from "./case.js";
import { fresh } from "./fresh.js";

/** Cases of SCIM. Its IDs are part of paths and bodies; scim.test.ts tries those of another tenant. */
export const scimCases: Cases = {
  mutations: {
    sendScimRequest: {
      input: async () => ({
        method: "POST",
        path: "Users",
        body: { schemas: ["urn:ietf:params:scim:schemas:core:2.0:User"], userName: `${fresh("ada")}@acme.example`, displayName: "Ada" },
      }),
    },
  },
  queryArguments: { scim: { path: "Users" } },
};
