import { anInboundMailAddress, newInboundMailAddress } from "../../tenants/new-inbound-mail-address.js";
import type { Cases } from "./case.js";

/** Cases of addresses at which an email becomes a request. */
export const inboundMailAddressCases: Cases = {
  mutations: {
    createInboundMailAddress: { input: () => Promise.resolve(anInboundMailAddress) },
    updateInboundMailAddress: {
      input: async ({ admin }) => ({ id: (await newInboundMailAddress(admin)).id, name: "Changed" }),
    },
    deleteInboundMailAddress: { input: async ({ admin }) => ({ id: (await newInboundMailAddress(admin)).id }) },
  },
};
