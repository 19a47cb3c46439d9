import { msg } from "@lingui/core/macro";
import type { ComplianceReportFilter, ComplianceReportKind, ComplianceReportStatus } from "../gql/graphql";
import { parseValue, type FilterField } from "../requests/filters/filter-field";
import { rangeOf } from "../requests/filters/ranges";
import { reportKinds } from "./report-kinds";
import { reportFilterKeys, type ReportsSearch } from "./reports-search";

interface ReportFilterField extends FilterField {
  readonly toFilter: (values: readonly string[], now: Date) => ComplianceReportFilter;
}

/** The conditions that reports can be filtered by, by their names in the address. */
export const reportFields = {
  kind: {
    title: msg`Kind`,
    kind: "choice",
    choices: Object.fromEntries(Object.entries(reportKinds).map(([name, { title }]) => [name, title])),
    toFilter: (values) => ({ kind: { in: values as ComplianceReportKind[] } }),
  },
  status: {
    title: msg`Status`,
    kind: "choice",
    choices: { RUNNING: msg`Being made`, COMPLETED: msg`Complete`, FAILED: msg`Failed` },
    toFilter: (values) => ({ status: { in: values as ComplianceReportStatus[] } }),
  },
  created: { title: msg`Created`, kind: "dates", toFilter: ([value = ""], now) => ({ createdAt: rangeOf(value, now) }) },
} as const satisfies Record<keyof ReportsSearch, ReportFilterField>;

/** Returns the filter of the API for the filters of the address. Null if there are none. */
export function reportFilter(search: ReportsSearch, now: Date): ComplianceReportFilter | null {
  const all: ComplianceReportFilter[] = [];
  for (const key of reportFilterKeys) {
    const { isNegated, values } = parseValue(search[key] ?? "");
    if (values.length === 0) continue;
    const field: ReportFilterField = reportFields[key];
    const filter = field.toFilter(values, now);
    all.push(isNegated ? { not: filter } : filter);
  }
  return all.length === 0 ? null : { and: all };
}
