import { writeAudit } from "../audit/write.js";
import type { Services } from "../services/services.js";
import { asTenant } from "../db/as-tenant.js";
import type { Tx } from "../db/database.js";
import { ServiceUnavailable } from "@weft/shared/errors";
import { metaOfWork } from "../events/meta-of-work.js";
import type { WriteMeta } from "../events/write-meta.js";
import { meterUsage } from "../usage/meter.js";
import { clearFile, deleteFileRow, deleteUnattached, fileQueue, type FileRow, keepRejected, lockFile } from "./file.store.js";
import { isDrawable } from "./file-types.js";
import { previewSizes } from "./previews/preview-sizes.js";
import { rejectFile } from "./receive-upload.js";
import type { MalwareScanner } from "./scanner/scanner.js";
import { fileKey, type FileStorage, previewKey } from "./storage/file-storage.js";

/** Files whose work runs at the same time. */
const batch = 4;
/** Time until the next attempt while the scanner or the storage is down. */
const retryTime = "10 seconds";

type Parts = Pick<Services, "databases" | "keyring" | "log"> & {
  readonly storage: FileStorage;
  /** Absent if files are not scanned. */
  readonly scanner?: MalwareScanner | undefined;
};

/**
 * What happens to files by themselves, as a source of due work: scanning, expiry of uploads that were not completed or not attached, and deletion of the
 * bytes of deleted and rejected files. Work that was interrupted is repeated; each step can be.
 */
export function dueFiles(parts: Parts) {
  return {
    name: "files",
    ...fileQueue.searches,
    run: (tenantId: string, limit: number, signal: AbortSignal): Promise<number> =>
      fileQueue.takeTurn({ db: parts.databases.app, tenantId, limit, batch, signal }, (file) => workOn(parts, file)),
  };
}

const inTenant = <T>({ databases }: Parts, { tenantId }: FileRow, fn: (tx: Tx) => Promise<T>): Promise<T> =>
  asTenant(databases.app, { tenantId }, "write", fn);

/** Returns whether the work is done. */
async function workOn(parts: Parts, file: FileRow): Promise<boolean> {
  const { tenantId, id, status } = file;
  try {
    await doWork(parts, file);
    return true;
  } catch (error) {
    // The row stays due, so nothing is lost.
    await inTenant(parts, file, (tx) => fileQueue.postpone(tx, id, retryTime));
    const level = error instanceof ServiceUnavailable ? "warn" : "error";
    parts.log[level]({ err: error, tenantId, fileId: id, status }, "work on a file failed, will be retried");
    return false;
  }
}

function doWork(parts: Parts, file: FileRow): Promise<void> {
  switch (file.status) {
    case "SCANNING":
      return scan(parts, file);
    case "DELETED":
    case "REJECTED":
      return removeBytes(parts, file);
    default:
      return inTenant(parts, file, (tx) => deleteFile(tx, metaOf(parts, file), file.id));
  }
}

const metaOf = ({ keyring }: Parts, { tenantId }: FileRow): WriteMeta => metaOfWork("files", tenantId, keyring);

async function scan(parts: Parts, file: FileRow): Promise<void> {
  const { scanner, storage, log } = parts;
  const clear = (): Promise<void> => inTenant(parts, file, (tx) => clearFile(tx, file));
  // The scanner was switched off after the file had been received.
  if (scanner === undefined) return clear();
  const bytes = await storage.read(fileKey(file));
  if (bytes === null) throw new Error("The bytes of a received file are missing in the storage.");
  // A scan that fails does not read to the end, and the file would stay open.
  const { malware } = await scanner.scan(bytes).finally(() => bytes.destroy());
  if (malware === null) return clear();
  // Before the bytes are deleted: without them, the scan could not be repeated if the rejection failed.
  await inTenant(parts, file, (tx) => rejectFile(tx, metaOf(parts, file), file, `The file contains malware (${malware}).`));
  // If this fails, or the process ends here, the bytes are deleted when the rejected file is due.
  await storage.delete(fileKey(file)).catch((error: unknown) => {
    log.warn({ err: error, tenantId: file.tenantId, fileId: file.id }, "the bytes of a rejected file could not be deleted yet");
  });
}

async function removeBytes(parts: Parts, file: FileRow): Promise<void> {
  const { storage } = parts;
  for (let attempt = 1; attempt <= file.attempt; attempt++) await storage.delete(fileKey({ ...file, attempt }));
  // Whether or not they were recorded: a process that made them could have been killed.
  if (file.type !== null && isDrawable(file.type)) for (const size of previewSizes) await storage.delete(previewKey(file, size));
  await inTenant(parts, file, async (tx) => {
    await keepRejected(tx, file.id);
    await deleteFileRow(tx, file.id);
  });
}

/** Deletes a file that has no attachments, and releases its storage. A worker then deletes the bytes. Does nothing if it has attachments. */
export async function deleteFile(tx: Tx, meta: WriteMeta, id: string): Promise<void> {
  const file = await lockFile(tx, id);
  if (file === null || (await deleteUnattached(tx, id)) === null) return;
  await writeAudit(tx, meta, [{ action: "file.delete", entityType: "file", entityId: id, before: file, after: null }]);
  // That of a rejected file was released then.
  if (file.status !== "REJECTED") await meterUsage(tx, meta, [{ limit: "storageBytes", amount: -file.size }]);
}
