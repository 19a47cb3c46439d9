import { z } from "zod";
import type { Aggregate } from "./aggregate.js";

const about = z.strictObject({ key: z.string() });
const changedOf = z.strictObject({ key: z.string(), changed: z.array(z.string()) });

export const modelProvider = {
  types: { modelProvider: { prefix: "mdp", table: "workflows.model_providers", role: "subject", changes: "CONFIGURATION" } },
  events: {
    "modelProvider.created": { visibility: "internal", payload: about },
    "modelProvider.updated": { visibility: "internal", payload: changedOf },
    "modelProvider.deleted": { visibility: "internal", payload: about },
  },
} as const satisfies Aggregate;
