import type { Aggregate } from "./aggregate.js";

export const complianceReport = {
  types: {
    complianceReport: {
      prefix: "cmr",
      typeName: "ComplianceReport",
      table: "audit.compliance_reports",
      role: "subject",
      changes: "CONFIGURATION",
    },
    complianceReportSchedule: {
      prefix: "cms",
      typeName: "ComplianceReportSchedule",
      table: "audit.compliance_report_schedules",
      role: "subject",
      changes: "CONFIGURATION",
    },
  },
  permissions: {
    "complianceReport.read": "Read all compliance reports, with everything that their creators could see.",
    "complianceReport.delete": "Delete compliance reports before they expire, except those that are signed off.",
    "complianceReport.create": "Create and schedule compliance reports. What a report shows also requires the permissions to see it.",
  },
} as const satisfies Aggregate;
