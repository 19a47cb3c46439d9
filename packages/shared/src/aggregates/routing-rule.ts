import { z } from "zod";
import type { Aggregate } from "./aggregate.js";

const about = z.strictObject({ route: z.string() });

export const routingRule = {
  types: {
    routingRule: { prefix: "rtr", typeName: "RoutingRule", table: "workflows.routing_rules", role: "entity", changes: "CONFIGURATION" },
  },
  permissions: {
    "routing.read": "View assignment rules and skills.",
    "routing.update": "Change assignment rules and skills.",
  },
  events: {
    "routingRule.created": { visibility: "subject", payload: about },
    "routingRule.updated": { visibility: "subject", payload: about },
    "routingRule.deleted": { visibility: "subject", payload: about },
  },
} as const satisfies Aggregate;
