import { z } from "zod";
import { byType, defineEvent } from "./define-event.js";
import { changed } from "./payloads.js";

const ofSchedule = { subject: "schedule", version: 1, related: [], visibility: "subject" } as const;
const ofRun = { subject: "schedule", version: 1, related: ["instance"], visibility: "subject" } as const;
const about = z.strictObject({ name: z.string() });
const run = { name: z.string(), plannedAt: z.string() };

/** Events of schedules and their runs. */
export const scheduleEvents = byType(
  defineEvent({ ...ofSchedule, type: "schedule.created", payload: about }),
  defineEvent({ ...ofSchedule, type: "schedule.updated", payload: changed }),
  defineEvent({ ...ofSchedule, type: "schedule.deleted", payload: about }),
  /** `isAutomatic`: it paused itself, because too many runs in a row failed. */
  defineEvent({ ...ofSchedule, type: "schedule.paused", payload: z.strictObject({ name: z.string(), isAutomatic: z.boolean() }) }),
  /** `isAutomatic`: the pause had an end. */
  defineEvent({ ...ofSchedule, type: "schedule.resumed", payload: z.strictObject({ name: z.string(), isAutomatic: z.boolean() }) }),
  /** A run started its instance. */
  defineEvent({ ...ofRun, type: "schedule.run_started", payload: z.strictObject({ ...run, instanceId: z.uuid() }) }),
  /** A run could not start its instance. */
  defineEvent({
    ...ofSchedule,
    type: "schedule.run_failed",
    payload: z.strictObject({ ...run, code: z.string(), ownerId: z.uuid(), isPaused: z.boolean() }),
  }),
  /** A run was not started, because an earlier one had not ended. */
  defineEvent({ ...ofSchedule, type: "schedule.run_skipped", payload: z.strictObject(run) }),
  /** Runs were not started, because no worker was running at their time. */
  defineEvent({ ...ofSchedule, type: "schedule.runs_missed", payload: z.strictObject({ ...run, count: z.int() }) }),
);
