import type { Aggregate } from "./aggregate.js";

export const auditVerification = {
  types: {
    auditVerification: { prefix: "avf", table: "audit.verifications", role: "subject" },
    auditEntry: { prefix: "aud", typeName: "AuditEntry", table: "audit.entries", role: "record" },
  },
  permissions: {
    "audit.read": "Read the audit log.",
    "audit.verify": "Verify the hash chain of the audit log.",
  },
  isChangedByOperators: true,
} as const satisfies Aggregate;
