import { z } from "zod";
import type { Aggregate } from "./aggregate.js";

const about = z.strictObject({ key: z.string() });

export const integration = {
  types: { integration: { prefix: "itg", table: "events.integrations", role: "subject", changes: "CONFIGURATION" } },
  permissions: {
    "integration.read": "View integrations, their calls, and their triggers.",
    "integration.manage": "Create, change, check, and delete integrations and their triggers; make and retry calls.",
  },
  events: {
    "integration.created": { visibility: "internal", payload: about },
    "integration.updated": { visibility: "internal", payload: z.strictObject({ key: z.string(), changed: z.array(z.string()) }) },
    "integration.deleted": { visibility: "internal", payload: about },
  },
} as const satisfies Aggregate;
