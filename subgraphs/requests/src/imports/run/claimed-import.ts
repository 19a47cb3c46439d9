/** An import that a worker is continuing, and its lines. */
import { encodeId } from "@weft/shared/ids";
import type { Viewer } from "@weft/shared/viewer";
import { asTenant, type Tx } from "@weft/platform/db";
import type { FileRow, FileStorage } from "@weft/platform/files";
import type { Services } from "@weft/platform/services";
import { backgroundContext } from "@weft/api/context";
import type { ImportRow } from "../import.type.js";
import { type CsvRecord, readRecords } from "./csv.js";
import { importLine, type LineProblem, LineRefused, type LineResult, type LineTerms } from "./import-line.js";
import { type FoundProblem, insertProblems, lockActiveImport, type Progress, recordProgress } from "./run-import.store.js";
import { bytesOf } from "./scan-file.js";

/** An import that this worker is continuing, with the rights that its creator has now. */
export interface ClaimedImport {
  readonly services: Services;
  readonly storage: FileStorage;
  readonly row: ImportRow;
  readonly file: FileRow;
  readonly viewer: Viewer;
  readonly terms: LineTerms;
}

/** A line that is done. */
export interface DoneLine {
  readonly record: CsvRecord;
  readonly result: LineResult | "FAILED";
  readonly problems: readonly LineProblem[];
}

/** The import was cancelled, or another worker has continued it. */
export class ImportSuperseded extends Error {}

/** The import cannot continue: the reason, for the user. */
export class ImportEnded extends Error {
  readonly problems: readonly FoundProblem[];

  constructor(message: string, problems: readonly FoundProblem[] = []) {
    super(message);
    this.problems = problems;
  }
}

/** A line of a transaction was refused. */
export class RefusedAt extends Error {
  readonly record: CsvRecord;
  readonly problems: readonly LineProblem[];

  constructor(record: CsvRecord, { problems }: LineRefused) {
    super(`Line ${record.line} was refused.`);
    this.record = record;
    this.problems = problems;
  }
}

/** Runs `fn` while the import is locked. @throws ImportSuperseded */
export const asCreator = <T>(
  { services: { databases }, row, viewer }: Pick<ClaimedImport, "services" | "row" | "viewer">,
  fn: (tx: Tx) => Promise<T>,
): Promise<T> =>
  asTenant(databases.app, viewer, "write", async (tx) => {
    if ((await lockActiveImport(tx, row)) === null) throw new ImportSuperseded();
    return fn(tx);
  });

/** Imports lines in one transaction. @throws RefusedAt for the first that is refused */
export async function importLines(
  { services, row, viewer, terms }: ClaimedImport,
  tx: Tx,
  records: Iterable<CsvRecord> | AsyncIterable<CsvRecord>,
): Promise<DoneLine[]> {
  const ctx = backgroundContext(services, viewer, { requestId: encodeId("import", row.id), sessionId: viewer.sessionId, tx });
  const done: DoneLine[] = [];
  for await (const record of records) {
    try {
      done.push({ record, result: await importLine(ctx, tx, terms, record), problems: [] });
    } catch (error) {
      throw error instanceof LineRefused ? new RefusedAt(record, error) : error;
    }
  }
  return done;
}

interface Recorded {
  readonly done: readonly DoneLine[];
  /** Record after which the import is continued. Undefined: at the same place. */
  readonly last: CsvRecord | undefined;
  readonly isTurnOver: boolean;
}

/** Records lines that are done, in the transaction that imports them. @throws ImportSuperseded */
export async function recordLines(tx: Tx, row: ImportRow, { done, last, isTurnOver }: Recorded): Promise<ImportRow> {
  const problems = done.flatMap(({ record: { line }, problems: found }) => found.map((problem) => ({ line, ...problem })));
  if (problems.length > 0) await insertProblems(tx, row, problems);
  const { nextOffset, nextLine } = last ?? row;
  const progress = { ...progressOf(row, done), nextOffset, nextLine };
  const after = await recordProgress(tx, row.id, { progress, isTurnOver });
  if (after === null) throw new ImportSuperseded();
  return after;
}

/** Returns the records of the file that are left. */
export async function remainingRecords({ storage, row, file }: ClaimedImport): Promise<AsyncGenerator<CsvRecord>> {
  if (row.nextOffset >= file.size) return (async function* none() {})();
  const bytes = await bytesOf(storage, file, { start: row.nextOffset, end: file.size - 1 });
  const from = { offset: row.nextOffset, line: row.nextLine };
  const records = readRecords(bytes, { separator: row.separator ?? ",", from, isChecked: true });
  // The header.
  if (row.nextOffset === 0) await records.next();
  return records;
}

/** Returns the counts of an import after these lines. */
export function progressOf(row: ImportRow, done: readonly DoneLine[]): Omit<Progress, "nextOffset" | "nextLine"> {
  const count = (wanted: DoneLine["result"]): number => done.filter(({ result }) => result === wanted).length;
  return {
    doneCount: row.doneCount + done.length,
    createdCount: row.createdCount + count("CREATED"),
    updatedCount: row.updatedCount + count("UPDATED"),
    skippedCount: row.skippedCount + count("SKIPPED"),
    failedCount: row.failedCount + count("FAILED"),
  };
}
