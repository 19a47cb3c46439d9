import type { Aggregate } from "./aggregate.js";

export const incident = {
  types: { incident: { prefix: "inc", typeName: "Incident", table: "workflows.incidents", role: "entity" } },
  permissions: {
    "incident.read": "View incidents of workflow instances.",
    "incident.resolve": "Resolve incidents of workflow instances.",
  },
} as const satisfies Aggregate;
