import type { Aggregate } from "./aggregate.js";

export const privacyRequest = {
  types: {
    privacyRequest: { prefix: "pvr", table: "identity.privacy_requests", role: "subject", changes: "CONFIGURATION" },
    legalHold: { prefix: "lgh", table: "identity.legal_holds", role: "subject", changes: "CONFIGURATION" },
  },
  permissions: {
    "privacy.read": "View privacy requests, legal holds, and the register of processing.",
    "privacy.manage": "Export, anonymize, and erase the data of people, decide on such requests of others, and place legal holds.",
  },
} as const satisfies Aggregate;
