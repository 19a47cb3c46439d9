import { newComplianceReport, newComplianceReportSchedule, yearlyReport } from "../../tenants/new-compliance-report.js";
import type { Cases } from "./case.js";

/** Cases of compliance reports. */
export const complianceReportCases: Cases = {
  mutations: {
    createComplianceReport: { input: () => Promise.resolve({ kind: "RETENTION", formats: ["JSON"] }) },
    createComplianceReportSchedule: { input: () => Promise.resolve({ ...yearlyReport, name: "Tried" }) },
    deleteComplianceReport: { input: async ({ admin }) => ({ id: await newComplianceReport(admin) }) },
    deleteComplianceReportSchedule: { input: async ({ admin }) => ({ id: await newComplianceReportSchedule(admin) }) },
  },
  lookups: { "lastActions.actorIds": { own: ({ admin }) => [admin.id], refusal: "input" } },
};
