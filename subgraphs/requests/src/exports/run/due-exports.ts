import { createHash, type Hash } from "node:crypto";
import { BadUserInput, LimitExceeded, ServiceUnavailable } from "@weft/shared/errors";
import { encodeId } from "@weft/shared/ids";
import type { Viewer } from "@weft/shared/viewer";
import { writeAudit } from "@weft/platform/audit";
import { asTenant, type Tx } from "@weft/platform/db";
import type { WriteMeta } from "@weft/platform/events";
import { beginPart, deleteFile, fileKey, type FileRow, type FileStorage, growFile, joinedParts, storeFile } from "@weft/platform/files";
import { viewerOfUser } from "@weft/platform/rights";
import type { Services } from "@weft/platform/services";
import { meterUsage } from "@weft/platform/usage";
import type { Subgraph } from "@weft/api/subgraph";
import type { ExportFormat, ExportRow } from "../export.type.js";
import { formats } from "../format.js";
import { PageRefused, pageReader, type ReadPage } from "./read-page.js";
import { endExport, exportQueue, lockRunningExport, type Progress, recordPart } from "./run-export.store.js";

/** Characters of a part, which is held in memory. */
const maxPart = 4_000_000;
/** Attempts without progress until an export fails. */
const maxTries = 10;
/** Time until the next attempt after a failure. A database interval. */
const retryTime = "5 seconds";

interface Parts {
  readonly services: Services;
  readonly storage: FileStorage;
  /** Builds the subgraph that is read. Called for the first export. */
  readonly subgraph: () => Subgraph;
}

/** An export that this worker is continuing, and its file, at the attempt that is this worker's. */
interface Claimed {
  readonly row: ExportRow;
  readonly file: FileRow;
}

/** What was read in a turn. */
interface Chunk {
  readonly bytes: Buffer;
  readonly progress: Progress;
  readonly isLast: boolean;
}

/**
 * Exports, as a source of due work. In each turn, a tenant's export is continued for a while: pages are read with the rights that its creator has then, and
 * are stored as a part of the file. A part and the cursor of its last object are recorded together, so a worker that is killed repeats only the part that it
 * had not recorded. The last turn joins the parts.
 */
export function dueExports(parts: Parts) {
  const worker = new ExportWorker(parts);
  return {
    name: "exports",
    ...exportQueue.searches,
    run: (tenantId: string, _limit: number, signal: AbortSignal): Promise<number> => worker.continueNext(tenantId, signal),
  };
}

class ExportWorker {
  readonly #services: Services;
  readonly #storage: FileStorage;
  readonly #readPage: ReadPage;

  constructor({ services, storage, subgraph }: Parts) {
    let reader: ReadPage | undefined;
    this.#services = services;
    this.#storage = storage;
    this.#readPage = (...page) => (reader ??= pageReader(services, subgraph()))(...page);
  }

  /** Continues the tenant's export that has waited longest. Returns how many there were. */
  async continueNext(tenantId: string, signal: AbortSignal): Promise<number> {
    const claimed = await this.#inTenant(tenantId, async (tx) => {
      const [row] = await exportQueue.claim(tx);
      return row ? { row, file: await beginPart(tx, row.fileId) } : null;
    });
    if (claimed === null) return 0;
    await this.#take(claimed.row, claimed.file, signal).catch((error: unknown) => this.#onFailure(claimed.row, error));
    return 1;
  }

  #inTenant<T>(tenantId: string, fn: (tx: Tx) => Promise<T>): Promise<T> {
    return asTenant(this.#services.databases.app, { tenantId }, "write", fn);
  }

  #metaOf({ tenantId, createdBy, sessionId, id }: ExportRow): WriteMeta {
    const requestId = encodeId("export", id);
    const { keyring } = this.#services;
    return { tenantId, actorId: createdBy, onBehalfOf: null, requestId, sessionId, address: null, traceId: null, keyring };
  }

  /** @throws PageRefused if the rights of the export's creator are not those of the earlier pages */
  async #viewerOf({ tenantId, createdBy, sessionId }: ExportRow, rightsVersion: string | null): Promise<Viewer> {
    const viewer = await viewerOfUser(this.#services.databases.auth, { tenantId, userId: createdBy, sessionId });
    if (viewer === null) throw new PageRefused("The user who started the export is no longer active.");
    if (rightsVersion !== null && viewer.rightsVersion !== rightsVersion)
      throw new PageRefused("Your rights changed while the export was running. Start it again.");
    return viewer;
  }

  async #readChunk({ row }: Claimed, signal: AbortSignal): Promise<Chunk> {
    const { header, lines } = formats[row.format as ExportFormat];
    const texts = row.parts.length === 0 ? [header(row.columns)] : [];
    let { rowCount, lastCursor, rightsVersion }: Progress = row;
    for (let length = 0, isLast = false; ;) {
      const viewer = await this.#viewerOf(row, rightsVersion);
      const page = await this.#readPage(viewer, row, lastCursor);
      const text = lines(row.columns, page.objects);
      texts.push(text);
      length += text.length;
      rowCount += page.objects.length;
      lastCursor = page.endCursor ?? lastCursor;
      rightsVersion = viewer.rightsVersion;
      isLast = !page.hasNextPage;
      if (isLast || signal.aborted || length >= maxPart)
        return { bytes: Buffer.from(texts.join("")), progress: { rowCount, lastCursor, rightsVersion }, isLast };
    }
  }

  async #addPart({ row, file }: Claimed, { bytes, progress }: Chunk): Promise<void> {
    await this.#storage.write(fileKey(file), [bytes] as never, bytes.byteLength);
    const isRecorded = await this.#record(row, file, bytes.byteLength, (tx) => recordPart(tx, row, file.attempt, progress));
    if (!isRecorded) await this.#storage.delete(fileKey(file));
  }

  /** Writes the parts and what was read last to one file. */
  async #complete(claimed: Claimed, { bytes, progress }: Chunk): Promise<void> {
    const { row, file } = claimed;
    const hash = createHash("sha256");
    await this.#storage.write(fileKey(file), this.#joined(claimed, bytes, hash), file.size + bytes.byteLength);
    const sha256 = hash.digest("hex");
    const isRecorded = await this.#record(row, file, bytes.byteLength, async (tx) => {
      await storeFile(tx, file.id, { type: formats[row.format as ExportFormat].mediaType, sha256 });
      return endExport(tx, row.id, { status: "COMPLETED", message: null, ...progress });
    });
    if (!isRecorded) return this.#storage.delete(fileKey(file));
    // If this fails, they are deleted with the file.
    for (const attempt of row.parts) await this.#storage.delete(fileKey({ ...file, attempt })).catch(() => undefined);
  }

  async *#joined({ row, file }: Claimed, last: Buffer, hash: Hash): AsyncGenerator<Uint8Array> {
    const onPart = (): Promise<void> => this.#inTenant(row.tenantId, (tx) => exportQueue.extend(tx, row.id));
    for await (const content of joinedParts(this.#storage, { file, parts: row.parts, last, onPart })) {
      hash.update(content);
      yield content;
    }
  }

  /** Records what was written. Returns false if the export was cancelled, or another worker has continued it. */
  #record(row: ExportRow, file: FileRow, bytes: number, write: (tx: Tx) => Promise<ExportRow | null>): Promise<boolean> {
    return this.#inTenant(row.tenantId, async (tx) => {
      const before = await lockRunningExport(tx, row.id);
      if (before === null || (await growFile(tx, file, bytes)) === null) return false;
      const after = await write(tx);
      if (after?.status === "COMPLETED")
        await writeAudit(tx, this.#metaOf(row), [{ action: "export.complete", entityType: "export", entityId: row.id, before, after }]);
      await meterUsage(tx, this.#metaOf(row), [{ limit: "storageBytes", amount: bytes }]);
      return true;
    });
  }

  async #fail(row: ExportRow, message: string): Promise<void> {
    await this.#inTenant(row.tenantId, async (tx) => {
      const before = await lockRunningExport(tx, row.id);
      if (before === null) return;
      const after = await endExport(tx, row.id, { status: "FAILED", message });
      await writeAudit(tx, this.#metaOf(row), [{ action: "export.fail", entityType: "export", entityId: row.id, before, after }]);
      await deleteFile(tx, this.#metaOf(row), row.fileId);
    });
  }

  async #take(row: ExportRow, file: FileRow | null, signal: AbortSignal): Promise<void> {
    if (file === null) return this.#fail(row, "The export made no progress for a day.");
    if (row.tries > maxTries)
      return this.#fail(row, "The export could not be continued. Start it again, or ask the operator for the cause.");
    const claimed = { row, file };
    const chunk = await this.#readChunk(claimed, signal);
    return chunk.isLast ? this.#complete(claimed, chunk) : this.#addPart(claimed, chunk);
  }

  async #onFailure(row: ExportRow, error: unknown): Promise<void> {
    // The columns are checked again, because fields can have been removed since.
    if (error instanceof PageRefused || error instanceof LimitExceeded || error instanceof BadUserInput)
      return this.#fail(row, error.message);
    await this.#inTenant(row.tenantId, (tx) => exportQueue.postpone(tx, row.id, retryTime));
    const level = error instanceof ServiceUnavailable ? "warn" : "error";
    this.#services.log[level]({ err: error, tenantId: row.tenantId, exportId: row.id }, "an export failed, will be continued");
  }
}
