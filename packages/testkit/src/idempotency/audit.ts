import type { IdempotencyCases } from "./case.js";

/** Of the audit trail. */
export const auditCases: IdempotencyCases = {
  startAuditVerification: {
    who: ({ acme }) => acme.admin,
    selection: "verification { id }",
    inputs: async ({ weft }) => {
      // One runs at a time.
      await weft.weft.worker.idle();
      return { input: {}, other: { checkpoint: "another" } };
    },
  },
};
