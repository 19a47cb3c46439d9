import { writeAudit } from "../audit/write.js";
import type { FilesConfig } from "../config/config.js";
import type { Services } from "../services/services.js";
import { asTenant } from "../db/as-tenant.js";
import type { Databases, Tx } from "../db/database.js";
import { Conflict, NotFound, UploadRejected } from "@weft/shared/errors";
import { wakeWorkers } from "../pubsub/wake-workers.js";
import { encodeId } from "@weft/shared/ids";
import type { Viewer } from "@weft/shared/viewer";
import type { WriteMeta } from "../events/write-meta.js";
import { meterUsage } from "../usage/meter.js";
import { beginAttempt, completeAttempt, type FileRow, lockFile, rejectFileRow } from "./file.store.js";
import { inspectBytes } from "./inspect-bytes.js";
import { releaseBytes } from "./release-bytes.js";
import { fileKey, type FileStorage } from "./storage/file-storage.js";

export type ReceivingServices = Pick<Services, "pubsub" | "log"> & {
  readonly databases: Pick<Databases, "app">;
  readonly files: Pick<FilesConfig, "types" | "clamdUrl">;
  readonly storage: FileStorage;
};

export interface UploadedBytes {
  /** UUID */
  readonly fileId: string;
  readonly source: AsyncIterable<Uint8Array>;
}

/**
 * Receives the bytes of an upload that the viewer created. Nothing is held in memory, and no transaction is open meanwhile. A cut transfer leaves the
 * upload as it was, and the bytes can be sent again. Of concurrent transfers, the one that began last can succeed.
 * @throws NotFound if the viewer has no such upload, or it no longer awaits bytes, UploadRejected, Conflict, ServiceUnavailable
 */
export async function receiveUpload(
  services: ReceivingServices,
  { viewer, meta }: { readonly viewer: Viewer; readonly meta: WriteMeta },
  { fileId, source }: UploadedBytes,
): Promise<FileRow> {
  const { storage, files } = services;
  const inTenant = <T>(fn: (tx: Tx) => Promise<T>): Promise<T> => asTenant(services.databases.app, viewer, "write", fn);
  const file = await inTenant((tx) => beginAttempt(tx, fileId, viewer.userId));
  if (file === null) throw new NotFound("upload", encodeId("file", fileId));
  // What a killed process left of the attempt before.
  if (file.attempt > 1) await storage.delete(fileKey({ ...file, attempt: file.attempt - 1 }));
  const key = fileKey(file);
  const inspection = inspectBytes(source, file, new Set(files.types));
  // If this fails too, the bytes are deleted with the file's row.
  const discard = (): Promise<void> =>
    storage.delete(key).catch((failure: unknown) => services.log.warn({ err: failure, key }, "bytes of a failed upload were not deleted"));
  try {
    await storage.write(key, inspection.chunks(), file.size, { onWritten: releaseBytes });
  } catch (error) {
    await discard();
    if (error instanceof UploadRejected && error.isFinal) await inTenant((tx) => rejectFile(tx, meta, file, error.message));
    throw error;
  }
  const nextStatus = files.clamdUrl === undefined ? "STORED" : "SCANNING";
  const complete = async (tx: Tx): Promise<FileRow | null> => {
    const row = await completeAttempt(tx, { ...file, ...inspection.result(), nextStatus });
    if (row) await writeAudit(tx, meta, [{ action: "file.upload", entityType: "file", entityId: fileId, before: file, after: row }]);
    return row;
  };
  const stored = await inTenant(complete).catch(async (error: unknown) => {
    // The transaction can have committed although its answer was lost. The lock waits for its end. If this fails too, the bytes remain: either they
    // belong to the file, or they are deleted with its row.
    const row = await inTenant((tx) => lockFile(tx, fileId)).catch(() => undefined);
    if (row !== undefined && hasCompleted(row, file)) return row;
    if (row !== undefined) await discard();
    throw error;
  });
  if (stored === null) {
    await discard();
    throw new Conflict("The bytes of this upload were sent again meanwhile, or it has expired.");
  }
  if (nextStatus === "SCANNING" || stored.previewsDueAt !== null) await wakeWorkers(services);
  return stored;
}

/** Whether the attempt has stored the bytes of the file. */
const hasCompleted = (row: FileRow | null, { attempt }: FileRow): row is FileRow => row?.attempt === attempt && row.storedAt !== null;

/** Rejects a file for its content, and releases its storage. Its bytes must have been deleted. Does nothing if the attempt has been superseded. */
export async function rejectFile(tx: Tx, meta: WriteMeta, file: FileRow, reason: string): Promise<void> {
  const rejected = await rejectFileRow(tx, file, reason);
  if (rejected === null) return;
  await writeAudit(tx, meta, [{ action: "file.reject", entityType: "file", entityId: file.id, before: file, after: rejected }]);
  await meterUsage(tx, meta, [{ limit: "storageBytes", amount: -file.size }]);
}
