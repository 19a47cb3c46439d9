import { Readable } from "node:stream";
import { ServiceUnavailable } from "@weft/shared/errors";
import type { SecretChanges } from "../../config/sources/secret-changes.js";
import type { Logger } from "../../logging/logger.js";
import type { FileStorage } from "./file-storage.js";
import { openS3Client, type S3Config } from "./s3-client.js";
import { SentBody } from "./sent-body.js";

const ignore = (): void => undefined;

/** Keys that one request deletes. */
const batch = 1_000;

/**
 * Keeps files in a bucket of Amazon S3 or a compatible server. The size of a file is known before its bytes, so each is one PUT whose body is passed
 * through: multipart uploads would hold parts in memory, and leave them behind when they are cut.
 */
export async function s3Storage(config: S3Config, log: Pick<Logger, "warn">, changes?: SecretChanges): Promise<FileStorage> {
  const { bucket } = config;
  const { sdk, client, close } = await openS3Client(config, log, changes);
  const reached = async <T>(run: () => Promise<T>): Promise<T> => {
    try {
      return await run();
    } catch (error) {
      throw new ServiceUnavailable("file storage", error);
    }
  };
  return {
    write: async (key, source, size, { onWritten = ignore } = {}) => {
      // The SDK neither notices that a body fails nor ends the request then, and the failure would end the process.
      const failed = new AbortController();
      const body = new SentBody({ source, onSent: onWritten }).once("error", (error) => failed.abort(error));
      try {
        const input = { Bucket: bucket, Key: key, Body: body, ContentLength: size };
        await client.send(new sdk.PutObjectCommand(input), { abortSignal: failed.signal });
      } catch (error) {
        // Amazon keeps nothing of a request that was cut, but some compatible servers do.
        await client.send(new sdk.DeleteObjectCommand({ Bucket: bucket, Key: key })).catch(() => undefined);
        if (failed.signal.aborted) throw failed.signal.reason;
        throw new ServiceUnavailable("file storage", error);
      } finally {
        body.destroy();
      }
    },
    read: async (key, range) => {
      try {
        const input = { Bucket: bucket, Key: key, ...(range && { Range: `bytes=${range.start}-${range.end}` }) };
        const { Body } = await client.send(new sdk.GetObjectCommand(input));
        if (!(Body instanceof Readable)) throw new Error("The storage answered without a body.");
        return Body;
      } catch (error) {
        if (error instanceof sdk.NoSuchKey) return null;
        throw new ServiceUnavailable("file storage", error);
      }
    },
    delete: async (key) => {
      await reached(() => client.send(new sdk.DeleteObjectCommand({ Bucket: bucket, Key: key })));
    },
    deleteTenant: (tenantId) =>
      reached(async () => {
        for (;;) {
          const list = await client.send(new sdk.ListObjectsV2Command({ Bucket: bucket, Prefix: `${tenantId}/`, MaxKeys: batch }));
          const found = (list.Contents ?? []).flatMap(({ Key }) => (Key === undefined ? [] : [{ Key }]));
          if (found.length === 0) return;
          const { Errors = [] } = await client.send(
            new sdk.DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects: found, Quiet: true } }),
          );
          if (Errors.length > 0) throw new Error(`${Errors.length} files could not be deleted: ${Errors[0]?.Message}`);
        }
      }),
    check: async () => {
      await reached(() => client.send(new sdk.HeadBucketCommand({ Bucket: bucket })));
    },
    close,
  };
}
