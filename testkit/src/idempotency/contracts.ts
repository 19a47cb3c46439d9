import { fresh, type IdempotencyCases } from "./case.js";

export const contractCases: IdempotencyCases = {
  createContract: {
    who: ({ acme }) => acme.admin,
    selection: "contract { id number }",
    inputs: async ({ acme }) => {
      const vendor = await acme.tenant.vendor(fresh("Vendor "));
      const input = {
        vendorId: vendor.id,
        kind: "OTHER",
        title: "Cleaning",
        amount: { amount: 100, currency: "EUR" },
        startsOn: "2026-01-01",
      };
      return { input, other: { ...input, title: "Security" } };
    },
  },
};
