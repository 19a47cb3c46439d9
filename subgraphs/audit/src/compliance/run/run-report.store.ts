/** What the worker reads and writes of reports in progress. */
import { compliance, files as fileTables } from "@weft/drizzle";
import { named, nextVersion, type Tx, writtenRow } from "@weft/platform/db";
import { DueQueue } from "@weft/platform/queues";
import { and, eq, ne, sql } from "drizzle-orm";
import type { ComplianceReportFileRow, ComplianceReportRow } from "../report.type.js";

const { complianceReports, complianceReportFiles } = compliance;
const { files } = fileTables;

const queued = { table: complianceReports, dueAt: "dueAt", claimTime: "2 minutes" } as const;

/** Reports to make. Another worker starts one again when the claim has ended without a sign of life. */
export const reportQueue = new DueQueue({
  ...queued,
  name: "ComplianceReport",
  tries: "tries",
  only: eq(complianceReports.status, "RUNNING"),
});

/** Reports to delete, because they have been kept for their time. They are deleted in suspended and archived tenants, too. */
export const pastReportQueue = new DueQueue({
  ...queued,
  name: "PastComplianceReport",
  only: ne(complianceReports.status, "RUNNING"),
  isDoneInAllTenants: true,
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

/** The claim that a worker has: another worker's claim of the same report has another number of tries. */
const isClaimed = ({ id, tries }: ComplianceReportRow) => and(eq(complianceReports.id, id), eq(complianceReports.tries, tries));

/** Makes a claim hold as long as if it were made now, unless another worker has claimed the report since. */
export async function extendClaim(tx: Tx, row: ComplianceReportRow): Promise<void> {
  const query = tx.update(complianceReports).set({ dueAt: reportQueue.claimEnd }).where(isClaimed(row));
  await named("extendClaimOfReport", query);
}

interface Release {
  /** Time until the next attempt. */
  readonly seconds: number;
  /** Whether the attempt does not count, because its failure says nothing about the report. */
  readonly isGivenBack: boolean;
}

/** Ends a claim, unless another worker has claimed the report since. */
export async function releaseClaim(tx: Tx, row: ComplianceReportRow, { seconds, isGivenBack }: Release): Promise<void> {
  const values = { dueAt: sql`now() + make_interval(secs => ${seconds}::int)`, tries: row.tries - (isGivenBack ? 1 : 0) };
  await named("releaseClaimOfReport", tx.update(complianceReports).set(values).where(isClaimed(row)));
}

interface StoredFile {
  readonly id: string;
  readonly mediaType: string;
  readonly sha256: string;
}

/** Makes a file available for as long as its report exists. @throws Error if it has expired */
export async function keepReportFile(tx: Tx, { id, mediaType, sha256 }: StoredFile): Promise<void> {
  const values = { type: mediaType, sha256, status: "STORED", isAttached: true, storedAt: sql`now()`, dueAt: null };
  const query = tx
    .update(files)
    .set(values)
    .where(and(eq(files.id, id), eq(files.status, "PENDING")))
    .returning({ id: files.id });
  const kept = await named("keepReportFile", query);
  if (kept.length === 0) throw new Error(`The file ${id} of a report has expired.`);
}

export async function insertReportFiles(tx: Tx, rows: readonly ComplianceReportFileRow[]): Promise<void> {
  if (rows.length > 0) await named("insertReportFiles", tx.insert(complianceReportFiles).values([...rows]));
}

type End = Partial<Pick<ComplianceReportRow, "snapshotAt" | "rowCount" | "signOffId">> & {
  readonly status: "COMPLETED" | "FAILED";
  readonly message: string | null;
  /** Days until the report is deleted. */
  readonly keptDays: number;
};

export const endReport = (tx: Tx, id: string, { keptDays, ...end }: End): Promise<ComplianceReportRow | null> =>
  writtenRow(
    named(
      "endComplianceReport",
      tx
        .update(complianceReports)
        .set({
          ...end,
          dueAt: sql`now() + make_interval(days => ${keptDays}::int)`,
          finishedAt: sql`now()`,
          ...nextVersion(complianceReports),
        })
        .where(eq(complianceReports.id, id))
        .returning(),
    ),
  );
