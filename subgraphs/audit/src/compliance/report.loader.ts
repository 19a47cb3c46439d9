import { type Context, rowLoader } from "@weft/api/context";
import { findFilesOfReports, findReports } from "./report.store.js";
import { type ComplianceReportFile, toComplianceReport, toComplianceReportFile } from "./report.type.js";

/** Loads reports by UUID, batched per request. Null for reports that the viewer cannot see. */
export const reportLoader = rowLoader("complianceReport", findReports, toComplianceReport);

/** Returns the files of a report that the viewer can see, in order, batched per request. */
export async function loadFilesOfReport(ctx: Context, reportId: string): Promise<readonly ComplianceReportFile[]> {
  const loader = ctx.loader<string, readonly ComplianceReportFile[]>("filesOfComplianceReport", async (tx, ids) => {
    const rows = await findFilesOfReports(tx, ids);
    return new Map(ids.map((id) => [id, rows.filter((row) => row.reportId === id).map(toComplianceReportFile)]));
  });
  return (await loader.load(reportId)) ?? [];
}
