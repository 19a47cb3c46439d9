import type { IdempotencyCases } from "./case.js";

/** Cases of request form links. */
export const requestFormLinkCases: IdempotencyCases = {
  createRequestFormLink: {
    who: ({ acme }) => acme.operations,
    selection: "link { id note url }",
    inputs: async ({ acme }) => {
      const input = { assetId: acme.assetId, typeKey: "maintenance" };
      return { input: { ...input, note: "Lobby" }, other: { ...input, note: "Cellar" } };
    },
  },
};
