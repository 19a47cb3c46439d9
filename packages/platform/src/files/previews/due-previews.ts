import type { Services } from "../../services/services.js";
import { asTenant } from "../../db/as-tenant.js";
import type { Tx } from "../../db/database.js";
import { ServiceUnavailable } from "@weft/shared/errors";
import { FairSemaphore } from "../../fairness/fair-semaphore.js";
import { fileQueue, type FileRow, lockFile } from "../file.store.js";
import { fileKey, type FileStorage, previewKey } from "../storage/file-storage.js";
import { completePreviews, previewQueue } from "./preview.store.js";
import type { MadePreview, PreviewMaker } from "./preview-maker.js";
import { previewSizes } from "./preview-sizes.js";

/** Time until the next attempt while the storage is down. */
const retryTime = "10 seconds";

type Parts = Pick<Services, "databases" | "log"> & {
  readonly storage: FileStorage;
  readonly maker: PreviewMaker;
};

/**
 * Previews of images, as a source of due work. An image of which none can be made has none, and remains available. Work that was interrupted is repeated.
 * While previews are being made, the bytes of a deleted file wait (`deleteUnattached`), so that no preview is written after they were deleted.
 */
export function duePreviews({ databases, log, storage, maker }: Parts) {
  const inTenant = <T>(tenantId: string, fn: (tx: Tx) => Promise<T>): Promise<T> => asTenant(databases.app, { tenantId }, "write", fn);

  /** Returns whether the work is done. */
  async function process(file: FileRow): Promise<boolean> {
    const about = { tenantId: file.tenantId, fileId: file.id };
    try {
      const previews = await previewsOf(file);
      for (const { size, bytes } of previews) await storage.write(previewKey(file, size), chunksOf(bytes), bytes.byteLength);
      const isRecorded = await inTenant(file.tenantId, (tx) => record(tx, file, previews));
      if (!isRecorded) for (const size of previewSizes) await storage.delete(previewKey(file, size));
      return true;
    } catch (error) {
      // The row stays due, so nothing is lost.
      await inTenant(file.tenantId, (tx) => previewQueue.postpone(tx, file.id, retryTime));
      log[error instanceof ServiceUnavailable ? "warn" : "error"]({ err: error, ...about }, "previews were not made, will be retried");
      return false;
    }
  }

  async function previewsOf(file: FileRow): Promise<readonly MadePreview[]> {
    const bytes = await storage.read(fileKey(file));
    const made = bytes === null ? { reason: "The bytes are missing in the storage." } : await maker.make(bytes, file.type ?? "");
    if ("previews" in made) return made.previews;
    log.warn({ tenantId: file.tenantId, fileId: file.id, type: file.type, reason: made.reason }, "an image has no previews");
    return [];
  }

  // One at a time: each holds an image in memory.
  const slot = new FairSemaphore({ size: 1, refusal: () => new ServiceUnavailable("image previews") });
  /** Returns whether the tenant's next image is done. Null if none is due. */
  const processNext = (tenantId: string): Promise<boolean | null> =>
    slot.run(tenantId, async () => {
      const [file] = await inTenant(tenantId, (tx) => previewQueue.claim(tx));
      return file ? process(file) : null;
    });

  return {
    name: "previews",
    ...previewQueue.searches,
    run: async (tenantId: string, limit: number, signal: AbortSignal): Promise<number> => {
      let done = 0;
      for (let taken = 0; taken < limit && !signal.aborted; taken++) {
        const isDone = await processNext(tenantId);
        if (isDone === null) break;
        if (isDone) done++;
      }
      return done;
    },
  };
}

/** Returns false if the file was deleted meanwhile. The deletion of its bytes has then waited. */
async function record(tx: Tx, { id }: FileRow, made: readonly MadePreview[]): Promise<boolean> {
  const file = await lockFile(tx, id);
  if (file?.status === "DELETED") await fileQueue.postpone(tx, id, "0 seconds");
  if (file?.status !== "STORED") return false;
  const previews = made.map(({ size, width, height, bytes }) => ({ size, width, height, bytes: bytes.byteLength }));
  await completePreviews(tx, id, previews);
  return true;
}

async function* chunksOf(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
