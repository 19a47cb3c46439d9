import { listImports } from "@weft/drizzle";
import {
  asTenant,
  backgroundContext,
  encodeId,
  dueInTrueTime,
  type FileRow,
  type FileStorage,
  type ImportedList,
  LimitExceeded,
  type Services,
  ServiceUnavailable,
  type Subgraph,
  type Tx,
  type Viewer,
  viewerOfUser,
  wakeRelay,
  writeAudit,
  type WriteMeta,
} from "@weft/shared";
import type { GraphQLSchema } from "graphql";
import type { ImportExisting, ImportList, ImportRow } from "../import.type.js";
import { mappedColumns, shapeOf } from "../targets.js";
import { type CsvRecord, readRecords, UnreadableCsv } from "./csv.js";
import { importLine, type LineProblem, LineRefused, type LineResult, type LineTerms, widthProblem } from "./import-line.js";
import {
  claimImport,
  endCheck,
  endImport,
  findImportFile,
  findProblemLines,
  type FoundProblem,
  insertProblems,
  lockActiveImport,
  type Progress,
  recordProgress,
  recordScan,
  retryImport,
} from "./run-import.store.js";
import { bytesOf, maxFailed, scanFile } from "./scan-file.js";

/** Lines of one transaction. */
const groupSize = 20;
/** Attempts without progress until an import fails. */
const maxTries = 10;

interface Parts {
  readonly services: Services;
  readonly storage: FileStorage;
  readonly lists: ImportSources;
}

/** The lists that can be imported, of all subgraphs. */
export type ImportSources = Readonly<Record<ImportList, ImportSource>>;

export interface ImportSource {
  readonly imported: ImportedList;
  /** Builds the subgraph that owns the objects, whose inputs are read. Called for the first import of the list. */
  readonly subgraph: () => Subgraph;
}

/** An import that this worker is continuing, with the rights that its creator has now. */
interface Claimed {
  readonly row: ImportRow;
  readonly file: FileRow;
  readonly viewer: Viewer;
  readonly terms: LineTerms;
}

/** A line that is done. */
interface Done {
  readonly record: CsvRecord;
  readonly result: LineResult | "FAILED";
  readonly problems: readonly LineProblem[];
}

/** The import was cancelled, or another worker has continued it. */
class Superseded extends Error {}

/** Rolls back the lines of a check. */
class Checked extends Error {
  readonly done: readonly Done[];

  constructor(done: readonly Done[]) {
    super("The lines are checked.");
    this.done = done;
  }
}

/** A line of a transaction was refused. */
class RefusedAt extends Error {
  readonly record: CsvRecord;
  readonly problems: readonly LineProblem[];

  constructor(record: CsvRecord, { problems }: LineRefused) {
    super(`Line ${record.line} was refused.`);
    this.record = record;
    this.problems = problems;
  }
}

/** The import cannot go on: the reason, for the user. */
class Ended extends Error {
  readonly problems: readonly FoundProblem[];

  constructor(message: string, problems: readonly FoundProblem[] = []) {
    super(message);
    this.problems = problems;
  }
}

/**
 * Imports, as a source of due work. In each turn, a tenant's import is continued for a while. Some lines are imported in each transaction, which also
 * records how far the import is: a worker that is killed repeats only what was not committed. If one of them is refused, each is imported by itself. A
 * check does the same, and rolls the lines back.
 */
export function dueImports({ services, storage, lists }: Parts) {
  const { databases, keyring, log, pubsub } = services;
  const metaOf = ({ tenantId, createdBy, sessionId, id }: ImportRow): WriteMeta => {
    const requestId = encodeId("import", id);
    return { tenantId, actorId: createdBy, onBehalfOf: null, requestId, sessionId, address: null, traceId: null, keyring };
  };
  const schemas: { [list in ImportList]?: GraphQLSchema } = {};
  const inTenant = <T>(tenantId: string, fn: (tx: Tx) => Promise<T>): Promise<T> => asTenant(databases.app, { tenantId }, "write", fn);

  /** Runs `fn` while the import is locked. @throws Superseded */
  const asCreator = <T>({ row, viewer }: Pick<Claimed, "row" | "viewer">, fn: (tx: Tx) => Promise<T>): Promise<T> =>
    asTenant(databases.app, viewer, "write", async (tx) => {
      if ((await lockActiveImport(tx, row)) === null) throw new Superseded();
      return fn(tx);
    });

  async function claimed(row: ImportRow): Promise<Claimed> {
    const { tenantId, createdBy: userId, sessionId } = row;
    const viewer = await viewerOfUser(databases.auth, { tenantId, userId, sessionId });
    if (viewer === null) throw new Ended("The user who created the import is no longer active.");
    const decision = lists[row.list as ImportList].imported.rule.decide(viewer);
    if (decision !== true) throw new Ended(decision.message);
    const file = await inTenant(tenantId, (tx) => findImportFile(tx, row.fileId));
    if (file?.status !== "STORED") throw new Ended("The file has expired. Upload it again.");
    return { row, file, viewer, terms: termsOf(row) };
  }

  const termsOf = (row: ImportRow): LineTerms => {
    const list = row.list as ImportList;
    const { imported, subgraph } = lists[list];
    const schema = (schemas[list] ??= subgraph().schema);
    const shape = shapeOf(schema, list, imported);
    const mapped = mappedColumns(shape, { columns: row.columns, mapping: row.mapping ?? [] });
    return { schema, imported, shape, onExisting: row.onExisting as ImportExisting, mapped, width: row.columns.length };
  };

  /** Imports lines in one transaction. @throws RefusedAt for the first that is refused */
  async function importAll(
    { row, viewer, terms }: Claimed,
    tx: Tx,
    records: Iterable<CsvRecord> | AsyncIterable<CsvRecord>,
  ): Promise<Done[]> {
    const ctx = backgroundContext(services, viewer, { requestId: encodeId("import", row.id), sessionId: viewer.sessionId, tx });
    const done: Done[] = [];
    for await (const record of records) {
      try {
        done.push({ record, result: await importLine(ctx, tx, terms, record), problems: [] });
      } catch (error) {
        throw error instanceof LineRefused ? new RefusedAt(record, error) : error;
      }
    }
    return done;
  }

  /** Says what would become of the lines. */
  async function check(work: Claimed, records: readonly CsvRecord[]): Promise<Done[]> {
    try {
      await asCreator(work, async (tx) => {
        throw new Checked(await importAll(work, tx, records));
      });
    } catch (error) {
      if (error instanceof Checked) return [...error.done];
      if (!(error instanceof RefusedAt)) throw error;
      const { problems } = error;
      if (records.length === 1) return records.map((record) => ({ record, result: "FAILED", problems }));
      const done: Done[] = [];
      for (const record of records) done.push(...(await check(work, [record])));
      return done;
    }
    throw new Error("The lines of a check were not rolled back.");
  }

  /** Checks lines. Those with problems already are checked by themselves, because others could fail with them. */
  async function checkGroup(work: Claimed, records: readonly CsvRecord[], isTurnOver: () => boolean): Promise<ImportRow> {
    const known = await problemLines(work, records);
    const done = await check(
      work,
      records.filter(({ line }) => !known.has(line)),
    );
    for (const record of records.filter(({ line }) => known.has(line))) {
      const hasValues = widthProblem(record, work.terms.width) === null;
      const [one] = hasValues ? await check(work, [record]) : [];
      done.push({ record, result: "FAILED", problems: one?.problems ?? [] });
    }
    return asCreator(work, (tx) => record(tx, work.row, { done, last: records.at(-1), isTurnOver: isTurnOver() }));
  }

  /** Imports lines without known problems. */
  async function runGroup(work: Claimed, records: readonly CsvRecord[], isTurnOver: () => boolean): Promise<ImportRow> {
    const known = await problemLines(work, records);
    const failed = records.filter(({ line }) => known.has(line)).map((each): Done => ({ record: each, result: "FAILED", problems: [] }));
    const wanted = records.filter(({ line }) => !known.has(line));
    try {
      return await asCreator(work, async (tx) =>
        record(tx, work.row, { done: [...failed, ...(await importAll(work, tx, wanted))], last: records.at(-1), isTurnOver: isTurnOver() }),
      );
    } catch (error) {
      if (!(error instanceof RefusedAt)) throw error;
      if (records.length > 1) {
        let { row } = work;
        for (const each of records) row = await runGroup({ ...work, row }, [each], isTurnOver);
        return row;
      }
      const { problems } = error;
      const refused = records.map((each): Done => ({ record: each, result: "FAILED", problems }));
      return asCreator(work, (tx) => record(tx, work.row, { done: refused, last: records.at(-1), isTurnOver: isTurnOver() }));
    }
  }

  const problemLines = ({ row }: Claimed, records: readonly CsvRecord[]): Promise<Set<number>> =>
    inTenant(row.tenantId, (tx) => findProblemLines(tx, row.id, records[0]?.line ?? 0, records.at(-1)?.line ?? 0));

  /** Records lines that are done, in the transaction that imports them. */
  async function record(
    tx: Tx,
    row: ImportRow,
    { done, last, isTurnOver }: { readonly done: readonly Done[]; readonly last: CsvRecord | undefined; readonly isTurnOver: boolean },
  ): Promise<ImportRow> {
    const problems = done.flatMap(({ record: { line }, problems: found }) => found.map((problem) => ({ line, ...problem })));
    if (problems.length > 0) await insertProblems(tx, row, problems);
    const { nextOffset, nextLine } = last ?? row;
    const progress = { ...progressOf(row, done), nextOffset, nextLine };
    const after = await recordProgress(tx, row.id, { progress, isTurnOver });
    if (after === null) throw new Superseded();
    return after;
  }

  const recordsFrom = async ({ row, file }: Claimed): Promise<AsyncGenerator<CsvRecord>> => {
    if (row.nextOffset >= file.size) return (async function* none() {})();
    const bytes = await bytesOf(storage, file, { start: row.nextOffset, end: file.size - 1 });
    const from = { offset: row.nextOffset, line: row.nextLine };
    const records = readRecords(bytes, { separator: row.separator ?? ",", from, isChecked: true });
    // The header.
    if (row.nextOffset === 0) await records.next();
    return records;
  };

  /** Continues an import until its turn is over, or it ends. */
  async function goOn(work: Claimed, signal: AbortSignal): Promise<void> {
    const step = work.row.status === "CHECKING" ? checkGroup : runGroup;
    let { row } = work;
    const records = await recordsFrom(work);
    try {
      for (let isLast = false; !isLast;) {
        const group: CsvRecord[] = [];
        while (group.length < groupSize && !isLast) {
          const next = await records.next();
          if (next.done === true) isLast = true;
          else group.push(next.value);
        }
        if (group.length > 0) row = await step({ ...work, row }, group, () => signal.aborted);
        if (row.failedCount > maxFailed)
          throw new Ended(`More than ${maxFailed} lines have problems. Correct the file, and import it again.`);
        if (!isLast && signal.aborted) return;
      }
    } finally {
      await records.return(undefined);
    }
    await asCreator({ ...work, row }, async (tx) => {
      if (row.status === "CHECKING") await endCheck(tx, row.id);
      else await complete(tx, row, {});
    });
  }

  async function complete(tx: Tx, before: ImportRow, progress: Partial<Progress>): Promise<void> {
    const after = await endImport(tx, before.id, { ...progress, status: "COMPLETED", message: null });
    await writeAudit(tx, metaOf(before), [{ action: "import.complete", entityType: "import", entityId: before.id, before, after }]);
  }

  /** Imports all lines in one transaction. */
  async function importAtOnce(work: Claimed): Promise<void> {
    const { row } = work;
    try {
      await asCreator(work, async (tx) => {
        const done = await importAll(work, tx, await recordsFrom(work));
        await complete(tx, row, progressOf(row, done));
      });
    } catch (error) {
      if (!(error instanceof RefusedAt)) throw error;
      const { line } = error.record;
      const problems = error.problems.map((problem) => ({ line, ...problem }));
      throw new Ended(`Line ${line} was refused, so nothing was imported: ${error.problems[0]?.message ?? ""}`, problems);
    }
  }

  async function scan(work: Claimed): Promise<void> {
    const { problems, ...values } = await scanFile(storage, work);
    await asCreator(work, async (tx) => {
      await insertProblems(tx, work.row, problems);
      await recordScan(tx, work.row.id, values);
    });
  }

  async function take(row: ImportRow, signal: AbortSignal): Promise<void> {
    if (row.tries > maxTries) throw new Ended("The import could not be continued. Start it again, or ask the operator for the cause.");
    const work = await claimed(row);
    if (row.lineCount === null) await scan(work);
    else if (row.mode === "ALL_OR_NOTHING") await importAtOnce(work);
    else await goOn(work, signal);
  }

  async function fail(row: ImportRow, message: string, problems: readonly FoundProblem[] = []): Promise<void> {
    await inTenant(row.tenantId, async (tx) => {
      const after = await endImport(tx, row.id, { status: "FAILED", message });
      if (after === null) return;
      await insertProblems(tx, row, problems);
      await writeAudit(tx, metaOf(row), [{ action: "import.fail", entityType: "import", entityId: row.id, before: row, after }]);
    });
  }

  async function onFailure(row: ImportRow, error: unknown): Promise<void> {
    if (error instanceof Superseded) return;
    if (error instanceof Ended) return fail(row, error.message, error.problems);
    if (error instanceof UnreadableCsv || error instanceof LimitExceeded) return fail(row, error.message);
    await inTenant(row.tenantId, (tx) => retryImport(tx, row.id));
    const level = error instanceof ServiceUnavailable ? "warn" : "error";
    log[level]({ err: error, tenantId: row.tenantId, importId: row.id }, "an import failed, will be continued");
  }

  return {
    name: "imports",
    ...dueInTrueTime({ name: "Import", dueAt: listImports.importJobs.dueAt }),
    run: async (tenantId: string, _limit: number, signal: AbortSignal): Promise<number> => {
      const row = await inTenant(tenantId, claimImport);
      if (row === null) return 0;
      await take(row, signal).catch((error: unknown) => onFailure(row, error));
      wakeRelay(pubsub, log);
      return 1;
    },
  };
}

function progressOf(row: ImportRow, done: readonly Done[]): Omit<Progress, "nextOffset" | "nextLine"> {
  const count = (wanted: Done["result"]): number => done.filter(({ result }) => result === wanted).length;
  return {
    doneCount: row.doneCount + done.length,
    createdCount: row.createdCount + count("CREATED"),
    updatedCount: row.updatedCount + count("UPDATED"),
    skippedCount: row.skippedCount + count("SKIPPED"),
    failedCount: row.failedCount + count("FAILED"),
  };
}
