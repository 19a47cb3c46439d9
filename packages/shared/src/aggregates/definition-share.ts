import { z } from "zod";
import type { Aggregate } from "./aggregate.js";

const terms = {
  /** Key of the owner's definition. */
  key: z.string(),
  mode: z.enum(["COPY", "START"]),
  /** Whether this tenant shares the definition, or receives it. */
  side: z.enum(["OWNER", "RECIPIENT"]),
  /** Slug of the other tenant. */
  partner: z.string(),
};

const about = z.strictObject(terms);

export const definitionShare = {
  types: {
    definitionShare: { prefix: "dsh", table: "workflows.definition_shares", role: "subject", changes: "CONFIGURATION" },
    definitionShareUse: { prefix: "dsu", table: "workflows.definition_share_uses", role: "record" },
  },
  permissions: {
    "definitionShare.read": "View definitions that are shared with other tenants, or that other tenants share.",
    "definitionShare.manage": "Share definitions with other tenants, accept and decline what they offer, and revoke shares.",
    "definitionShare.use": "Start and copy definitions that other tenants share.",
  },
  /** Each of them happens in both tenants. */
  events: {
    "definitionShare.offered": { visibility: "internal", payload: about },
    "definitionShare.accepted": { visibility: "internal", payload: about },
    "definitionShare.declined": { visibility: "internal", payload: about },
    "definitionShare.revoked": {
      visibility: "internal",
      payload: z.strictObject({
        ...terms,
        /** The owner cancels what the recipient has started and what has not ended. Absent: it continues. */
        cancelsOpenRuns: z.boolean().optional(),
      }),
    },
    "definitionShare.updated": {
      visibility: "internal",
      payload: z.strictObject({
        ...terms,
        /** The limits from then on. Null: there is no such limit. */
        maxStartsPerHour: z.number().int().nullable(),
        maxOpenRuns: z.number().int().nullable(),
      }),
    },
    "definitionShare.used": {
      visibility: "internal",
      payload: z.strictObject({
        ...terms,
        /** UUID of the use, the same in both tenants. */
        useId: z.string(),
      }),
    },
  },
} as const satisfies Aggregate;
