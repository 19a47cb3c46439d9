import { z } from "zod";
import type { Aggregate } from "./aggregate.js";

export const scopeVersion = {
  types: { scopeVersion: { prefix: "scv", typeName: "ScopeVersion", table: "vendors.scope_versions", role: "subject" } },
  events: {
    /** The first version of a scope was approved. Later ones are made by changes. `hash`: SHA-256 of its content. */
    "scopeVersion.approved": { visibility: "subject", payload: z.strictObject({ number: z.int(), hash: z.string() }) },
  },
} as const satisfies Aggregate;
