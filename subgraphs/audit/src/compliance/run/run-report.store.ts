/** What the worker reads and writes of reports in progress. */
import { compliance, files as fileTables } from "@weft/drizzle";
import { named, nextVersion, type Tx, writtenRow } from "@weft/platform/db";
import { DueQueue } from "@weft/platform/queues";
import { and, eq, sql } from "drizzle-orm";
import type { ComplianceReportFileRow, ComplianceReportRow } from "../report.type.js";

const { complianceReports, complianceReportFiles } = compliance;
const { files } = fileTables;

/** Reports in progress. Another worker starts one again when the claim has ended without a sign of life. */
export const reportQueue = new DueQueue({
  name: "ComplianceReport",
  table: complianceReports,
  dueAt: "dueAt",
  tries: "tries",
  claimTime: "2 minutes",
});

/** Locks a report until commit. Null if it is not running, or another worker has started it again. */
export async function lockRunningReport(tx: Tx, { id, tries }: ComplianceReportRow): Promise<ComplianceReportRow | null> {
  const query = tx
    .select()
    .from(complianceReports)
    .where(and(eq(complianceReports.id, id), eq(complianceReports.status, "RUNNING"), eq(complianceReports.tries, tries)))
    .for("update");
  const [row] = await named("lockRunningReport", query);
  return row ?? null;
}

interface StoredFile {
  readonly id: string;
  readonly mediaType: string;
  readonly sha256: string;
}

/** Makes a file available for as long as its report exists. */
export async function keepReportFile(tx: Tx, { id, mediaType, sha256 }: StoredFile): Promise<void> {
  const values = { type: mediaType, sha256, status: "STORED", isAttached: true, storedAt: sql`now()`, dueAt: null };
  await named("keepReportFile", tx.update(files).set(values).where(eq(files.id, id)));
}

export async function insertReportFiles(tx: Tx, rows: readonly ComplianceReportFileRow[]): Promise<void> {
  if (rows.length > 0) await named("insertReportFiles", tx.insert(complianceReportFiles).values([...rows]));
}

type End = Partial<Pick<ComplianceReportRow, "snapshotAt" | "rowCount" | "signOffId">> & {
  readonly status: "COMPLETED" | "FAILED";
  readonly message: string | null;
};

export const endReport = (tx: Tx, id: string, end: End): Promise<ComplianceReportRow | null> =>
  writtenRow(
    named(
      "endComplianceReport",
      tx
        .update(complianceReports)
        .set({ ...end, dueAt: null, finishedAt: sql`now()`, ...nextVersion(complianceReports) })
        .where(eq(complianceReports.id, id))
        .returning(),
    ),
  );
