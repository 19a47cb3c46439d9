import { z } from "zod";
import { changed } from "../event-catalog/payloads.js";
import type { Aggregate } from "./aggregate.js";

const about = z.strictObject({ name: z.string() });
const step = z.strictObject({ name: z.string(), isAutomatic: z.boolean() });
const occurrence = { name: z.string(), cause: z.enum(["CALENDAR", "METER"]), plannedAt: z.string(), total: z.number().nullable() };

export const maintenancePlan = {
  types: {
    maintenancePlan: { prefix: "mpl", typeName: "MaintenancePlan", table: "requests.maintenance_plans", role: "entity" },
    maintenanceOccurrence: { prefix: "moc", typeName: "MaintenanceOccurrence", table: "requests.maintenance_occurrences", role: "record" },
  },
  // Plans act on behalf of their owners, so nobody changes them for a building only.
  tenantWide: { maintenancePlan: { vendorsSee: "none" } },
  permissions: {
    "maintenancePlan.read": "View maintenance plans and their occurrences.",
    "maintenancePlan.create": "Create maintenance plans.",
    "maintenancePlan.update": "Change, pause, and resume maintenance plans; skip and shift occurrences.",
  },
  events: {
    "maintenancePlan.created": { visibility: "subject", payload: about },
    "maintenancePlan.updated": { visibility: "subject", payload: changed },
    /** `isAutomatic`: it paused itself, because too many occurrences in a row failed. */
    "maintenancePlan.paused": { visibility: "subject", payload: step },
    "maintenancePlan.resumed": { visibility: "subject", payload: step },
    /** An occurrence generated its request. */
    "maintenancePlan.occurrence_generated": {
      related: ["request"],
      visibility: "subject",
      payload: z.strictObject({ ...occurrence, requestId: z.uuid() }),
    },
    /** A user skipped an occurrence. */
    "maintenancePlan.occurrence_skipped": { visibility: "subject", payload: z.strictObject(occurrence) },
    /** A user shifted an occurrence to another time. */
    "maintenancePlan.occurrence_shifted": { visibility: "subject", payload: z.strictObject({ ...occurrence, startsAt: z.string() }) },
    /** The request of an occurrence could not be created. */
    "maintenancePlan.occurrence_failed": {
      visibility: "subject",
      payload: z.strictObject({ ...occurrence, code: z.string(), ownerId: z.uuid(), isPaused: z.boolean() }),
    },
    /** Occurrences generated no request, because no worker was running at their time. */
    "maintenancePlan.occurrences_missed": {
      visibility: "subject",
      payload: z.strictObject({ name: z.string(), plannedAt: z.string(), count: z.int() }),
    },
  },
} as const satisfies Aggregate;
