import { loadExampleDefinition } from "@weft/standalone";
import type { IdempotencyCases } from "./case.js";

/** Cases of vendors and their projects. */
export const vendorCases: IdempotencyCases = {
  createVendorRegistrationLink: {
    who: ({ acme }) => acme.admin,
    selection: "link { id note url }",
    inputs: async ({ acme }) => {
      await acme.tenant.definition(await loadExampleDefinition("vendor-onboarding"));
      return { input: { note: "Website" }, other: { note: "Newsletter" } };
    },
  },
  addVendorContact: {
    who: ({ acme }) => acme.admin,
    selection: "contact { id name version }",
    inputs: async ({ acme }) => {
      const input = { vendorId: acme.vendor.id, name: "Sara" };
      return { input, other: { ...input, name: "Sam" } };
    },
  },
};
