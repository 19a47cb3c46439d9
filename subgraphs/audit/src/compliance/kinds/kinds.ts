import { accessReview } from "../access/access-review.js";
import { changes } from "./changes.js";
import { definitions } from "./definitions.js";
import type { ReportKindDefinition } from "./kind.js";
import { operatorVisits } from "./operator-visits.js";
import { retention } from "./retention.js";
import { separationOfDuties } from "../duties/separation-of-duties.js";
import { sla } from "./sla.js";

export const ComplianceReportKind = {
  ACCESS_REVIEW: "ACCESS_REVIEW",
  SEPARATION_OF_DUTIES: "SEPARATION_OF_DUTIES",
  SLA: "SLA",
  RETENTION: "RETENTION",
  CHANGES: "CHANGES",
  OPERATOR_VISITS: "OPERATOR_VISITS",
  DEFINITIONS: "DEFINITIONS",
} as const;
export type ComplianceReportKind = keyof typeof ComplianceReportKind;

/** What each kind of reports shows. */
export const reportKinds: Readonly<Record<ComplianceReportKind, ReportKindDefinition>> = {
  ACCESS_REVIEW: accessReview,
  SEPARATION_OF_DUTIES: separationOfDuties,
  SLA: sla,
  RETENTION: retention,
  CHANGES: changes,
  OPERATOR_VISITS: operatorVisits,
  DEFINITIONS: definitions,
};
