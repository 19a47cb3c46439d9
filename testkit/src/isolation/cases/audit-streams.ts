import { newAuditStream, sampleAuditStream } from "../../tenants/new-audit-stream.js";
import type { Cases } from "./case.js";

/** Cases of streams of the audit trail. There can be few of them. */
export const auditStreamCases: Cases = {
  mutations: {
    createAuditStream: { input: () => Promise.resolve(sampleAuditStream) },
    updateAuditStream: { input: async ({ admin }) => ({ id: await newAuditStream(admin), name: "Changed" }) },
    deleteAuditStream: { input: async ({ admin }) => ({ id: await newAuditStream(admin) }) },
  },
};
