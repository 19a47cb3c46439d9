import type { IdempotencyCases } from "./case.js";

/** Cases of individual workflow instances. */
export const instanceCases: IdempotencyCases = {
  startWorkflow: {
    who: ({ acme }) => acme.manager,
    selection: "instance { id version }",
    inputs: async () => {
      const input = { definitionKey: "maintenance-request", data: { summary: "Leak", estimate: 1 } };
      return { input, other: { ...input, data: { summary: "Leak", estimate: 2 } } };
    },
  },
};
