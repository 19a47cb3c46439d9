import { deleteFile, fileKey } from "@weft/platform/files";
import { meterUsage } from "@weft/platform/usage";
import {
  beginExportFile,
  exportQueue,
  postponePrivacyRequest,
  type PrivacyRequestRow,
  storeExportFile,
} from "../requests/privacy-request.store.js";
import { personArchive } from "./person-archive.js";
import { complete, failedMessage, inTenant, lockClaimed, metaOf, type PrivacyParts, retryTime } from "./privacy-work.js";

/** Attempts until an export fails. */
const MAX_TRIES = 10;
/** Longest time between two attempts. Somebody waits for the file. */
const RETRY_MINUTES = 10;

/**
 * Exports of the data of people, as a source of due work. They do not wait for erasures, which can take hours.
 * @param stopping aborted when the worker stops
 */
export function dueExports(parts: PrivacyParts, stopping: AbortSignal) {
  return {
    name: "privacyExports",
    ...exportQueue.searches,
    run: (tenantId: string, limit: number, signal: AbortSignal): Promise<number> =>
      exportQueue.takeTurn({ db: parts.databases.app, tenantId, limit, batch: 1, signal }, (row) => workOn(parts, row, stopping)),
  };
}

/** Returns whether the work is done. */
async function workOn(parts: PrivacyParts, row: PrivacyRequestRow, stopping: AbortSignal): Promise<boolean> {
  const { tenantId, id, tries } = row;
  try {
    await writeExport(parts, row, stopping);
    return true;
  } catch (error) {
    const isStopping = stopping.aborted;
    if (!isStopping) parts.log.error({ err: error, tenantId, privacyRequest: id }, "an export of a person's data failed, will be retried");
    if (!isStopping && tries >= MAX_TRIES) await fail(parts, row, "The export could not be written. Ask the operator for the cause.");
    else
      await inTenant(parts, row, (tx) =>
        postponePrivacyRequest(
          tx,
          row,
          isStopping
            ? { message: null, interval: "0 seconds", tries: 0 }
            : { message: failedMessage, interval: retryTime(row, RETRY_MINUTES) },
        ),
      );
    return false;
  }
}

async function writeExport(parts: PrivacyParts, row: PrivacyRequestRow, stopping: AbortSignal): Promise<void> {
  const { tenantId, personId, fileId } = row;
  const file = fileId === null ? null : await inTenant(parts, row, (tx) => beginExportFile(tx, fileId));
  if (file === null) return fail(parts, row, "The file of the export no longer exists. Start the export again.");
  const { size, bytes, sha256 } = await personArchive(parts, { tenantId, personId });
  await parts.storage.write(fileKey(file), whileExtending(parts, row, { bytes, stopping }), size);
  const stored = { id: file.id, attempt: file.attempt, size, sha256: sha256() };
  const isStored = await inTenant(parts, row, async (tx) => {
    if ((await lockClaimed(tx, row)) === null || (await storeExportFile(tx, stored)) === null) return false;
    await complete(tx, parts, row, "privacyRequest.complete", { status: "COMPLETED", message: null });
    await meterUsage(tx, metaOf(parts, row), [{ limit: "storageBytes", amount: size }]);
    return true;
  });
  // Another worker has continued the export, or the file was deleted, for example because the person is erased. Nobody else would delete the bytes.
  if (!isStored) await parts.storage.delete(fileKey(file));
}

const EXTEND_MS = 60_000;

interface ReadBytes {
  readonly bytes: AsyncIterable<Uint8Array>;
  readonly stopping: AbortSignal;
}

/** Keeps the claim while the bytes of an export are read. A shutdown does not wait for large files: the export starts again in another worker. */
async function* whileExtending(parts: PrivacyParts, row: PrivacyRequestRow, { bytes, stopping }: ReadBytes): AsyncGenerator<Uint8Array> {
  let extendedAt = performance.now();
  for await (const chunk of bytes) {
    stopping.throwIfAborted();
    if (performance.now() - extendedAt > EXTEND_MS) {
      extendedAt = performance.now();
      await inTenant(parts, row, (tx) => exportQueue.extend(tx, row.id));
    }
    yield chunk;
  }
}

function fail(parts: PrivacyParts, row: PrivacyRequestRow, message: string): Promise<void> {
  return inTenant(parts, row, async (tx) => {
    const hasFailed = await complete(tx, parts, row, "privacyRequest.fail", { status: "FAILED", message });
    // Otherwise, another worker writes it.
    if (hasFailed && row.fileId !== null) await deleteFile(tx, metaOf(parts, row), row.fileId);
  });
}
