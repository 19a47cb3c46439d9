import type { Aggregate } from "./aggregate.js";

export const vendorRegistrationLink = {
  types: { vendorRegistrationLink: { prefix: "vrl", table: "vendors.registration_links", role: "subject", changes: "CONFIGURATION" } },
  events: {
    "vendorRegistrationLink.created": { related: ["vendor"], visibility: "internal" },
    /** A company was invited by email. */
    "vendorRegistrationLink.sent": { related: ["vendor"], visibility: "internal" },
    /** A company registered. The vendor is in onboarding. */
    "vendorRegistrationLink.used": { related: ["vendor"], visibility: "internal" },
    "vendorRegistrationLink.revoked": { related: ["vendor"], visibility: "internal" },
  },
} as const satisfies Aggregate;
