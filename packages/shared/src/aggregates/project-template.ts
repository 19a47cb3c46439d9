import type { Aggregate } from "./aggregate.js";

export const projectTemplate = {
  types: { projectTemplate: { prefix: "ptp", typeName: "ProjectTemplate", table: "vendors.project_templates", role: "subject" } },
  events: {
    "projectTemplate.created": { visibility: "internal" },
    "projectTemplate.deleted": { visibility: "internal" },
  },
} as const satisfies Aggregate;
