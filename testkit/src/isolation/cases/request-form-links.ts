import { newRequestFormLink } from "../../tenants/new-request-form-link.js";
import type { Cases } from "./case.js";

/** Cases of request form links, and of labels. */
export const requestFormLinkCases: Cases = {
  mutations: {
    createRequestFormLink: { input: async ({ assetId }) => ({ assetId, typeKey: "maintenance" }) },
    revokeRequestFormLink: {
      input: async ({ admin, assetId }) => ({ id: (await newRequestFormLink(admin, assetId)).id }),
    },
    submitRequestByLink: {
      input: async ({ admin, assetId }) => ({
        token: (await newRequestFormLink(admin, assetId)).token,
        data: { summary: "It grinds", estimate: 1 },
      }),
    },
  },
  lookups: {
    "assetLabels.ids": { own: ({ assetId }) => [assetId], refusal: "object" },
  },
  queryArguments: { requestFormByLink: { token: "wrl_" } },
  filters: { "requestFormLinks.filter.assetId": ["asset"] },
};
