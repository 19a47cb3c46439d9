import { listImports } from "@weft/drizzle";
import type { Viewer } from "@weft/shared/viewer";
import { among, countRows, insertedRow, named, nextVersion, type Tx, writtenRow } from "@weft/platform/db";
import { and, eq, inArray, type SQL, sql } from "drizzle-orm";
import type { ImportMode, ImportRow } from "./import.type.js";

const { importJobs } = listImports;

/** Imports are visible to their creators. */
export const visibleImports = (viewer: Viewer): SQL => eq(importJobs.createdBy, viewer.userId);

/** Returns those of the given IDs that the viewer can see, in any order. */
export const findImports = (tx: Tx, viewer: Viewer, ids: readonly string[]): Promise<ImportRow[]> =>
  named(
    "findImports",
    tx
      .select()
      .from(importJobs)
      .where(and(among(importJobs.id, ids), visibleImports(viewer))),
  );

export async function findImport(tx: Tx, viewer: Viewer, id: string): Promise<ImportRow | null> {
  const [row] = await findImports(tx, viewer, [id]);
  return row ?? null;
}

/** Locks an import until commit, so that a worker does not continue it meanwhile. */
export async function lockImport(tx: Tx, viewer: Viewer, id: string): Promise<ImportRow | null> {
  const query = tx
    .select()
    .from(importJobs)
    .where(and(eq(importJobs.id, id), visibleImports(viewer)))
    .for("update");
  const [row] = await named("lockImport", query);
  return row ?? null;
}

/** Returns the number of the user's imports that a worker checks or runs. */
export const countActiveImports = (tx: Tx, userId: string): Promise<number> =>
  countRows(tx, {
    name: "countActiveImports",
    table: importJobs,
    where: and(eq(importJobs.createdBy, userId), inArray(importJobs.status, ["CHECKING", "RUNNING"])),
  });

export type NewImport = Omit<typeof importJobs.$inferInsert, "dueAt">;

/** Inserts an import, to be checked at once. */
export const insertImport = (tx: Tx, values: NewImport): Promise<ImportRow> =>
  insertedRow(
    named(
      "insertImport",
      tx
        .insert(importJobs)
        .values({ ...values, dueAt: sql`now()` })
        .returning(),
    ),
  );

/** Starts a checked import, from its first line. */
export const startImportRow = (tx: Tx, id: string, mode: ImportMode): Promise<ImportRow | null> =>
  writtenRow(
    named(
      "startImportRow",
      tx
        .update(importJobs)
        .set({
          mode,
          status: "RUNNING",
          nextOffset: 0,
          nextLine: 1,
          doneCount: 0,
          createdCount: 0,
          updatedCount: 0,
          skippedCount: 0,
          failedCount: 0,
          tries: 0,
          dueAt: sql`now()`,
          ...nextVersion(importJobs),
        })
        .where(and(eq(importJobs.id, id), eq(importJobs.status, "READY")))
        .returning(),
    ),
  );

/** Returns null if the import has ended. */
export const cancelImportRow = (tx: Tx, id: string): Promise<ImportRow | null> =>
  writtenRow(
    named(
      "cancelImportRow",
      tx
        .update(importJobs)
        .set({ status: "CANCELLED", dueAt: null, finishedAt: sql`now()`, ...nextVersion(importJobs) })
        .where(and(eq(importJobs.id, id), inArray(importJobs.status, ["CHECKING", "READY", "RUNNING"])))
        .returning(),
    ),
  );
