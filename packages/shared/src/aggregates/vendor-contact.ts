import { changed } from "../event-catalog/payloads.js";
import type { Aggregate } from "./aggregate.js";

export const vendorContact = {
  types: { vendorContact: { prefix: "vct", table: "vendors.vendor_contacts", role: "subject" } },
  permissions: {
    "vendorContact.update": "Add, change, and remove contacts of vendors.",
  },
  isChangedByOperators: true,
  events: {
    "vendorContact.created": { related: ["vendor"], visibility: "internal" },
    "vendorContact.updated": { related: ["vendor"], visibility: "internal", payload: changed },
    "vendorContact.deleted": { related: ["vendor"], visibility: "internal" },
  },
} as const satisfies Aggregate;
