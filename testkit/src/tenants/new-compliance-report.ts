import type { TestUser } from "../test-user.js";

/** Creates a small compliance report. Returns its ID. */
export async function newComplianceReport(user: TestUser): Promise<string> {
  const { createComplianceReport } = await user.run<{ createComplianceReport: { complianceReport: { id: string } } }>(
    "mutation ($input: CreateComplianceReportInput!) { createComplianceReport(input: $input) { complianceReport { id } } }",
    { input: { kind: "RETENTION", formats: ["JSON"] } },
  );
  return createComplianceReport.complianceReport.id;
}

/** Creates a schedule of compliance reports, none of which is due. Returns its ID. */
export async function newComplianceReportSchedule(user: TestUser): Promise<string> {
  const { createComplianceReportSchedule } = await user.run<{
    createComplianceReportSchedule: { complianceReportSchedule: { id: string } };
  }>(
    "mutation ($input: CreateComplianceReportScheduleInput!) { createComplianceReportSchedule(input: $input) { complianceReportSchedule { id } } }",
    { input: { ...yearlyReport, name: "Yearly" } },
  );
  return createComplianceReportSchedule.complianceReportSchedule.id;
}

/** Input of a schedule, without its name. */
export const yearlyReport = { kind: "RETENTION", formats: ["JSON"], cron: "0 6 31 12 *", periodDays: 365 };
