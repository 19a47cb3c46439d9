import type { SecretChanges } from "../config/sources/secret-changes.js";
import { openS3Client, type S3Config } from "../files/storage/s3-client.js";
import type { Logger } from "../logging/logger.js";
import type { CheckpointDestination } from "./destination.js";
import { type KeptCheckpoint, lineOf } from "./kept-checkpoint.js";

/** Requests at the same time. */
const CONCURRENCY = 8;

export interface BucketOptions {
  readonly bucket: S3Config;
  /** Days for which nobody can delete or replace an object, not even the owner of the account. 0: what the bucket sets. */
  readonly lockDays: number;
  readonly log: Pick<Logger, "warn">;
  readonly changes?: SecretChanges | undefined;
  readonly now?: () => Date;
}

/** An object per checkpoint. Places are padded with zeros, so that a list of the objects is in the order of the chain. */
export const objectKeyOf = ({ organization, sequence }: KeptCheckpoint): string =>
  `${organization}/${String(sequence).padStart(15, "0")}.json`;

/** Writes checkpoints to a bucket, and locks them there. The bucket needs Object Lock for that, or the server refuses them. */
export async function s3Destination({
  bucket,
  lockDays,
  log,
  changes,
  now = () => new Date(),
}: BucketOptions): Promise<CheckpointDestination> {
  const { sdk, client, close } = await openS3Client(bucket, log, changes);
  async function put(checkpoint: KeptCheckpoint, abortSignal: AbortSignal): Promise<void> {
    const until = new Date(now().getTime() + lockDays * 86_400_000);
    const input = {
      Bucket: bucket.bucket,
      Key: objectKeyOf(checkpoint),
      Body: lineOf(checkpoint),
      ContentType: "application/json",
      // Amazon requires a checksum with a lock.
      ChecksumAlgorithm: "SHA256" as const,
      // A worker that starts again repeats the newest one. In a locked bucket, each would be one more version for years.
      IfNoneMatch: "*",
      ...(lockDays > 0 && { ObjectLockMode: "COMPLIANCE" as const, ObjectLockRetainUntilDate: until }),
    };
    try {
      await client.send(new sdk.PutObjectCommand(input), { abortSignal });
    } catch (error) {
      if (!(error instanceof sdk.S3ServiceException && error.$metadata.httpStatusCode === 412)) throw error;
    }
  }
  return {
    name: "bucket",
    keep: async (checkpoints, signal) => {
      for (let start = 0; start < checkpoints.length; start += CONCURRENCY)
        await Promise.all(checkpoints.slice(start, start + CONCURRENCY).map((checkpoint) => put(checkpoint, signal)));
    },
    close,
  };
}
