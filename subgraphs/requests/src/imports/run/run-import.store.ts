/** What the worker reads and writes of imports in progress. */
import { files as fileTables, listImports } from "@weft/drizzle";
import { newId } from "@weft/shared/ids";
import { named, nextVersion, type Tx, writtenRow } from "@weft/platform/db";
import type { FileRow } from "@weft/platform/files";
import { DueQueue } from "@weft/platform/queues";
import { and, between, eq, inArray, sql } from "drizzle-orm";
import type { ImportRow } from "../import.type.js";
import type { LineProblem } from "./import-line.js";

const { importJobs, importProblems } = listImports;
const { files } = fileTables;

/** Rows of one statement. */
const batch = 500;

const active = inArray(importJobs.status, ["CHECKING", "RUNNING"]);

/** Imports in progress. Another worker continues one when the claim has ended without progress. */
export const importQueue = new DueQueue({ name: "Import", table: importJobs, dueAt: "dueAt", tries: "tries", claimTime: "1 minute" });

/** The file of an import. Null if its row was deleted. */
export async function findImportFile(tx: Tx, id: string): Promise<FileRow | null> {
  const [row] = await named("findImportFile", tx.select().from(files).where(eq(files.id, id)));
  return row ?? null;
}

/** Locks an import until commit. Null if it was cancelled, or another worker has continued it. */
export async function lockActiveImport(tx: Tx, { id, version }: ImportRow): Promise<ImportRow | null> {
  const query = tx
    .select()
    .from(importJobs)
    .where(and(eq(importJobs.id, id), eq(importJobs.version, version), active))
    .for("update");
  const [row] = await named("lockActiveImport", query);
  return row ?? null;
}

/** Returns those lines from `first` to `last` that have problems. */
export async function findProblemLines(tx: Tx, importId: string, first: number, last: number): Promise<Set<number>> {
  const query = tx
    .selectDistinct({ line: importProblems.line })
    .from(importProblems)
    .where(and(eq(importProblems.importId, importId), between(importProblems.line, first, last)));
  return new Set((await named("findProblemLines", query)).map(({ line }) => line));
}

/** A problem and its line. */
export interface FoundProblem extends LineProblem {
  readonly line: number;
}

export async function insertProblems(tx: Tx, { tenantId, id, createdBy }: ImportRow, problems: readonly FoundProblem[]): Promise<void> {
  for (let from = 0; from < problems.length; from += batch) {
    const rows = problems.slice(from, from + batch).map(({ line, column, field, message }) => ({
      tenantId,
      id: newId(),
      importId: id,
      line,
      columnName: column,
      field,
      message,
      createdBy,
    }));
    await named("insertProblems", tx.insert(importProblems).values(rows));
  }
}

export type Progress = Pick<
  ImportRow,
  "nextOffset" | "nextLine" | "doneCount" | "createdCount" | "updatedCount" | "skippedCount" | "failedCount"
>;

/** Records what the header and the lines are. The check then begins. */
export const recordScan = (
  tx: Tx,
  id: string,
  values: Pick<ImportRow, "separator" | "columns" | "mapping" | "lineCount">,
): Promise<ImportRow | null> =>
  writtenRow(
    named(
      "recordScan",
      tx
        .update(importJobs)
        .set({ ...values, tries: 0, dueAt: sql`now()`, ...nextVersion(importJobs) })
        .where(eq(importJobs.id, id))
        .returning(),
    ),
  );

/** Records lines that are done. Another worker continues only if this one does not, unless its turn is over. */
export const recordProgress = (
  tx: Tx,
  id: string,
  { progress, isTurnOver }: { readonly progress: Progress; readonly isTurnOver: boolean },
): Promise<ImportRow | null> =>
  writtenRow(
    named(
      "recordProgress",
      tx
        .update(importJobs)
        .set({
          ...progress,
          tries: 0,
          dueAt: isTurnOver ? sql`now()` : importQueue.claimEnd,
          ...nextVersion(importJobs),
        })
        .where(eq(importJobs.id, id))
        .returning(),
    ),
  );

/** Makes a checked import ready to be started. */
export const endCheck = (tx: Tx, id: string): Promise<ImportRow | null> =>
  writtenRow(
    named(
      "endCheck",
      tx
        .update(importJobs)
        .set({ status: "READY", tries: 0, dueAt: null, ...nextVersion(importJobs) })
        .where(eq(importJobs.id, id))
        .returning(),
    ),
  );

type End = Partial<Progress> & { readonly status: "COMPLETED" | "FAILED"; readonly message: string | null };

/** Returns null if the import was cancelled meanwhile. */
export const endImport = (tx: Tx, id: string, end: End): Promise<ImportRow | null> =>
  writtenRow(
    named(
      "endImport",
      tx
        .update(importJobs)
        .set({ ...end, dueAt: null, finishedAt: sql`now()`, ...nextVersion(importJobs) })
        .where(and(eq(importJobs.id, id), active))
        .returning(),
    ),
  );
