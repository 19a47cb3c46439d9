import { changed } from "../event-catalog/payloads.js";
import type { Aggregate } from "./aggregate.js";

export const projectDecision = {
  types: { projectDecision: { prefix: "pdc", typeName: "ProjectDecision", table: "vendors.project_decisions", role: "subject" } },
  /** Without the project: users of a vendor see events of their projects. */
  events: {
    "projectDecision.created": { visibility: "internal" },
    "projectDecision.updated": { visibility: "internal", payload: changed },
    "projectDecision.closed": { visibility: "internal" },
  },
} as const satisfies Aggregate;
