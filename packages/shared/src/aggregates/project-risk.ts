import { changed } from "../event-catalog/payloads.js";
import type { Aggregate } from "./aggregate.js";

export const projectRisk = {
  types: { projectRisk: { prefix: "prk", typeName: "ProjectRisk", table: "vendors.project_risks", role: "subject" } },
  /** Without the project: users of a vendor see events of their projects. */
  events: {
    "projectRisk.created": { visibility: "internal" },
    "projectRisk.updated": { visibility: "internal", payload: changed },
    "projectRisk.closed": { visibility: "internal" },
  },
} as const satisfies Aggregate;
