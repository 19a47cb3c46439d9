/** What the worker reads and writes of exports in progress. */
import { listExports } from "@weft/drizzle";
import { named, nextVersion, type Tx, writtenRow } from "@weft/platform/db";
import { DueQueue } from "@weft/platform/queues";
import { and, eq, sql } from "drizzle-orm";
import type { ExportRow } from "../export.type.js";

const { exportJobs } = listExports;

/** Exports in progress. Another worker continues one when the claim has ended without progress. */
export const exportQueue = new DueQueue({ name: "Export", table: exportJobs, dueAt: "dueAt", tries: "tries", claimTime: "1 minute" });

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
