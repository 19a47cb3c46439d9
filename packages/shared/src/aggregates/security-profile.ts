import { z } from "zod";
import type { Aggregate } from "./aggregate.js";

const about = z.strictObject({ key: z.string() });

export const securityProfile = {
  types: { securityProfile: { prefix: "spf", table: "workflows.security_profiles", role: "subject", changes: "CONFIGURATION" } },
  permissions: {
    "securityProfile.read": "View security profiles.",
    "securityProfile.manage": "Create, change, and delete security profiles.",
  },
  events: {
    "securityProfile.created": { visibility: "internal", payload: about },
    "securityProfile.updated": { visibility: "internal", payload: z.strictObject({ key: z.string(), changed: z.array(z.string()) }) },
    "securityProfile.deleted": { visibility: "internal", payload: about },
  },
} as const satisfies Aggregate;
