import { changed, codeAndName } from "../event-catalog/payloads.js";
import type { Aggregate } from "./aggregate.js";

export const project = {
  types: { project: { prefix: "prj", typeName: "Project", table: "vendors.projects", role: "entity" } },
  permissions: {
    "project.read": "View projects.",
    "project.create": "Create projects.",
    "project.update": "Change projects.",
    "project.delete": "Delete ended projects, and restore them.",
  },
  isChangedByOperators: true,
  events: {
    "project.created": { related: ["instance"], visibility: "subject", payload: codeAndName },
    "project.updated": { related: ["instance"], visibility: "subject", payload: changed },
    "project.deleted": { related: ["instance"], visibility: "subject" },
    "project.restored": { related: ["instance"], visibility: "subject" },
    /** The settings by which the project is scheduled. */
    "project.plan_updated": { related: ["instance"], visibility: "subject", payload: changed },
  },
} as const satisfies Aggregate;
