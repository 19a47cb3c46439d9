import type { IdempotencyCases } from "./case.js";

/** Cases of saved views. */
export const savedViewCases: IdempotencyCases = {
  saveView: {
    who: ({ acme }) => acme.operations,
    selection: "view { id name filter }",
    inputs: async () => {
      const input = { list: "ASSETS", name: "Pumps", filter: { type: { eq: "pump" } } };
      return { input, other: { ...input, filter: {} } };
    },
  },
};
