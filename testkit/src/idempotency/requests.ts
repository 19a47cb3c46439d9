import { fresh, type IdempotencyCases } from "./case.js";

/** Cases of requests and of the places and assets that they concern. */
export const requestCases: IdempotencyCases = {
  updateCustomFields: {
    who: ({ acme }) => acme.admin,
    selection: "customFieldSchema { kind version }",
    inputs: async () => {
      const input = { kind: "PROJECT", schema: { properties: { [fresh("field").replace("-", "")]: { type: "string" } } } };
      return { input, other: { ...input, message: "Another" } };
    },
  },
};
