import type { IdempotencyCases } from "./case.js";

/** Cases of the audit trail. */
export const auditCases: IdempotencyCases = {
  startAuditVerification: {
    who: ({ acme }) => acme.admin,
    selection: "verification { id }",
    inputs: async ({ weft }) => {
      // Only one verification can run at a time.
      await weft.weft.worker.idle();
      return { input: {}, other: { checkpoint: "another" } };
    },
  },
};
