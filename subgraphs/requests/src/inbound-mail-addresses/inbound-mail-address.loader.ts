import { type RowLoader, rowLoader } from "@weft/api/context";
import { findInboundMailAddresses } from "./inbound-mail-address.store.js";
import { type InboundMailAddress, toInboundMailAddress } from "./inbound-mail-address.type.js";

/** Loads inbound mail addresses by UUID, batched per request. */
export const inboundMailAddressLoader: RowLoader<InboundMailAddress> = rowLoader(
  "inboundMailAddress",
  findInboundMailAddresses,
  toInboundMailAddress,
);
