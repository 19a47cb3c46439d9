import { Conflict, NotFound } from "@weft/shared/errors";
import { decodeId } from "@weft/shared/ids";
import { writeAudit } from "@weft/platform/audit";
import type { Tx } from "@weft/platform/db";
import type { WriteMeta } from "@weft/platform/events";
import { deleteFile } from "@weft/platform/files";
import type { Context } from "@weft/api/context";
import type { IdInput } from "@weft/api/inputs";
import { deleteReportRow, findFilesOfReports, lockReport } from "./report.store.js";
import type { ComplianceReportRow } from "./report.type.js";

/**
 * Deletes a report with its files. One that is running is not made.
 * @throws NotFound, Conflict (it has a sign-off, which would be about nothing)
 */
export async function deleteComplianceReport(ctx: Context, input: IdInput): Promise<void> {
  const id = decodeId("complianceReport", input.id, "input.id");
  await ctx.inTenant(async (tx) => {
    const row = await lockReport(tx, id);
    if (row === null) throw new NotFound("ComplianceReport", input.id);
    if (row.signOffId !== null)
      throw new Conflict("The report has a sign-off, so it is kept until it expires, as the proof of what was signed off.");
    await removeReport(tx, ctx.meta, row);
  });
}

/** Deletes a report, and the files that belong to it. A worker then deletes their bytes. */
export async function removeReport(tx: Tx, meta: WriteMeta, row: ComplianceReportRow): Promise<void> {
  const files = await findFilesOfReports(tx, [row.id]);
  if (!(await deleteReportRow(tx, row.id))) return;
  for (const { fileId } of files) await deleteFile(tx, meta, fileId);
  await writeAudit(tx, meta, [
    { action: "complianceReport.delete", entityType: "complianceReport", entityId: row.id, before: row, after: null },
  ]);
}
