import { changed } from "../event-catalog/payloads.js";
import type { Aggregate } from "./aggregate.js";

export const integrationTrigger = {
  types: { integrationTrigger: { prefix: "itr", table: "events.integration_triggers", role: "subject", changes: "CONFIGURATION" } },
  events: {
    "integrationTrigger.created": { visibility: "internal" },
    "integrationTrigger.updated": { visibility: "internal", payload: changed },
    "integrationTrigger.deleted": { visibility: "internal" },
  },
} as const satisfies Aggregate;
