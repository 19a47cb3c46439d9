import { z } from "zod";
import { changed } from "../event-catalog/payloads.js";
import type { Aggregate } from "./aggregate.js";

const about = z.strictObject({ name: z.string() });
const run = { name: z.string(), plannedAt: z.string() };

export const schedule = {
  types: { schedule: { prefix: "sch", typeName: "Schedule", table: "workflows.schedules", role: "entity", changes: "CONFIGURATION" } },
  permissions: {
    "schedule.read": "View schedules and their runs.",
    "schedule.manage": "Create, change, pause, and run schedules.",
  },
  events: {
    "schedule.created": { visibility: "subject", payload: about },
    "schedule.updated": { visibility: "subject", payload: changed },
    "schedule.deleted": { visibility: "subject", payload: about },
    /** `isAutomatic`: it paused itself, because too many runs in a row failed. */
    "schedule.paused": { visibility: "subject", payload: z.strictObject({ name: z.string(), isAutomatic: z.boolean() }) },
    /** `isAutomatic`: the pause had an end. */
    "schedule.resumed": { visibility: "subject", payload: z.strictObject({ name: z.string(), isAutomatic: z.boolean() }) },
    /** A run started its instance. */
    "schedule.run_started": { related: ["instance"], visibility: "subject", payload: z.strictObject({ ...run, instanceId: z.uuid() }) },
    /** A run could not start its instance. */
    "schedule.run_failed": {
      visibility: "subject",
      payload: z.strictObject({ ...run, code: z.string(), ownerId: z.uuid(), isPaused: z.boolean() }),
    },
    /** A run was not started, because an earlier one had not ended. */
    "schedule.run_skipped": { visibility: "subject", payload: z.strictObject(run) },
    /** Runs were not started, because no worker was running at their time. */
    "schedule.runs_missed": { visibility: "subject", payload: z.strictObject({ ...run, count: z.int() }) },
  },
} as const satisfies Aggregate;
