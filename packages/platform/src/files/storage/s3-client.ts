import type * as s3 from "@aws-sdk/client-s3";
import type { SecretChanges } from "../../config/sources/secret-changes.js";
import type { Logger } from "../../logging/logger.js";

export interface S3Config {
  /** Absent: Amazon S3 itself, in the region. */
  readonly endpoint?: string;
  readonly region: string;
  readonly bucket: string;
  /** Absent: from the environment, as the AWS SDK finds them (instance and container roles included). */
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

/** A client, and the module from which its commands are. */
export interface OpenS3Client {
  readonly sdk: typeof s3;
  readonly client: s3.S3Client;
  readonly close: () => void;
}

const ignore = (): void => undefined;

/** Opens a client of S3, which follows changes of its credentials. */
export async function openS3Client(
  { endpoint, region, credentials: initial }: Omit<S3Config, "bucket">,
  log: Pick<Logger, "warn">,
  changes?: SecretChanges,
): Promise<OpenS3Client> {
  let credentials = initial;
  const endChanges = changes?.onReplaced(["S3_ACCESS_KEY_ID", "S3_SECRET_ACCESS_KEY"], (values) => {
    const { S3_ACCESS_KEY_ID: accessKeyId = initial?.accessKeyId, S3_SECRET_ACCESS_KEY: secretAccessKey = initial?.secretAccessKey } =
      values;
    if (accessKeyId !== undefined && secretAccessKey !== undefined) credentials = { accessKeyId, secretAccessKey };
  });
  // Loading the SDK takes time and memory that installations with a local disk need not spend.
  const sdk = await import("@aws-sdk/client-s3");
  const client = new sdk.S3Client({
    region,
    ...(endpoint !== undefined && { endpoint, forcePathStyle: true }),
    // The SDK keeps what does not expire. With an end that has passed, it asks for each request.
    ...(initial && { credentials: async () => ({ ...(credentials ?? initial), ...(changes && { expiration: new Date(0) }) }) }),
    // Without one, the SDK writes warnings to the console. Its other messages repeat each command, or errors that are thrown.
    logger: { debug: ignore, info: ignore, warn: (...content: unknown[]) => log.warn({ content }, "the S3 client warns"), error: ignore },
    // Otherwise the SDK sends bodies in a format of its own, with a checksum at the end, that compatible servers do not all understand.
    requestChecksumCalculation: "WHEN_REQUIRED",
    responseChecksumValidation: "WHEN_REQUIRED",
  });
  const close = (): void => {
    endChanges?.();
    client.destroy();
  };
  return { sdk, client, close };
}
