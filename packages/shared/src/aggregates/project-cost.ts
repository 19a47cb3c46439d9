import type { Aggregate } from "./aggregate.js";

export const projectCost = {
  types: { projectCost: { prefix: "pco", typeName: "ProjectCost", table: "vendors.project_costs", role: "subject" } },
  /** Without the project: users of a vendor see events of their projects. */
  events: {
    /** A cost was recorded, also as the correction of another one. */
    "projectCost.created": { visibility: "internal" },
    "projectCost.voided": { visibility: "internal" },
  },
} as const satisfies Aggregate;
