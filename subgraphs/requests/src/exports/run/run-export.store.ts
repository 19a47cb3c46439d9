/** What the worker reads and writes of exports in progress. */
import { files as fileTables, listExports } from "@weft/drizzle";
import { named, nextVersion, type Tx, writtenRow } from "@weft/platform/db";
import type { FileRow } from "@weft/platform/files";
import { DueQueue } from "@weft/platform/queues";
import { and, eq, sql } from "drizzle-orm";
import type { ExportRow } from "../export.type.js";

const { exportJobs } = listExports;
const { files } = fileTables;

/** Exports in progress. Another worker continues one when the claim has ended without progress. */
export const exportQueue = new DueQueue({ name: "Export", table: exportJobs, dueAt: "dueAt", tries: "tries", claimTime: "1 minute" });

/** Time until the file of an export is deleted: of a running one without progress, and of a completed one. */
const fileTime = "1 day";

/** Begins an attempt to write the next part of a file, which supersedes earlier ones. Null if the file no longer exists. */
export const beginPart = (tx: Tx, fileId: string): Promise<FileRow | null> =>
  writtenRow(
    named(
      "beginPart",
      tx
        .update(files)
        .set({ attempt: sql`${files.attempt} + 1`, dueAt: sql`now() + ${fileTime}::interval` })
        .where(and(eq(files.id, fileId), eq(files.status, "PENDING")))
        .returning(),
    ),
  );

/** Locks an export until commit. Null if it is not running. */
export async function lockRunningExport(tx: Tx, id: string): Promise<ExportRow | null> {
  const query = tx
    .select()
    .from(exportJobs)
    .where(and(eq(exportJobs.id, id), eq(exportJobs.status, "RUNNING")))
    .for("update");
  const [row] = await named("lockRunningExport", query);
  return row ?? null;
}

/** Adds a part to the size of a file. Null if another attempt has superseded this one. */
export const growFile = (tx: Tx, { id, attempt }: FileRow, bytes: number): Promise<FileRow | null> =>
  writtenRow(
    named(
      "growFile",
      tx
        .update(files)
        .set({ size: sql`${files.size} + ${bytes}` })
        .where(and(eq(files.id, id), eq(files.attempt, attempt), eq(files.status, "PENDING")))
        .returning(),
    ),
  );

/** Makes a file available. Its size must be complete. */
export async function storeFile(tx: Tx, id: string, { type, sha256 }: { readonly type: string; readonly sha256: string }): Promise<void> {
  const values = { type, sha256, status: "STORED", storedAt: sql`now()`, dueAt: sql`now() + ${fileTime}::interval` };
  await named("storeFile", tx.update(files).set(values).where(eq(files.id, id)));
}

export type Progress = Pick<ExportRow, "rowCount" | "lastCursor" | "rightsVersion">;

/** Records the objects of a part. The export continues at once. */
export const recordPart = (tx: Tx, { id, parts }: ExportRow, attempt: number, progress: Progress): Promise<ExportRow | null> =>
  writtenRow(
    named(
      "recordPart",
      tx
        .update(exportJobs)
        .set({ ...progress, parts: [...parts, attempt], tries: 0, dueAt: sql`now()`, ...nextVersion(exportJobs) })
        .where(eq(exportJobs.id, id))
        .returning(),
    ),
  );

type End = Partial<Progress> & { readonly status: "COMPLETED" | "FAILED"; readonly message: string | null };

export const endExport = (tx: Tx, id: string, end: End): Promise<ExportRow | null> =>
  writtenRow(
    named(
      "endExport",
      tx
        .update(exportJobs)
        .set({ ...end, dueAt: null, finishedAt: sql`now()`, ...nextVersion(exportJobs) })
        .where(eq(exportJobs.id, id))
        .returning(),
    ),
  );
