import { anInboundMailAddress } from "../tenants/new-inbound-mail-address.js";
import type { IdempotencyCases } from "./case.js";

/** Cases of addresses at which an email becomes a request. */
export const inboundMailAddressCases: IdempotencyCases = {
  createInboundMailAddress: {
    who: ({ acme }) => acme.admin,
    selection: "inboundMailAddress { id name }",
    inputs: () => Promise.resolve({ input: anInboundMailAddress, other: { ...anInboundMailAddress, name: "Another" } }),
  },
};
