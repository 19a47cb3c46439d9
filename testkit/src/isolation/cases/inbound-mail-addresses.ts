import { anInboundMailAddress, newInboundMailAddress } from "../../tenants/new-inbound-mail-address.js";
import { byType, type Cases } from "./case.js";

/** Cases of addresses at which an email becomes a request. */
export const inboundMailAddressCases: Cases = {
  mutations: {
    createInboundMailAddress: { input: () => Promise.resolve(anInboundMailAddress), ids: {} },
    updateInboundMailAddress: {
      input: async ({ admin }) => ({ id: (await newInboundMailAddress(admin)).id, name: "Changed" }),
      ids: { id: "object" },
    },
    deleteInboundMailAddress: { input: async ({ admin }) => ({ id: (await newInboundMailAddress(admin)).id }), ids: { id: "object" } },
  },
  lookups: { "inboundMailAddress.id": byType("inboundMailAddress") },
};
