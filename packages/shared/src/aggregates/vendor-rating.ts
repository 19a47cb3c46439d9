import { z } from "zod";
import type { Aggregate } from "./aggregate.js";

/** Events of ratings. Without the request: users of the vendor see events of their requests, and would learn who rated them. */
const ofVendorRating = { related: ["vendor"], visibility: "internal", payload: z.strictObject({ stars: z.int().min(1).max(5) }) } as const;

export const vendorRating = {
  types: { vendorRating: { prefix: "vrt", table: "vendors.ratings", role: "subject" } },
  events: {
    "vendorRating.created": ofVendorRating,
    "vendorRating.updated": ofVendorRating,
  },
} as const satisfies Aggregate;
