import { z } from "zod";
import type { Aggregate } from "./aggregate.js";

const named = z.strictObject({ name: z.string() });

export const secret = {
  types: { secret: { prefix: "sec", table: "workflows.secrets", role: "subject", changes: "CONFIGURATION" } },
  permissions: {
    "secret.read": "View names and descriptions of secrets. Values are never shown.",
    "secret.manage": "Create, change, and delete secrets that automations read.",
    "secret.use": "Publish definitions whose steps read secrets.",
  },
  /** They never contain the value of a secret. */
  events: {
    "secret.created": { visibility: "internal", payload: named },
    "secret.updated": { visibility: "internal", payload: z.strictObject({ name: z.string(), changed: z.array(z.string()) }) },
    "secret.deleted": { visibility: "internal", payload: named },
  },
} as const satisfies Aggregate;
