import type { Aggregate } from "./aggregate.js";

export const requestFormLink = {
  types: { requestFormLink: { prefix: "rfl", table: "requests.request_form_links", role: "subject", changes: "CONFIGURATION" } },
  events: {
    /** A link with which everybody can create requests about `related.asset`. */
    "requestFormLink.created": { related: ["asset", "requestType"], visibility: "internal" },
    /** The link has ended. */
    "requestFormLink.revoked": { related: ["asset", "requestType"], visibility: "internal" },
  },
} as const satisfies Aggregate;
