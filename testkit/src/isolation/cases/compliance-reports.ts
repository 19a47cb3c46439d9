import { newComplianceReportSchedule, yearlyReport } from "../../tenants/new-compliance-report.js";
import type { Cases } from "./case.js";

/** Cases of compliance reports. */
export const complianceReportCases: Cases = {
  mutations: {
    createComplianceReport: { input: () => Promise.resolve({ kind: "RETENTION", formats: ["JSON"] }) },
    createComplianceReportSchedule: { input: () => Promise.resolve({ ...yearlyReport, name: "Tried" }) },
    deleteComplianceReportSchedule: { input: async ({ admin }) => ({ id: await newComplianceReportSchedule(admin) }) },
  },
};
