import { fresh, type IdempotencyCases } from "./case.js";

/** Cases of maintenance plans. */
export const maintenanceCases: IdempotencyCases = {
  createMaintenancePlan: {
    who: ({ acme }) => acme.admin,
    selection: "plan { id version }",
    inputs: ({ acme: { assetId } }) => {
      const template = { typeKey: "maintenance", data: { summary: "Service", estimate: 1 }, assetId };
      const input = { name: fresh("Service"), template, every: "PT8000H" };
      return Promise.resolve({ input, other: { ...input, name: "Another" } });
    },
  },
};
