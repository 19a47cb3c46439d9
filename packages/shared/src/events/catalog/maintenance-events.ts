import { z } from "zod";
import { byType, defineEvent } from "./define-event.js";
import { changed } from "./payloads.js";

const ofPlan = { subject: "maintenancePlan", version: 1, related: [], visibility: "subject" } as const;
const about = z.strictObject({ name: z.string() });
const step = z.strictObject({ name: z.string(), isAutomatic: z.boolean() });
const occurrence = { name: z.string(), cause: z.enum(["CALENDAR", "METER"]), plannedAt: z.string(), total: z.number().nullable() };

/** Events of maintenance plans and their occurrences. */
export const maintenanceEvents = byType(
  defineEvent({ ...ofPlan, type: "maintenancePlan.created", payload: about }),
  defineEvent({ ...ofPlan, type: "maintenancePlan.updated", payload: changed }),
  /** `isAutomatic`: it paused itself, because too many occurrences in a row failed. */
  defineEvent({ ...ofPlan, type: "maintenancePlan.paused", payload: step }),
  defineEvent({ ...ofPlan, type: "maintenancePlan.resumed", payload: step }),
  /** An occurrence generated its request. */
  defineEvent({
    ...ofPlan,
    type: "maintenancePlan.occurrence_generated",
    related: ["request"],
    payload: z.strictObject({ ...occurrence, requestId: z.uuid() }),
  }),
  /** A user skipped an occurrence. */
  defineEvent({ ...ofPlan, type: "maintenancePlan.occurrence_skipped", payload: z.strictObject(occurrence) }),
  /** A user shifted an occurrence to another time. */
  defineEvent({ ...ofPlan, type: "maintenancePlan.occurrence_shifted", payload: z.strictObject({ ...occurrence, startsAt: z.string() }) }),
  /** The request of an occurrence could not be created. */
  defineEvent({
    ...ofPlan,
    type: "maintenancePlan.occurrence_failed",
    payload: z.strictObject({ ...occurrence, code: z.string(), ownerId: z.uuid(), isPaused: z.boolean() }),
  }),
  /** Occurrences generated no request, because no worker was running at their time. */
  defineEvent({
    ...ofPlan,
    type: "maintenancePlan.occurrences_missed",
    payload: z.strictObject({ name: z.string(), plannedAt: z.string(), count: z.int() }),
  }),
);
