import { sampleAuditStream } from "../tenants/new-audit-stream.js";
import { fresh, type IdempotencyCases } from "./case.js";

/** Cases of the audit trail. */
export const auditCases: IdempotencyCases = {
  createAuditStream: {
    who: ({ acme }) => acme.admin,
    selection: "auditStream { id name }",
    inputs: () => {
      const input = { ...sampleAuditStream, name: fresh("Stream ") };
      return Promise.resolve({ input, other: { ...input, name: "Another" } });
    },
  },
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
