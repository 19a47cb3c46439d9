import { listExports } from "@weft/drizzle";
import type { Viewer } from "@weft/shared/viewer";
import { among, atVersion, countRows, insertedRow, named, nextVersion, type Tx, writtenRow } from "@weft/platform/db";
import { and, eq, type SQL, sql } from "drizzle-orm";
import type { ExportRow } from "./export.type.js";

const { exportJobs } = listExports;

/** Exports are visible to their creators. */
export const visibleExports = (viewer: Viewer): SQL => eq(exportJobs.createdBy, viewer.userId);

/** Returns those of the given IDs that the viewer can see, in any order. */
export const findExports = (tx: Tx, viewer: Viewer, ids: readonly string[]): Promise<ExportRow[]> =>
  named(
    "findExports",
    tx
      .select()
      .from(exportJobs)
      .where(and(among(exportJobs.id, ids), visibleExports(viewer))),
  );

export async function findExport(tx: Tx, viewer: Viewer, id: string): Promise<ExportRow | null> {
  const [row] = await findExports(tx, viewer, [id]);
  return row ?? null;
}

/** Locks an export until commit, so that a worker does not continue it meanwhile. */
export async function lockExport(tx: Tx, viewer: Viewer, id: string): Promise<ExportRow | null> {
  const query = tx
    .select()
    .from(exportJobs)
    .where(and(eq(exportJobs.id, id), visibleExports(viewer)))
    .for("update");
  const [row] = await named("lockExport", query);
  return row ?? null;
}

/** Returns the number of the user's exports that are running. */
export const countRunningExports = (tx: Tx, userId: string): Promise<number> =>
  countRows(tx, {
    name: "countRunningExports",
    table: exportJobs,
    where: and(eq(exportJobs.createdBy, userId), eq(exportJobs.status, "RUNNING")),
  });

export type NewExport = Omit<typeof exportJobs.$inferInsert, "dueAt">;

/** Inserts an export, to be run at once. */
export const insertExport = (tx: Tx, values: NewExport): Promise<ExportRow> =>
  insertedRow(
    named(
      "insertExport",
      tx
        .insert(exportJobs)
        .values({ ...values, dueAt: sql`now()` })
        .returning(),
    ),
  );

/** Returns null if the export's version is no longer `version`, or it has ended. */
export const cancelExportRow = (tx: Tx, id: string, version: number): Promise<ExportRow | null> =>
  writtenRow(
    named(
      "cancelExportRow",
      tx
        .update(exportJobs)
        .set({ status: "CANCELLED", dueAt: null, finishedAt: sql`now()`, ...nextVersion(exportJobs) })
        .where(and(atVersion(exportJobs, id, version), eq(exportJobs.status, "RUNNING")))
        .returning(),
    ),
  );
