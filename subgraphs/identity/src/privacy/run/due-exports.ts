import { beginPart, deleteFile, fileKey, type FileRow } from "@weft/platform/files";
import { meterUsage } from "@weft/platform/usage";
import { exportQueue, postponePrivacyRequest, type PrivacyRequestRow, storeExportFile } from "../requests/privacy-request.store.js";
import { type PersonArchive, personArchive } from "./person-archive.js";
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

/** The file of an export was deleted. */
class FileGone extends Error {}

/** The texts of the archive are parts of the same file, which are deleted when it is written. */
async function writeExport(parts: PrivacyParts, row: PrivacyRequestRow, stopping: AbortSignal): Promise<void> {
  const { tenantId, personId, fileId: id } = row;
  const gone = (): Promise<void> => fail(parts, row, "The file of the export no longer exists. Start the export again.");
  if (id === null) return gone();
  const begin = async (): Promise<FileRow> => {
    const file = await inTenant(parts, row, (tx) => beginPart(tx, id));
    if (file === null) throw new FileGone();
    return file;
  };
  const written: number[] = [];
  const storePart = async (bytes: Buffer): Promise<number> => {
    const file = await begin();
    written.push(file.attempt);
    await parts.storage.write(fileKey(file), [bytes] as never, bytes.byteLength);
    return file.attempt;
  };
  const keepClaim = claimKeeper(parts, row, stopping);
  try {
    const archive = await personArchive(parts, { tenantId, personId, fileId: id }, { storePart, onPage: keepClaim });
    await storeArchive(parts, row, await begin(), { ...archive, bytes: whileKeeping(keepClaim, archive.bytes) });
  } catch (error) {
    if (!(error instanceof FileGone)) throw error;
    await gone();
  } finally {
    // If this fails, they are deleted with the file.
    for (const attempt of written) await parts.storage.delete(fileKey({ tenantId, id, attempt })).catch(() => undefined);
  }
}

async function storeArchive(
  parts: PrivacyParts,
  row: PrivacyRequestRow,
  file: FileRow,
  { size, bytes, sha256 }: PersonArchive,
): Promise<void> {
  await parts.storage.write(fileKey(file), bytes, size);
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

/** Returns what keeps the claim while an export is written. A shutdown does not wait for large exports: they start again in another worker. */
function claimKeeper(parts: PrivacyParts, row: PrivacyRequestRow, stopping: AbortSignal): () => Promise<void> {
  let extendedAt = performance.now();
  return async () => {
    stopping.throwIfAborted();
    if (performance.now() - extendedAt <= EXTEND_MS) return;
    extendedAt = performance.now();
    await inTenant(parts, row, (tx) => exportQueue.extend(tx, row.id));
  };
}

async function* whileKeeping(keepClaim: () => Promise<void>, bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const chunk of bytes) {
    await keepClaim();
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
