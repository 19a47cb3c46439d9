import { z } from "zod";
import { changed } from "../event-catalog/payloads.js";
import type { Aggregate } from "./aggregate.js";

const ofVendorDocument = { related: ["vendor"], visibility: "subject" } as const;

export const vendorDocument = {
  types: { vendorDocument: { prefix: "vdo", typeName: "VendorDocument", table: "vendors.documents", role: "entity" } },
  permissions: {
    "vendorDocument.read": "View documents of vendors, and which documents vendors must have.",
    "vendorDocument.create": "Add documents of vendors.",
    "vendorDocument.update": "Change and remove documents of vendors.",
    "vendorDocument.review": "Accept and reject documents of vendors, and set which documents vendors must have.",
  },
  isChangedByOperators: true,
  events: {
    /** A document of a vendor was added. It waits for its review. */
    "vendorDocument.created": ofVendorDocument,
    "vendorDocument.updated": { ...ofVendorDocument, payload: changed },
    "vendorDocument.deleted": ofVendorDocument,
    "vendorDocument.accepted": ofVendorDocument,
    "vendorDocument.rejected": ofVendorDocument,
    /** Its last day is in `days` days. Once for each threshold and last day. */
    "vendorDocument.expiring": {
      ...ofVendorDocument,
      payload: z.strictObject({ kind: z.string(), title: z.string(), vendorName: z.string(), validUntil: z.iso.date(), days: z.int() }),
    },
    /** Its last day has passed. */
    "vendorDocument.expired": { ...ofVendorDocument, payload: z.strictObject({ kind: z.string(), validUntil: z.iso.date() }) },
    /** The tenant requires other documents of its vendors. */
    "vendorDocument.requirements_changed": {
      subject: "tenant",
      visibility: "subject",
      payload: z.strictObject({ version: z.int().positive() }),
    },
  },
} as const satisfies Aggregate;
