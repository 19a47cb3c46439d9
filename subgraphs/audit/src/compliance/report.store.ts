import { compliance } from "@weft/drizzle";
import type { Viewer } from "@weft/shared/viewer";
import { reachesAll } from "@weft/shared/viewer";
import { among, countRows, insertedRow, named, type Tx } from "@weft/platform/db";
import { and, asc, eq, type SQL, sql } from "drizzle-orm";
import type { ComplianceReportFileRow, ComplianceReportRow } from "./report.type.js";

const { complianceReports, complianceReportFiles } = compliance;

/** Reports are visible to those who can read all of them. */
export const visibleReports = (viewer: Viewer): SQL => (reachesAll(viewer, "complianceReport.read") ? sql`true` : sql`false`);

/** Returns those of the given IDs that the viewer can see, in any order. */
export const findReports = (tx: Tx, viewer: Viewer, ids: readonly string[]): Promise<ComplianceReportRow[]> =>
  named(
    "findComplianceReports",
    tx
      .select()
      .from(complianceReports)
      .where(and(among(complianceReports.id, ids), visibleReports(viewer))),
  );

/** Returns the files of reports, in their order. */
export const findFilesOfReports = (tx: Tx, reportIds: readonly string[]): Promise<ComplianceReportFileRow[]> =>
  named(
    "findFilesOfReports",
    tx
      .select()
      .from(complianceReportFiles)
      .where(among(complianceReportFiles.reportId, reportIds))
      .orderBy(asc(complianceReportFiles.reportId), asc(complianceReportFiles.position)),
  );

/** Locks a report until commit. */
export async function lockReport(tx: Tx, id: string): Promise<ComplianceReportRow | null> {
  const [row] = await named("lockComplianceReport", tx.select().from(complianceReports).where(eq(complianceReports.id, id)).for("update"));
  return row ?? null;
}

/** Deletes a report, and the links to its files. Returns whether it existed. */
export async function deleteReportRow(tx: Tx, id: string): Promise<boolean> {
  const query = tx.delete(complianceReports).where(eq(complianceReports.id, id)).returning({ id: complianceReports.id });
  return (await named("deleteComplianceReport", query)).length > 0;
}

/** Returns the number of the user's reports that are running. */
export const countRunningReports = (tx: Tx, userId: string): Promise<number> =>
  countRows(tx, {
    name: "countRunningReports",
    table: complianceReports,
    where: and(eq(complianceReports.createdBy, userId), eq(complianceReports.status, "RUNNING")),
  });

export type NewComplianceReport = Omit<typeof complianceReports.$inferInsert, "dueAt">;

/** Inserts a report, to be made at once. */
export const insertReport = (tx: Tx, values: NewComplianceReport): Promise<ComplianceReportRow> =>
  insertedRow(
    named(
      "insertComplianceReport",
      tx
        .insert(complianceReports)
        .values({ ...values, dueAt: sql`now()` })
        .returning(),
    ),
  );
