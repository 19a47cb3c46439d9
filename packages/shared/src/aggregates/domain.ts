import { z } from "zod";
import { changed } from "../event-catalog/payloads.js";
import type { Aggregate } from "./aggregate.js";

export const domain = {
  types: { domain: { prefix: "dom", typeName: "Domain", table: "identity.domains", role: "subject", changes: "CONFIGURATION" } },
  events: {
    "domain.created": { visibility: "subject", payload: z.strictObject({ name: z.string() }) },
    /** Also when a domain was verified, or is no longer. */
    "domain.updated": { visibility: "subject", payload: changed },
    "domain.deleted": { visibility: "subject", payload: z.strictObject({ name: z.string() }) },
  },
} as const satisfies Aggregate;
