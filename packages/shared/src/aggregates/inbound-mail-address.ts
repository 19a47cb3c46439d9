import { changed } from "../event-catalog/payloads.js";
import type { Aggregate } from "./aggregate.js";

export const inboundMailAddress = {
  types: { inboundMailAddress: { prefix: "ima", table: "requests.inbound_mail_addresses", role: "subject", changes: "CONFIGURATION" } },
  events: {
    "inboundMailAddress.created": { related: ["requestType"], visibility: "internal" },
    "inboundMailAddress.updated": { related: ["requestType"], visibility: "internal", payload: changed },
    "inboundMailAddress.deleted": { related: ["requestType"], visibility: "internal" },
  },
} as const satisfies Aggregate;
