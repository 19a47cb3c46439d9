import { z } from "zod";
import type { Aggregate } from "./aggregate.js";

/** Events of an offer to a vendor. Without the request, which the vendor does not see before it has accepted. */
const ofVendorOffer = {
  related: ["vendor"],
  visibility: "internal",
  payload: z.strictObject({ number: z.string(), title: z.string(), offeredBy: z.uuid() }),
} as const;

export const vendorOffer = {
  types: { vendorOffer: { prefix: "vof", table: "requests.vendor_offers", role: "subject" } },
  permissions: {
    "vendorOffer.answer": "Accept and decline offers of requests. Only for users of the vendor.",
  },
  events: {
    "vendorOffer.created": ofVendorOffer,
    "vendorOffer.accepted": ofVendorOffer,
    "vendorOffer.declined": ofVendorOffer,
    /** Nobody answered in time. */
    "vendorOffer.expired": ofVendorOffer,
    /** The request has ended or was assigned in another way. */
    "vendorOffer.withdrawn": ofVendorOffer,
  },
} as const satisfies Aggregate;
