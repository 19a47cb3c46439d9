import { z } from "zod";
import type { Aggregate } from "./aggregate.js";

export const customFieldSchema = {
  types: { customFieldSchema: { prefix: "cfs", table: "app.custom_field_schemas", role: "subject", changes: "CONFIGURATION" } },
  events: {
    "customFieldSchema.created": { visibility: "subject", payload: z.strictObject({ kind: z.string(), typeKey: z.string().nullable() }) },
    "customFieldSchema.updated": { visibility: "subject", payload: z.strictObject({ kind: z.string(), typeKey: z.string().nullable() }) },
  },
} as const satisfies Aggregate;
