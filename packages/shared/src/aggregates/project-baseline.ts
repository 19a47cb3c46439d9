import type { Aggregate } from "./aggregate.js";

export const projectBaseline = {
  types: { projectBaseline: { prefix: "pbl", typeName: "ProjectBaseline", table: "vendors.project_baselines", role: "subject" } },
  events: {
    /** A snapshot of the plan was taken. It is the current baseline. */
    "projectBaseline.created": { visibility: "subject" },
    /** An earlier baseline is the current one again. */
    "projectBaseline.selected": { visibility: "subject" },
  },
} as const satisfies Aggregate;
