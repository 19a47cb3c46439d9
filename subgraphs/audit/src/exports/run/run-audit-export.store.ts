/** What the worker reads and writes of exports in progress. */
import { auditExports } from "@weft/drizzle";
import { named, nextVersion, type Tx, writtenRow } from "@weft/platform/db";
import { DueQueue } from "@weft/platform/queues";
import { and, eq, sql } from "drizzle-orm";
import type { AuditExportRow } from "../audit-export.type.js";

const { exportsOfAudit } = auditExports;

/** Exports in progress. Another worker continues one when the claim has ended without progress. */
export const auditExportQueue = new DueQueue({
  name: "AuditExport",
  table: exportsOfAudit,
  dueAt: "dueAt",
  tries: "tries",
  claimTime: "1 minute",
});

/** Locks an export until commit. Null if it is not running. */
export async function lockRunningAuditExport(tx: Tx, id: string): Promise<AuditExportRow | null> {
  const query = tx
    .select()
    .from(exportsOfAudit)
    .where(and(eq(exportsOfAudit.id, id), eq(exportsOfAudit.status, "RUNNING")))
    .for("update");
  const [row] = await named("lockRunningAuditExport", query);
  return row ?? null;
}

export type Progress = Pick<AuditExportRow, "rowCount" | "sequence" | "rightsVersion">;

/** A part that was stored: the attempt of the file, and the hash of all parts up to it. */
interface StoredPart {
  readonly attempt: number;
  readonly partsHash: string;
}

/** Records the entries of a part. The export continues at once. */
export const recordAuditPart = (
  tx: Tx,
  { id, parts }: AuditExportRow,
  { attempt, partsHash }: StoredPart,
  progress: Progress,
): Promise<AuditExportRow | null> =>
  writtenRow(
    named(
      "recordAuditPart",
      tx
        .update(exportsOfAudit)
        .set({ ...progress, parts: [...parts, attempt], partsHash, tries: 0, dueAt: sql`now()`, ...nextVersion(exportsOfAudit) })
        .where(eq(exportsOfAudit.id, id))
        .returning(),
    ),
  );

type End = Partial<Progress> &
  ({ readonly status: "COMPLETED"; readonly proof: string } | { readonly status: "FAILED"; readonly message: string });

export const endAuditExport = (tx: Tx, id: string, end: End): Promise<AuditExportRow | null> =>
  writtenRow(
    named(
      "endAuditExport",
      tx
        .update(exportsOfAudit)
        .set({ ...end, dueAt: null, finishedAt: sql`now()`, ...nextVersion(exportsOfAudit) })
        .where(eq(exportsOfAudit.id, id))
        .returning(),
    ),
  );
