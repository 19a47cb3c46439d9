/** Names of the filters in the address. */
export const reportFilterKeys = ["kind", "status", "created"] as const;

type ReportFilterKey = (typeof reportFilterKeys)[number];

/** Which reports the page shows, as in the address. */
export type ReportsSearch = { readonly [name in ReportFilterKey]?: string };

export function validateReportsSearch(search: Record<string, unknown>): ReportsSearch {
  const kept = reportFilterKeys.map((key) => [key, search[key]] as const);
  return Object.fromEntries(kept.filter(([, value]) => typeof value === "string" && value !== "")) as ReportsSearch;
}
