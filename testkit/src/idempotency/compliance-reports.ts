import { yearlyReport } from "../tenants/new-compliance-report.js";
import { fresh, type IdempotencyCases } from "./case.js";

/** Cases of compliance reports. */
export const complianceReportCases: IdempotencyCases = {
  createComplianceReport: {
    who: ({ acme }) => acme.admin,
    selection: "complianceReport { id kind }",
    inputs: () => Promise.resolve({ input: { kind: "RETENTION", formats: ["JSON"] }, other: { kind: "SLA", formats: ["JSON"] } }),
  },
  createComplianceReportSchedule: {
    who: ({ acme }) => acme.admin,
    selection: "complianceReportSchedule { id name }",
    inputs: () => Promise.resolve({ input: { ...yearlyReport, name: fresh("S") }, other: { ...yearlyReport, name: fresh("S") } }),
  },
};
