import { z } from "zod";
import { changed } from "../event-catalog/payloads.js";
import type { Aggregate } from "./aggregate.js";

export const auditStream = {
  types: {
    auditStream: { prefix: "aus", typeName: "AuditStream", table: "audit.streams", role: "subject", changes: "CONFIGURATION" },
  },
  permissions: {
    "auditStream.read": "View streams of the audit log to other systems, and how far they are.",
    "auditStream.manage": "Create, change, pause, and delete streams, which send the audit log of the whole tenant to another system.",
  },
  events: {
    "auditStream.created": { visibility: "subject" },
    "auditStream.updated": { visibility: "subject", payload: changed },
    "auditStream.deleted": { visibility: "subject" },
    "auditStream.stalled": {
      visibility: "subject",
      payload: z.strictObject({ name: z.string(), failingSince: z.iso.datetime({ offset: true }) }),
    },
    "auditStream.recovered": { visibility: "subject", payload: z.strictObject({ name: z.string() }) },
  },
} as const satisfies Aggregate;
