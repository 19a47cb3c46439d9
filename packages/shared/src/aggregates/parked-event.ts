import { z } from "zod";
import type { Aggregate } from "./aggregate.js";

const ofParkedEvent = { visibility: "internal", payload: z.strictObject({ consumer: z.string(), eventId: z.uuid() }) } as const;

export const parkedEvent = {
  types: { parkedEvent: { prefix: "pke", typeName: "ParkedEvent", table: "events.parked", role: "subject" } },
  events: {
    "parkedEvent.retried": ofParkedEvent,
    "parkedEvent.skipped": ofParkedEvent,
  },
} as const satisfies Aggregate;
