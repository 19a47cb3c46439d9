import { LimitExceeded, ServiceUnavailable } from "@weft/shared/errors";
import { encodeId } from "@weft/shared/ids";
import { writeAudit } from "@weft/platform/audit";
import { asTenant, type Tx } from "@weft/platform/db";
import { wakeRelay, type WriteMeta } from "@weft/platform/events";
import type { FileStorage } from "@weft/platform/files";
import { viewerOfUser } from "@weft/platform/rights";
import type { Services } from "@weft/platform/services";
import type { ImportedList } from "@weft/api/imports";
import type { Subgraph } from "@weft/api/subgraph";
import type { GraphQLSchema } from "graphql";
import type { ImportExisting, ImportList, ImportRow } from "../import.type.js";
import { mappedColumns, shapeOf } from "../targets.js";
import {
  asCreator,
  type ClaimedImport,
  ImportEnded,
  importLines,
  ImportSuperseded,
  progressOf,
  RefusedAt,
  remainingRecords,
} from "./claimed-import.js";
import { type CsvRecord, UnreadableCsv } from "./csv.js";
import type { LineTerms } from "./import-line.js";
import { checkGroup, importGroup } from "./line-group.js";
import {
  endCheck,
  endImport,
  findImportFile,
  type FoundProblem,
  importQueue,
  insertProblems,
  type Progress,
  recordScan,
} from "./run-import.store.js";
import { maxFailed, scanFile } from "./scan-file.js";

/** Lines of one transaction. */
const groupSize = 20;
/** Attempts without progress until an import fails. */
const maxTries = 10;
/** Time until the next attempt after a failure. A database interval. */
const retryTime = "5 seconds";

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

/**
 * Imports, as a source of due work. In each turn, a tenant's import is continued for a while. Some lines are imported in each transaction, which also
 * records how far the import is: a worker that is killed repeats only what was not committed. If one of them is refused, each is imported by itself. A
 * check does the same, and rolls the lines back.
 */
export function dueImports({ services, storage, lists }: Parts) {
  const { databases, log, pubsub } = services;
  const schemas: { [list in ImportList]?: GraphQLSchema } = {};
  const inTenant = <T>(tenantId: string, fn: (tx: Tx) => Promise<T>): Promise<T> => asTenant(databases.app, { tenantId }, "write", fn);

  async function claimed(row: ImportRow): Promise<ClaimedImport> {
    const { tenantId, createdBy: userId, sessionId } = row;
    const viewer = await viewerOfUser(databases.auth, { tenantId, userId, sessionId });
    if (viewer === null) throw new ImportEnded("The user who created the import is no longer active.");
    const decision = lists[row.list as ImportList].imported.rule.decide(viewer);
    if (decision !== true) throw new ImportEnded(decision.message);
    const file = await inTenant(tenantId, (tx) => findImportFile(tx, row.fileId));
    if (file?.status !== "STORED") throw new ImportEnded("The file has expired. Upload it again.");
    return { services, storage, row, file, viewer, terms: termsOf(row) };
  }

  function termsOf(row: ImportRow): LineTerms {
    const list = row.list as ImportList;
    const { imported, subgraph } = lists[list];
    const schema = (schemas[list] ??= subgraph().schema);
    const shape = shapeOf(schema, list, imported);
    const mapped = mappedColumns(shape, { columns: row.columns, mapping: row.mapping ?? [] });
    return { schema, imported, shape, onExisting: row.onExisting as ImportExisting, mapped, width: row.columns.length };
  }

  async function take(row: ImportRow, signal: AbortSignal): Promise<void> {
    if (row.tries > maxTries)
      throw new ImportEnded("The import could not be continued. Start it again, or ask the operator for the cause.");
    const work = await claimed(row);
    if (row.lineCount === null) await scan(work);
    else if (row.mode === "ALL_OR_NOTHING") await importAtOnce(work);
    else await continueImport(work, signal);
  }

  return {
    name: "imports",
    ...importQueue.searches,
    run: async (tenantId: string, _limit: number, signal: AbortSignal): Promise<number> => {
      const [row] = await inTenant(tenantId, (tx) => importQueue.claim(tx));
      if (!row) return 0;
      await take(row, signal).catch((error: unknown) => onFailure(services, row, error));
      wakeRelay(pubsub, log);
      return 1;
    },
  };
}

async function onFailure(services: Services, row: ImportRow, error: unknown): Promise<void> {
  if (error instanceof ImportSuperseded) return;
  if (error instanceof ImportEnded) return fail(services, row, error.message, error.problems);
  if (error instanceof UnreadableCsv || error instanceof LimitExceeded) return fail(services, row, error.message);
  const { databases, log } = services;
  const { tenantId, id } = row;
  await asTenant(databases.app, { tenantId }, "write", (tx) => importQueue.postpone(tx, id, retryTime));
  const level = error instanceof ServiceUnavailable ? "warn" : "error";
  log[level]({ err: error, tenantId, importId: id }, "an import failed, will be continued");
}

async function fail(services: Services, row: ImportRow, message: string, problems: readonly FoundProblem[] = []): Promise<void> {
  const { tenantId, id } = row;
  await asTenant(services.databases.app, { tenantId }, "write", async (tx) => {
    const after = await endImport(tx, id, { status: "FAILED", message });
    if (after === null) return;
    await insertProblems(tx, row, problems);
    await writeAudit(tx, metaOf(services, row), [{ action: "import.fail", entityType: "import", entityId: id, before: row, after }]);
  });
}

/** Reads the file once, to count its lines and to find those that cannot be read. */
async function scan(work: ClaimedImport): Promise<void> {
  const { problems, ...values } = await scanFile(work.storage, work);
  await asCreator(work, async (tx) => {
    await insertProblems(tx, work.row, problems);
    await recordScan(tx, work.row.id, values);
  });
}

/** Imports all lines in one transaction. */
async function importAtOnce(work: ClaimedImport): Promise<void> {
  const { services, row } = work;
  try {
    await asCreator(work, async (tx) => {
      const done = await importLines(work, tx, await remainingRecords(work));
      await complete(tx, services, row, progressOf(row, done));
    });
  } catch (error) {
    if (!(error instanceof RefusedAt)) throw error;
    const { line } = error.record;
    const problems = error.problems.map((problem) => ({ line, ...problem }));
    throw new ImportEnded(`Line ${line} was refused, so nothing was imported: ${error.problems[0]?.message ?? ""}`, problems);
  }
}

/** Continues an import until its turn is over, or it ends. */
async function continueImport(work: ClaimedImport, signal: AbortSignal): Promise<void> {
  const step = work.row.status === "CHECKING" ? checkGroup : importGroup;
  let { row } = work;
  const records = await remainingRecords(work);
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
        throw new ImportEnded(`More than ${maxFailed} lines have problems. Correct the file, and import it again.`);
      if (!isLast && signal.aborted) return;
    }
  } finally {
    await records.return(undefined);
  }
  await asCreator({ ...work, row }, async (tx) => {
    if (row.status === "CHECKING") await endCheck(tx, row.id);
    else await complete(tx, work.services, row, {});
  });
}

async function complete(tx: Tx, services: Services, before: ImportRow, progress: Partial<Progress>): Promise<void> {
  const after = await endImport(tx, before.id, { ...progress, status: "COMPLETED", message: null });
  await writeAudit(tx, metaOf(services, before), [{ action: "import.complete", entityType: "import", entityId: before.id, before, after }]);
}

const metaOf = ({ keyring }: Pick<Services, "keyring">, { tenantId, createdBy, sessionId, id }: ImportRow): WriteMeta => ({
  tenantId,
  actorId: createdBy,
  onBehalfOf: null,
  requestId: encodeId("import", id),
  sessionId,
  address: null,
  traceId: null,
  keyring,
});
