import { changed } from "../event-catalog/payloads.js";
import type { Aggregate } from "./aggregate.js";

export const taskDependency = {
  types: { taskDependency: { prefix: "tdp", typeName: "TaskDependency", table: "vendors.project_task_dependencies", role: "subject" } },
  /** The task in `related` depends on another one. */
  events: {
    "taskDependency.created": { related: ["project", "projectTask"], visibility: "subject" },
    "taskDependency.updated": { related: ["project", "projectTask"], visibility: "subject", payload: changed },
    "taskDependency.deleted": { related: ["project", "projectTask"], visibility: "subject" },
  },
} as const satisfies Aggregate;
