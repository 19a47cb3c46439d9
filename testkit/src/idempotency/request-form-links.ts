import { newRequestFormLink } from "../tenants/new-request-form-link.js";
import type { IdempotencyCases } from "./case.js";

const data = { summary: "It grinds", estimate: 1 };

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
  submitRequestByLink: {
    who: ({ acme }) => acme.operations,
    selection: "receivedAt",
    inputs: async ({ acme }) => {
      const { token } = await newRequestFormLink(acme.operations, acme.assetId);
      return { input: { token, data }, other: { token, data: { ...data, summary: "It squeaks" } } };
    },
  },
};
