import { z } from "zod";
import type { Aggregate } from "./aggregate.js";

const ofEventType = { visibility: "subject", payload: z.strictObject({ name: z.string(), typeVersion: z.int().positive() }) } as const;

export const eventType = {
  types: {
    eventType: { prefix: "ety", table: "events.custom_types", role: "subject", changes: "CONFIGURATION" },
    event: { prefix: "evt", typeName: "Event", table: "events.log", role: "record" },
  },
  permissions: {
    "event.read": "View the log of events.",
    "event.publish": "Publish custom events.",
    "event.retry": "View parked events, retry them, and skip them.",
    "eventType.update": "Declare, change, and delete types of custom events.",
  },
  events: {
    "eventType.created": ofEventType,
    "eventType.updated": ofEventType,
    "eventType.deleted": ofEventType,
    /** `name` is the name that the tenant has declared, and `version` the version of its payload. */
    "custom.published": {
      isAboutAny: true,
      visibility: "subject",
      payload: z.strictObject({ name: z.string(), version: z.int().positive(), payload: z.record(z.string(), z.json()) }),
    },
  },
} as const satisfies Aggregate;
