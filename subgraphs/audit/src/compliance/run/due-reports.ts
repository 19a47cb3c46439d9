import { createHash } from "node:crypto";
import { BadUserInput, LimitExceeded, ServiceUnavailable } from "@weft/shared/errors";
import { encodeId, newId } from "@weft/shared/ids";
import type { Viewer } from "@weft/shared/viewer";
import { writeAudit } from "@weft/platform/audit";
import { asTenant, type Tx } from "@weft/platform/db";
import { wakeRelay, type WriteMeta } from "@weft/platform/events";
import { fileKey, type FileStorage, insertFile } from "@weft/platform/files";
import { viewerOfUser } from "@weft/platform/rights";
import type { Services } from "@weft/platform/services";
import { meterUsage } from "@weft/platform/usage";
import type { Subgraph } from "@weft/api/subgraph";
import { type RenderedFile, renderReport } from "../rendering/render.js";
import type { ComplianceReportFormat, ComplianceReportRow } from "../report.type.js";
import { startSignOff } from "../sign-off.js";
import { ReportRefused } from "./reader.js";
import type { ReadSubgraph, ReportDocument } from "./report-document.js";
import { endReport, insertReportFiles, keepReportFile, lockRunningReport, reportQueue } from "./run-report.store.js";
import { writeReport } from "./write-report.js";

/** Attempts until a report fails. */
const maxTries = 5;
/** Time until the next attempt after a failure. A database interval. */
const retryTime = "10 seconds";
/** Time after which a report fails. Until then, it keeps its snapshot of the database. */
const maxMs = 600_000;
/** Time between two signs of life. A fraction of the claim. */
const aliveMs = 30_000;

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

/**
 * Compliance reports, as a source of due work. A report is made as a whole: if a worker is killed, another one starts it again, and the files that were
 * stored expire.
 */
export function dueReports(parts: Parts) {
  const worker = new ReportWorker(parts);
  return {
    name: "complianceReports",
    ...reportQueue.searches,
    // A report reads one snapshot, so it cannot be continued in another turn.
    run: (tenantId: string): Promise<number> => worker.makeNext(tenantId),
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
  async makeNext(tenantId: string): Promise<number> {
    const [row] = await this.#inTenant(tenantId, (tx) => reportQueue.claim(tx));
    if (row === undefined) return 0;
    await this.#make(row).catch((error: unknown) => this.#onFailure(row, error));
    return 1;
  }

  abandon(): void {
    this.#stopping.abort();
  }

  #inTenant<T>(tenantId: string, fn: (tx: Tx) => Promise<T>): Promise<T> {
    return asTenant(this.#services.databases.app, { tenantId }, "write", fn);
  }

  #metaOf({ tenantId, createdBy, sessionId, id }: ComplianceReportRow): WriteMeta {
    const requestId = encodeId("complianceReport", id);
    const { keyring } = this.#services;
    return { tenantId, actorId: createdBy, onBehalfOf: null, requestId, sessionId, address: null, traceId: null, keyring };
  }

  async #make(row: ComplianceReportRow): Promise<void> {
    if (row.tries > maxTries) throw new ReportRefused("The report could not be made. Create it again, or ask the operator for the cause.");
    const { tenantId, createdBy: userId, sessionId } = row;
    const viewer = await viewerOfUser(this.#services.databases.auth, { tenantId, userId, sessionId });
    if (viewer === null) throw new ReportRefused("The user who created the report is no longer active.");
    const document = await this.#write(row, viewer);
    const files = await renderReport(document, row.formats as ComplianceReportFormat[]);
    const stored: StoredFile[] = [];
    for (const file of files) stored.push(await this.#store(row, file));
    await this.#complete(row, viewer, { document, files: stored });
  }

  async #write(row: ComplianceReportRow, viewer: Viewer): Promise<ReportDocument> {
    const deadline = AbortSignal.timeout(maxMs);
    const signal = AbortSignal.any([this.#stopping.signal, deadline]);
    const options = { services: this.#services, subgraphs: this.#subgraphs, signal, onAnswer: this.#signsOfLife(row) };
    try {
      return await writeReport(options, viewer, row);
    } catch (error) {
      if (!deadline.aborted) throw error;
      throw new ReportRefused(`The report took longer than ${maxMs / 60_000} minutes. Use a shorter period, or fewer permissions.`);
    }
  }

  /** Returns a function that extends the claim from time to time. */
  #signsOfLife({ tenantId, id }: ComplianceReportRow): () => Promise<void> {
    let last = performance.now();
    return async () => {
      if (performance.now() - last < aliveMs) return;
      last = performance.now();
      // If this fails for long, another worker starts the report again, and this one's result is not recorded.
      await this.#inTenant(tenantId, (tx) => reportQueue.extend(tx, id)).catch(() => undefined);
    };
  }

  /** Stores a file. It expires if the report is not completed. */
  async #store({ tenantId, createdBy }: ComplianceReportRow, file: RenderedFile): Promise<StoredFile> {
    const { name, mediaType, bytes } = file;
    const values = { tenantId, id: newId(), name, size: bytes.byteLength, declaredType: mediaType, attempt: 1, createdBy };
    const { id } = await this.#inTenant(tenantId, (tx) => insertFile(tx, values));
    await this.#storage.write(fileKey({ tenantId, id, attempt: 1 }), [bytes] as never, bytes.byteLength);
    return { ...file, id, sha256: createHash("sha256").update(bytes).digest("hex") };
  }

  async #complete(
    row: ComplianceReportRow,
    viewer: Viewer,
    { document, files }: { readonly document: ReportDocument; readonly files: readonly StoredFile[] },
  ): Promise<void> {
    const { tenantId, id: reportId } = row;
    const meta = this.#metaOf(row);
    const amount = files.reduce((sum, { bytes }) => sum + bytes.byteLength, 0);
    const rowCount = document.tables.reduce((sum, { rows }) => sum + rows.length, 0);
    await this.#inTenant(tenantId, async (tx) => {
      const before = await lockRunningReport(tx, row);
      if (before === null) return;
      for (const file of files) await keepReportFile(tx, file);
      const links = files.map(({ id: fileId, format, tableKey }, position) => ({ tenantId, reportId, position, format, tableKey, fileId }));
      await insertReportFiles(tx, links);
      const { title, snapshotAt } = document;
      const signOffId = row.requiresSignOff ? await startSignOff(tx, { viewer, meta }, { row, title, rowCount }) : null;
      const after = await endReport(tx, reportId, { status: "COMPLETED", message: null, snapshotAt, rowCount, signOffId });
      await this.#record(tx, "complianceReport.complete", { before, after });
      await meterUsage(tx, meta, [{ limit: "storageBytes", amount }]);
    });
    wakeRelay(this.#services.pubsub, this.#services.log);
  }

  async #fail(row: ComplianceReportRow, message: string): Promise<void> {
    await this.#inTenant(row.tenantId, async (tx) => {
      const before = await lockRunningReport(tx, row);
      if (before === null) return;
      const after = await endReport(tx, row.id, { status: "FAILED", message });
      await this.#record(tx, "complianceReport.fail", { before, after });
    });
  }

  #record(tx: Tx, action: string, { before, after }: Record<"before" | "after", ComplianceReportRow | null>): Promise<void> {
    const row = before ?? after;
    if (row === null) return Promise.resolve();
    return writeAudit(tx, this.#metaOf(row), [{ action, entityType: "complianceReport", entityId: row.id, before, after }]);
  }

  async #onFailure(row: ComplianceReportRow, error: unknown): Promise<void> {
    if (error instanceof ReportRefused || error instanceof LimitExceeded) return this.#fail(row, error.message);
    // The definition of sign-offs does not fit.
    if (error instanceof BadUserInput) return this.#fail(row, error.problems.map(({ message }) => message).join(" "));
    await this.#inTenant(row.tenantId, (tx) => reportQueue.postpone(tx, row.id, retryTime));
    const level = error instanceof ServiceUnavailable ? "warn" : "error";
    this.#services.log[level]({ err: error, tenantId: row.tenantId, reportId: row.id }, "a compliance report failed, will be made again");
  }
}

function buildOnce(build: () => Subgraph): () => Subgraph {
  let built: Subgraph | undefined;
  return () => (built ??= build());
}
