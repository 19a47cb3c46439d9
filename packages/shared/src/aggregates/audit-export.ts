import type { Aggregate } from "./aggregate.js";

export const auditExport = {
  types: { auditExport: { prefix: "aex", table: "audit.exports", role: "subject" } },
  permissions: { "audit.export": "Export the audit log to a file, with its proof." },
} as const satisfies Aggregate;
