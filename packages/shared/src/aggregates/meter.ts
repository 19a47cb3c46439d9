import { z } from "zod";
import { changed } from "../event-catalog/payloads.js";
import type { Aggregate } from "./aggregate.js";

const ofReading = {
  related: ["asset"],
  visibility: "subject",
  payload: z.strictObject({
    meterName: z.string(),
    unit: z.string(),
    value: z.number(),
    total: z.number(),
    readingId: z.uuid(),
    readAt: z.string(),
  }),
} as const;

export const meter = {
  types: {
    meter: { prefix: "mtr", typeName: "Meter", table: "requests.meters", role: "entity" },
    meterReading: { prefix: "mrd", typeName: "MeterReading", table: "requests.meter_readings", role: "record" },
  },
  permissions: {
    "meter.record": "Record and correct readings of meters.",
  },
  events: {
    "meter.created": { related: ["asset"], visibility: "subject" },
    "meter.updated": { related: ["asset"], visibility: "subject", payload: changed },
    /** A reading was recorded. `total` counts over all devices. */
    "meter.read": ofReading,
    /** A reading has replaced a wrong one of the same time. */
    "meter.corrected": ofReading,
    /** The newest total reached a threshold of the meter. For EVERY, `threshold` is the multiple that was reached or passed. */
    "meter.threshold_reached": {
      ...ofReading,
      payload: ofReading.payload.omit({ readAt: true }).extend({
        kind: z.enum(["ABOVE", "BELOW", "EVERY"]),
        threshold: z.number(),
        assetTag: z.string().optional(),
        assetName: z.string().optional(),
      }),
    },
  },
} as const satisfies Aggregate;
