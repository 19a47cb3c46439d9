import { changed, codeAndName } from "../event-catalog/payloads.js";
import type { Aggregate } from "./aggregate.js";

export const vendor = {
  types: { vendor: { prefix: "vnd", typeName: "Vendor", table: "vendors.vendors", role: "entity" } },
  permissions: {
    "vendor.read": "View vendors.",
    "vendor.create": "Create vendors.",
    "vendor.update": "Change vendors.",
    "vendor.deactivate": "Deactivate vendors.",
    "vendor.approve": "Suspend, block, and reinstate vendors.",
    "vendor.rate": "Rate the vendors that completed requests.",
  },
  isChangedByOperators: true,
  events: {
    "vendor.created": { related: ["instance"], visibility: "subject", payload: codeAndName },
    "vendor.updated": { visibility: "subject", payload: changed },
    "vendor.deactivated": { visibility: "subject" },
    "vendor.onboarding_started": { related: ["instance"], visibility: "subject" },
    "vendor.approved": { related: ["instance"], visibility: "subject" },
    "vendor.rejected": { related: ["instance"], visibility: "subject" },
    "vendor.suspended": { visibility: "subject" },
    "vendor.blocked": { visibility: "subject" },
    "vendor.reinstated": { visibility: "subject" },
  },
} as const satisfies Aggregate;
