import { createHash } from "node:crypto";
import { BadUserInput, LimitExceeded, ServiceUnavailable } from "@weft/shared/errors";
import { encodeId, newId } from "@weft/shared/ids";
import { type Permission, reachesAll, type Viewer } from "@weft/shared/viewer";
import { writeAudit } from "@weft/platform/audit";
import { effectiveConfigOf } from "@weft/platform/configuration";
import { asTenant, type Tx } from "@weft/platform/db";
import { metaOfWork, wakeRelay, type WriteMeta } from "@weft/platform/events";
import { deleteFile, fileKey, type FileStorage, insertFile } from "@weft/platform/files";
import { viewerOfUser } from "@weft/platform/rights";
import type { Services } from "@weft/platform/services";
import { meterUsage } from "@weft/platform/usage";
import type { Subgraph } from "@weft/api/subgraph";
import { removeReport } from "../deletion.js";
import { type ComplianceReportKind, reportKinds } from "../kinds/kinds.js";
import { type RenderedFile, renderReport } from "../rendering/render.js";
import type { ComplianceReportFormat, ComplianceReportRow } from "../report.type.js";
import { stopSchedule } from "../schedules/stop-schedule.js";
import { startSignOff } from "../sign-off/sign-off.js";
import { ReportDelayed, ReportRefused } from "./reader.js";
import type { ReadSubgraph, ReportDocument } from "./report-document.js";
import {
  endReport,
  extendClaim,
  insertReportFiles,
  keepReportFile,
  lockRunningReport,
  pastReportQueue,
  releaseClaim,
  reportQueue,
} from "./run-report.store.js";
import { writeReport } from "./write-report.js";

/** Attempts until a report fails. */
const maxTries = 5;
/** Seconds until the second attempt. Each further one waits six times as long, so that a failure of an hour ends no report. */
const retrySeconds = 10;
/** Time after which a report fails. Until then, it keeps its snapshot of the database. */
const maxMs = 600_000;
/** Time between two signs of life. A fraction of the claim. */
const aliveMs = 30_000;

/** The creator can no longer create the report, nor those that follow. */
class CreatorRefused extends ReportRefused {}

interface Parts {
  readonly services: Services;
  readonly storage: FileStorage;
  /** Build the subgraphs that are read. Called for the first report. */
  readonly subgraphs: Readonly<Record<ReadSubgraph, () => Subgraph>>;
}

/** A file whose bytes are in the storage. */
interface StoredFile extends RenderedFile {
  readonly id: string;
  readonly sha256: string;
}

/** Compliance reports to delete by age, as a source of due work. */
export function duePastReports({ databases, keyring }: Pick<Services, "databases" | "keyring">) {
  return {
    name: "pastComplianceReports",
    ...pastReportQueue.searches,
    run: (tenantId: string, limit: number, signal: AbortSignal): Promise<number> =>
      pastReportQueue.takeTurn({ db: databases.app, tenantId, limit, batch: 1, signal }, async (row) => {
        await asTenant(databases.app, { tenantId }, "write", (tx) =>
          removeReport(tx, metaOfWork("complianceReports", tenantId, keyring), row),
        );
        return true;
      }),
  };
}

/**
 * Compliance reports to make, as a source of due work. A report is made as a whole: if a worker is killed, another one starts it again, and the files that were
 * stored expire.
 */
export function dueReports(parts: Parts) {
  const worker = new ReportWorker(parts);
  return {
    name: "complianceReports",
    ...reportQueue.searches,
    // A report reads one snapshot, so it cannot be continued in another turn.
    run: (tenantId: string): Promise<number> => worker.doNext(tenantId),
    /** Ends the report in progress. It will be made again. */
    abandon: (): void => worker.abandon(),
  };
}

class ReportWorker {
  readonly #services: Services;
  readonly #storage: FileStorage;
  readonly #subgraphs: Parts["subgraphs"];
  readonly #stopping = new AbortController();

  constructor({ services, storage, subgraphs }: Parts) {
    this.#services = services;
    this.#storage = storage;
    this.#subgraphs = {
      identity: buildOnce(subgraphs.identity),
      workflows: buildOnce(subgraphs.workflows),
      audit: buildOnce(subgraphs.audit),
    };
  }

  /** Makes the tenant's report that has waited longest. Returns how many there were. */
  async doNext(tenantId: string): Promise<number> {
    const [row] = await this.#inTenant(tenantId, (tx) => reportQueue.claim(tx));
    if (row === undefined) return 0;
    await this.#makeOrRelease(row);
    return 1;
  }

  abandon(): void {
    this.#stopping.abort();
  }

  #inTenant<T>(tenantId: string, fn: (tx: Tx) => Promise<T>): Promise<T> {
    return asTenant(this.#services.databases.app, { tenantId }, "write", fn);
  }

  /** Without a session: the creator need not be there. */
  #metaOf({ tenantId, createdBy, id }: ComplianceReportRow): WriteMeta {
    const requestId = encodeId("complianceReport", id);
    const { keyring } = this.#services;
    return { tenantId, actorId: createdBy, onBehalfOf: null, requestId, sessionId: null, address: null, traceId: null, keyring };
  }

  async #makeOrRelease(row: ComplianceReportRow): Promise<void> {
    const stored: StoredFile[] = [];
    try {
      await this.#make(row, stored);
    } catch (error) {
      await this.#discard(row, stored);
      await this.#onFailure(row, error);
    }
  }

  /** @param stored gets the files as they are stored */
  async #make(row: ComplianceReportRow, stored: StoredFile[]): Promise<void> {
    if (row.tries > maxTries) throw new ReportRefused("The report could not be made. Create it again, or ask the operator for the cause.");
    const viewer = await this.#viewerOf(row);
    const signOfLife = this.#signsOfLife(row);
    const document = await this.#write(row, viewer, signOfLife);
    for await (const file of renderReport(document, row.formats as ComplianceReportFormat[])) {
      stored.push(await this.#store(row, file));
      await signOfLife();
    }
    await this.#complete(row, viewer, { document, files: stored });
    wakeRelay(this.#services.pubsub, this.#services.log);
  }

  /** Returns the creator with their present rights. @throws CreatorRefused if these no longer suffice: the report would be incomplete, not empty */
  async #viewerOf({ tenantId, createdBy: userId, sessionId, kind }: ComplianceReportRow): Promise<Viewer> {
    const viewer = await viewerOfUser(this.#services.databases.auth, { tenantId, userId, sessionId });
    if (viewer === null) throw new CreatorRefused("The user who created the report is no longer active.");
    const needed: readonly Permission[] = [
      "complianceReport.read",
      "complianceReport.create",
      ...reportKinds[kind as ComplianceReportKind].requires,
    ];
    const missing = needed.filter((permission) => !reachesAll(viewer, permission));
    if (missing.length > 0)
      throw new CreatorRefused(`The user who created the report no longer has, in scope TENANT: ${missing.join(", ")}.`);
    return viewer;
  }

  async #write(row: ComplianceReportRow, viewer: Viewer, onAnswer: () => Promise<void>): Promise<ReportDocument> {
    const deadline = AbortSignal.timeout(maxMs);
    const signal = AbortSignal.any([this.#stopping.signal, deadline]);
    try {
      return await writeReport({ services: this.#services, subgraphs: this.#subgraphs, signal, onAnswer }, viewer, row);
    } catch (error) {
      if (!deadline.aborted) throw error;
      throw new ReportRefused(`The report took longer than ${maxMs / 60_000} minutes. Use a shorter period, or fewer permissions.`);
    }
  }

  /** Returns a function that extends the claim from time to time. */
  #signsOfLife(row: ComplianceReportRow): () => Promise<void> {
    let last = performance.now();
    return async () => {
      if (performance.now() - last < aliveMs) return;
      last = performance.now();
      // If this fails for long, another worker starts the report again, and this one's result is not recorded.
      await this.#inTenant(row.tenantId, (tx) => extendClaim(tx, row)).catch(() => undefined);
    };
  }

  /** Stores a file, which takes storage of the plan. It expires if the report is not completed. @throws LimitExceeded (`storageBytes`) */
  async #store(row: ComplianceReportRow, file: RenderedFile): Promise<StoredFile> {
    const { tenantId, createdBy } = row;
    const { name, mediaType, bytes } = file;
    const size = bytes.byteLength;
    const { id } = await this.#inTenant(tenantId, async (tx) => {
      const inserted = await insertFile(tx, { tenantId, id: newId(), name, size, declaredType: mediaType, attempt: 1, createdBy });
      await meterUsage(tx, this.#metaOf(row), [{ limit: "storageBytes", amount: size }]);
      return inserted;
    });
    await this.#storage.write(fileKey({ tenantId, id, attempt: 1 }), [bytes] as never, size);
    return { ...file, id, sha256: createHash("sha256").update(bytes).digest("hex") };
  }

  /** Deletes the files of an attempt that failed, and releases their storage. What cannot be deleted now expires. */
  async #discard(row: ComplianceReportRow, stored: readonly StoredFile[]): Promise<void> {
    if (stored.length === 0) return;
    await this.#inTenant(row.tenantId, async (tx) => {
      for (const { id } of stored) await deleteFile(tx, this.#metaOf(row), id);
    }).catch(() => undefined);
  }

  async #complete(row: ComplianceReportRow, viewer: Viewer, made: Made): Promise<void> {
    try {
      await this.#recordCompleted(row, made, (tx) => this.#startSignOff(tx, { row, viewer, made }));
    } catch (error) {
      // The definition does not fit, or is no longer published. The report is right without it.
      if (!row.requiresSignOff || !(error instanceof BadUserInput)) throw error;
      const message = `The sign-off did not start. ${error.problems.map((problem) => problem.message).join(" ")}`;
      await this.#recordCompleted(row, made, () => Promise.resolve({ signOffId: null, message }));
    }
  }

  async #startSignOff(tx: Tx, { row, viewer, made: { document, files } }: ToSign): Promise<SignOff> {
    if (!row.requiresSignOff) return { signOffId: null, message: null };
    const json = files.find(({ format }) => format === "JSON");
    const signed = { row, title: document.title, rowCount: rowsOf(document), sha256: json?.sha256 ?? "" };
    return { signOffId: await startSignOff(tx, { viewer, meta: this.#metaOf(row) }, signed), message: null };
  }

  /** Does nothing if the report is no longer this worker's. The files then expire. */
  async #recordCompleted(row: ComplianceReportRow, { document, files }: Made, signOff: (tx: Tx) => Promise<SignOff>): Promise<void> {
    const { tenantId, id: reportId } = row;
    const keptDays = await this.#keptDays(tenantId);
    await this.#inTenant(tenantId, async (tx) => {
      const before = await lockRunningReport(tx, row);
      if (before === null) return;
      for (const file of files) await keepReportFile(tx, file);
      const links = files.map(({ id: fileId, format, tableKey }, position) => ({ tenantId, reportId, position, format, tableKey, fileId }));
      await insertReportFiles(tx, links);
      const { snapshotAt } = document;
      const end = { status: "COMPLETED", snapshotAt, rowCount: rowsOf(document), keptDays, ...(await signOff(tx)) } as const;
      const after = await endReport(tx, reportId, end);
      // The chain of the audit log then shows whether a file was exchanged.
      const proof = files.map(({ id, format, sha256, bytes }) => ({ id: encodeId("file", id), format, sha256, size: bytes.byteLength }));
      await this.#record(tx, "complianceReport.complete", { before, after: after && { ...after, files: proof } });
    });
  }

  async #keptDays(tenantId: string): Promise<number> {
    return (await effectiveConfigOf(this.#services, tenantId)).retention.complianceReportDays;
  }

  async #fail(row: ComplianceReportRow, error: Error, message = error.message): Promise<void> {
    const keptDays = await this.#keptDays(row.tenantId);
    await this.#inTenant(row.tenantId, async (tx) => {
      const before = await lockRunningReport(tx, row);
      if (before === null) return;
      const after = await endReport(tx, row.id, { status: "FAILED", message, keptDays });
      await this.#record(tx, "complianceReport.fail", { before, after });
      // All further reports would fail, too.
      if (error instanceof CreatorRefused && row.scheduleId !== null)
        await stopSchedule(tx, metaOfWork("complianceReports", row.tenantId, this.#services.keyring), row.scheduleId, message);
    });
  }

  async #record(
    tx: Tx,
    action: string,
    { before, after }: { readonly before: ComplianceReportRow; readonly after: Readonly<Record<string, unknown>> | null },
  ): Promise<void> {
    await writeAudit(tx, this.#metaOf(before), [{ action, entityType: "complianceReport", entityId: before.id, before, after }]);
  }

  async #onFailure(row: ComplianceReportRow, error: unknown): Promise<void> {
    if (error instanceof ReportRefused || error instanceof LimitExceeded) return this.#fail(row, error);
    const isStopping = this.#stopping.signal.aborted;
    const isPassing = error instanceof ServiceUnavailable || error instanceof ReportDelayed;
    const seconds = isStopping ? 0 : retrySeconds * 6 ** (row.tries - 1);
    await this.#inTenant(row.tenantId, (tx) => releaseClaim(tx, row, { seconds, isGivenBack: isStopping }));
    const level = isStopping ? "info" : isPassing ? "warn" : "error";
    this.#services.log[level](
      { err: error, tenantId: row.tenantId, reportId: row.id },
      "a compliance report was not made, will be tried again",
    );
  }
}

/** What an attempt has made. */
interface Made {
  readonly document: ReportDocument;
  readonly files: readonly StoredFile[];
}

interface ToSign {
  readonly row: ComplianceReportRow;
  readonly viewer: Viewer;
  readonly made: Made;
}

type SignOff = Pick<ComplianceReportRow, "signOffId" | "message">;

const rowsOf = ({ tables }: ReportDocument): number => tables.reduce((sum, { rows }) => sum + rows.length, 0);

function buildOnce(build: () => Subgraph): () => Subgraph {
  let built: Subgraph | undefined;
  return () => (built ??= build());
}
