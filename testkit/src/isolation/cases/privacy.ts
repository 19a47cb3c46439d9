import { newErasure, newHold, newPerson, otherAdministrator } from "../../tenants/new-privacy-request.js";
import type { TestUser } from "../../test-user.js";
import { createExample } from "../example-input.js";
import { byType, type Cases } from "./case.js";

/** A contact of a new vendor: a vendor can have only so many. */
const newContact = async (admin: TestUser): Promise<string> => newPerson(admin, await createExample("vendor", admin));

const onNewPerson = {
  input: async ({ admin }: { readonly admin: TestUser }) => ({
    personId: await newContact(admin),
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
      input: async ({ admin, tenant }) => ({
        id: await newErasure(await otherAdministrator(tenant), await newContact(admin)),
      }),
    },
    declinePrivacyRequest: {
      input: async ({ admin, tenant }) => ({
        id: await newErasure(await otherAdministrator(tenant), await newContact(admin)),
        reason: "Needed",
      }),
    },
    withdrawPrivacyRequest: {
      input: async ({ admin }) => ({ id: await newErasure(admin, await newContact(admin)) }),
    },
    createLegalHold: {
      input: async ({ admin }) => ({ objectId: await newContact(admin), reason: "Case 7" }),
      ids: { objectId: "object" },
      types: { objectId: ["user", "vendorContact", "request", "tenant"] },
    },
    endLegalHold: {
      input: async ({ admin }) => ({ id: await newHold(admin, await newContact(admin)), reason: "Settled" }),
    },
  },
  lookups: { "erasurePreview.personId": { ...byType("user"), types: ["vendorContact"] } },
  queryArguments: { erasurePreview: { isAnonymization: false } },
};
