import { BadUserInput, LimitExceeded, ServiceUnavailable } from "@weft/shared/errors";
import { encodeId } from "@weft/shared/ids";
import type { Viewer } from "@weft/shared/viewer";
import { writeAudit } from "@weft/platform/audit";
import { BlockHasher, type AuditExportFormat, blockSize, hashWithPart, signProof, writers } from "@weft/platform/audit-exports";
import { asTenant, type Tx } from "@weft/platform/db";
import type { WriteMeta } from "@weft/platform/events";
import { beginPart, deleteFile, fileKey, type FileRow, type FileStorage, growFile, joinedParts, storeFile } from "@weft/platform/files";
import { viewerOfUser } from "@weft/platform/rights";
import type { Services } from "@weft/platform/services";
import { meterUsage } from "@weft/platform/usage";
import { AuditEntryFilter } from "../../entries/audit-entry.list.js";
import type { AuditExportRow } from "../audit-export.type.js";
import { isForAll, readEntries } from "./read-entries.js";
import { auditExportQueue, endAuditExport, lockRunningAuditExport, type Progress, recordAuditPart } from "./run-audit-export.store.js";

/** Characters of a part, which is held in memory. */
const maxPart = 4_000_000;
/** Attempts without progress until an export fails. */
const maxTries = 10;
/** Time until the next attempt after a failure. A database interval. */
const retryTime = "5 seconds";

interface Parts {
  readonly services: Pick<Services, "databases" | "keyring" | "keys" | "log">;
  readonly storage: FileStorage;
}

/** An export that this worker is continuing, and its file, at the attempt that is this worker's. */
interface Claimed {
  readonly row: AuditExportRow;
  readonly file: FileRow;
}

/** What was read in a turn. */
interface Chunk {
  readonly bytes: Buffer;
  readonly progress: Progress;
  readonly isLast: boolean;
  /** Whether every entry of the range was read. */
  readonly isWhole: boolean;
}

/** It cannot be continued, and never will: the reason, for the user. */
class ExportRefused extends Error {}

/**
 * Exports of the audit trail, as a source of due work. In each turn, an export of a tenant is continued for a while: entries are read with the rights that
 * its creator has then, and are stored as a part of the file. A part and the place in the chain that it reaches are recorded together, so a worker that is
 * killed repeats only the part that it had not recorded. The last turn joins the parts, and signs what the file contains.
 */
export function dueAuditExports(parts: Parts) {
  const worker = new AuditExportWorker(parts);
  return {
    name: "auditExports",
    ...auditExportQueue.searches,
    run: (tenantId: string, _limit: number, signal: AbortSignal): Promise<number> => worker.continueNext(tenantId, signal),
  };
}

class AuditExportWorker {
  readonly #services: Parts["services"];
  readonly #storage: FileStorage;

  constructor({ services, storage }: Parts) {
    this.#services = services;
    this.#storage = storage;
  }

  /** Continues the tenant's export that has waited longest. Returns how many there were. */
  async continueNext(tenantId: string, signal: AbortSignal): Promise<number> {
    const claimed = await this.#inTenant(tenantId, async (tx) => {
      const [row] = await auditExportQueue.claim(tx);
      return row ? { row, file: await beginPart(tx, row.fileId) } : null;
    });
    if (claimed === null) return 0;
    await this.#take(claimed.row, claimed.file, signal).catch((error: unknown) => this.#onFailure(claimed.row, error));
    return 1;
  }

  #inTenant<T>(tenantId: string, fn: (tx: Tx) => Promise<T>): Promise<T> {
    return asTenant(this.#services.databases.app, { tenantId }, "write", fn);
  }

  #metaOf({ tenantId, createdBy, sessionId, id }: AuditExportRow): WriteMeta {
    const requestId = encodeId("auditExport", id);
    const { keyring } = this.#services;
    return { tenantId, actorId: createdBy, onBehalfOf: null, requestId, sessionId, address: null, traceId: null, keyring };
  }

  /** @throws ExportRefused if the rights of the export's creator are not those with which earlier entries were read */
  async #viewerOf({ tenantId, createdBy, sessionId }: AuditExportRow, rightsVersion: string | null): Promise<Viewer> {
    const viewer = await viewerOfUser(this.#services.databases.auth, { tenantId, userId: createdBy, sessionId });
    if (viewer === null) throw new ExportRefused("The user who started the export is no longer active.");
    if (rightsVersion !== null && viewer.rightsVersion !== rightsVersion)
      throw new ExportRefused("Your rights changed while the export was running. Start it again.");
    return viewer;
  }

  async #take(row: AuditExportRow, file: FileRow | null, signal: AbortSignal): Promise<void> {
    if (file === null) return this.#fail(row, "The export made no progress for a day.");
    if (row.tries > maxTries)
      return this.#fail(row, "The export could not be continued. Start it again, or ask the operator for the cause.");
    const chunk = await this.#readChunk(row, signal);
    return chunk.isLast ? this.#complete({ row, file }, chunk) : this.#addPart({ row, file }, chunk);
  }

  async #readChunk(row: AuditExportRow, signal: AbortSignal): Promise<Chunk> {
    const { header, lines } = writers[row.format as AuditExportFormat];
    const where = AuditEntryFilter.toSql(row.filter);
    const texts = row.parts.length === 0 ? [header()] : [];
    let { rowCount, sequence, rightsVersion }: Progress = row;
    for (let length = 0; ;) {
      const viewer = await this.#viewerOf(row, rightsVersion);
      const toRead = { viewer, keyring: this.#services.keyring, where, after: sequence, upTo: row.upToSequence };
      const read = await asTenant(this.#services.databases.app, viewer, "read", (tx) => readEntries(tx, toRead));
      const text = lines(read.rows);
      texts.push(text);
      length += text.length;
      rowCount += read.rows.length;
      ({ sequence } = read);
      ({ rightsVersion } = viewer);
      const isLast = sequence >= row.upToSequence;
      if (!isLast && !signal.aborted && length < maxPart) continue;
      const isWhole = row.filter === null && isForAll(viewer);
      return { bytes: Buffer.from(texts.join("")), progress: { rowCount, sequence, rightsVersion }, isLast, isWhole };
    }
  }

  async #addPart({ row, file }: Claimed, { bytes, progress }: Chunk): Promise<void> {
    await this.#storage.write(fileKey(file), [bytes] as never, bytes.byteLength);
    const part = { attempt: file.attempt, partsHash: hashWithPart(row.partsHash, bytes) };
    const isRecorded = await this.#record(row, file, bytes.byteLength, (tx) => recordAuditPart(tx, row, part, progress));
    if (!isRecorded) await this.#storage.delete(fileKey(file));
  }

  /** Writes the parts and what was read last to one file, and signs it. */
  async #complete(claimed: Claimed, { bytes, progress, isWhole }: Chunk): Promise<void> {
    const { row, file } = claimed;
    const hasher = new BlockHasher();
    await this.#storage.write(fileKey(file), this.#joined(claimed, bytes, hasher), file.size + bytes.byteLength);
    const hashes = hasher.end();
    const proof = await signProof(this.#services.keys.checkpoint, {
      tenant: row.tenantId,
      export: encodeId("auditExport", row.id),
      format: row.format as AuditExportFormat,
      exportedAt: new Date(row.createdAt).toISOString(),
      after: { sequence: row.afterSequence, hash: row.afterHash },
      upTo: { sequence: row.upToSequence, hash: row.upToHash },
      isWhole,
      filter: row.filter,
      entries: progress.rowCount,
      blockSize,
      size: hashes.size,
      sha256: hashes.sha256,
      blocks: [...hashes.blocks],
    });
    const isRecorded = await this.#record(row, file, bytes.byteLength, async (tx) => {
      await storeFile(tx, file.id, { type: writers[row.format as AuditExportFormat].mediaType, sha256: hashes.sha256 });
      return endAuditExport(tx, row.id, { status: "COMPLETED", proof, ...progress });
    });
    if (!isRecorded) return this.#storage.delete(fileKey(file));
    // If this fails, they are deleted with the file.
    for (const attempt of row.parts) await this.#storage.delete(fileKey({ ...file, attempt })).catch(() => undefined);
  }

  /** @throws ExportRefused if the parts are not those that were written: they would be signed as if they were */
  async *#joined({ row, file }: Claimed, last: Buffer, hasher: BlockHasher): AsyncGenerator<Uint8Array> {
    const onPart = (): Promise<void> => this.#inTenant(row.tenantId, (tx) => auditExportQueue.extend(tx, row.id));
    let [count, partsHash]: [number, string | null] = [0, null];
    for await (const content of joinedParts(this.#storage, { file, parts: row.parts, last, onPart })) {
      if (count++ < row.parts.length) partsHash = hashWithPart(partsHash, content);
      else if (partsHash !== row.partsHash) {
        const facts = { tenantId: row.tenantId, exportId: row.id, fileId: file.id };
        this.#services.log.error(facts, "the parts of an export of the audit trail were changed in the file storage");
        throw new ExportRefused("What was exported was changed in the file storage. Tell the operator, and start the export again.");
      }
      hasher.update(content);
      yield content;
    }
  }

  /** Records what was written. Returns false if the export was cancelled, or another worker has continued it. */
  #record(row: AuditExportRow, file: FileRow, bytes: number, write: (tx: Tx) => Promise<AuditExportRow | null>): Promise<boolean> {
    return this.#inTenant(row.tenantId, async (tx) => {
      const before = await lockRunningAuditExport(tx, row.id);
      if (before === null || (await growFile(tx, file, bytes)) === null) return false;
      const after = await write(tx);
      if (after?.status === "COMPLETED")
        await writeAudit(tx, this.#metaOf(row), [
          { action: "auditExport.complete", entityType: "auditExport", entityId: row.id, before, after },
        ]);
      await meterUsage(tx, this.#metaOf(row), [{ limit: "storageBytes", amount: bytes }]);
      return true;
    });
  }

  async #fail(row: AuditExportRow, message: string): Promise<void> {
    await this.#inTenant(row.tenantId, async (tx) => {
      const before = await lockRunningAuditExport(tx, row.id);
      if (before === null) return;
      const after = await endAuditExport(tx, row.id, { status: "FAILED", message });
      await writeAudit(tx, this.#metaOf(row), [{ action: "auditExport.fail", entityType: "auditExport", entityId: row.id, before, after }]);
      await deleteFile(tx, this.#metaOf(row), row.fileId);
    });
  }

  async #onFailure(row: AuditExportRow, error: unknown): Promise<void> {
    // The filter is read again, because fields can have been removed since.
    if (error instanceof ExportRefused || error instanceof LimitExceeded || error instanceof BadUserInput)
      return this.#fail(row, error.message);
    await this.#inTenant(row.tenantId, (tx) => auditExportQueue.postpone(tx, row.id, retryTime));
    const level = error instanceof ServiceUnavailable ? "warn" : "error";
    this.#services.log[level](
      { err: error, tenantId: row.tenantId, exportId: row.id },
      "an export of the audit trail failed, will be continued",
    );
  }
}
