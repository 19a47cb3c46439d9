import { newErasure, newHold, newPerson, otherAdministrator } from "../../tenants/new-privacy-request.js";
import type { TestUser } from "../../test-user.js";
import { byType, type Cases } from "./case.js";

const onNewPerson = {
  input: async ({ admin, vendorId }: { readonly admin: TestUser; readonly vendorId: string }) => ({
    personId: await newPerson(admin, vendorId),
    reason: "Letter of 3 March",
  }),
  ids: { personId: "object" },
  types: { personId: ["user", "vendorContact"] },
} as const;

/** Cases of privacy requests and legal holds. */
export const privacyCases: Cases = {
  mutations: {
    exportPerson: onNewPerson,
    anonymisePerson: onNewPerson,
    erasePerson: onNewPerson,
    approvePrivacyRequest: {
      // Somebody else has to request it.
      input: async ({ admin, tenant, vendorId }) => ({
        id: await newErasure(await otherAdministrator(tenant), await newPerson(admin, vendorId)),
      }),
    },
    declinePrivacyRequest: {
      input: async ({ admin, tenant, vendorId }) => ({
        id: await newErasure(await otherAdministrator(tenant), await newPerson(admin, vendorId)),
        reason: "Needed",
      }),
    },
    withdrawPrivacyRequest: {
      input: async ({ admin, vendorId }) => ({ id: await newErasure(admin, await newPerson(admin, vendorId)) }),
    },
    createLegalHold: {
      input: async ({ admin, vendorId }) => ({ objectId: await newPerson(admin, vendorId), reason: "Case 7" }),
      ids: { objectId: "object" },
      types: { objectId: ["user", "vendorContact", "request", "tenant"] },
    },
    endLegalHold: {
      input: async ({ admin, vendorId }) => ({ id: await newHold(admin, await newPerson(admin, vendorId)), reason: "Settled" }),
    },
  },
  lookups: { "erasurePreview.personId": { ...byType("user"), types: ["vendorContact"] } },
  queryArguments: { erasurePreview: { isAnonymization: false } },
};
