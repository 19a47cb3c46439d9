import { z } from "zod";
import { changed } from "../event-catalog/payloads.js";
import type { Aggregate } from "./aggregate.js";

export const projectTask = {
  types: {
    projectTask: { prefix: "ptk", typeName: "ProjectTask", table: "vendors.project_tasks", role: "entity" },
    projectTaskReport: { prefix: "ptr", typeName: "ProjectTaskReport", table: "vendors.project_task_reports", role: "record" },
  },
  permissions: {
    "projectTask.read": "View project tasks.",
    "projectTask.update": "Create, change, move, delete, and restore project tasks; change dependencies and plans.",
    "projectTask.report": "Report progress of project tasks.",
  },
  isChangedByOperators: true,
  events: {
    "projectTask.created": { related: ["project"], visibility: "subject" },
    "projectTask.updated": { related: ["project"], visibility: "subject", payload: changed },
    "projectTask.deleted": { related: ["project"], visibility: "subject" },
    "projectTask.restored": { related: ["project"], visibility: "subject" },
    /** A user has reported progress. */
    "projectTask.progress_reported": {
      related: ["project"],
      visibility: "subject",
      payload: z.strictObject({ percentComplete: z.int().min(0).max(100), workedMinutes: z.int().min(0) }),
    },
  },
} as const satisfies Aggregate;
