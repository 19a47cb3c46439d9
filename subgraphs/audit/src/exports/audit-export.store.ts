import { auditExports } from "@weft/drizzle";
import type { Viewer } from "@weft/shared/viewer";
import { among, atVersion, countRows, insertedRow, named, nextVersion, type Tx, writtenRow } from "@weft/platform/db";
import { and, eq, type SQL, sql } from "drizzle-orm";
import type { AuditExportRow } from "./audit-export.type.js";

const { exportsOfAudit } = auditExports;

/** Exports are visible to their creators. */
export const visibleExports = (viewer: Viewer): SQL => eq(exportsOfAudit.createdBy, viewer.userId);

/** Returns those of the given IDs that the viewer can see, in any order. */
export const findAuditExports = (tx: Tx, viewer: Viewer, ids: readonly string[]): Promise<AuditExportRow[]> =>
  named(
    "findAuditExports",
    tx
      .select()
      .from(exportsOfAudit)
      .where(and(among(exportsOfAudit.id, ids), visibleExports(viewer))),
  );

/** Locks an export until commit, so that a worker does not continue it meanwhile. */
export async function lockAuditExport(tx: Tx, viewer: Viewer, id: string): Promise<AuditExportRow | null> {
  const query = tx
    .select()
    .from(exportsOfAudit)
    .where(and(eq(exportsOfAudit.id, id), visibleExports(viewer)))
    .for("update");
  const [row] = await named("lockAuditExport", query);
  return row ?? null;
}

/** Returns the number of the user's exports that are running. */
export const countRunningAuditExports = (tx: Tx, userId: string): Promise<number> =>
  countRows(tx, {
    name: "countRunningAuditExports",
    table: exportsOfAudit,
    where: and(eq(exportsOfAudit.createdBy, userId), eq(exportsOfAudit.status, "RUNNING")),
  });

/** Inserts an export, to be run at once. */
export const insertAuditExport = (tx: Tx, values: Omit<typeof exportsOfAudit.$inferInsert, "dueAt">): Promise<AuditExportRow> =>
  insertedRow(
    named(
      "insertAuditExport",
      tx
        .insert(exportsOfAudit)
        .values({ ...values, dueAt: sql`now()` })
        .returning(),
    ),
  );

/** Returns null if the export's version is no longer `version`, or it has ended. */
export const cancelAuditExportRow = (tx: Tx, id: string, version: number): Promise<AuditExportRow | null> =>
  writtenRow(
    named(
      "cancelAuditExportRow",
      tx
        .update(exportsOfAudit)
        .set({ status: "CANCELLED", dueAt: null, finishedAt: sql`now()`, ...nextVersion(exportsOfAudit) })
        .where(and(atVersion(exportsOfAudit, id, version), eq(exportsOfAudit.status, "RUNNING")))
        .returning(),
    ),
  );
