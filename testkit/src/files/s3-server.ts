import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";

/** A server that speaks the protocol of S3, with one bucket. Its members configure a client. */
export interface S3Server {
  readonly endpoint: string;
  readonly region: string;
  readonly bucket: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  stop(): Promise<void>;
}

interface S3rver {
  run(): Promise<AddressInfo>;
  close(): Promise<void>;
}

interface S3rverOptions {
  readonly address: string;
  readonly port: number;
  readonly silent: boolean;
  readonly allowMismatchedSignatures: boolean;
  readonly directory: string;
  readonly configureBuckets: readonly { readonly name: string }[];
}

// The package has no types.
const S3rver = createRequire(import.meta.url)("@20minutes/s3rver") as new (options: S3rverOptions) => S3rver;

const bucket = "weft-files";

/**
 * @param directory where the server keeps its objects
 * @param port fixed, for a server that comes back
 * @param allowMismatchedSignatures false for a client that sends no requests about the bucket itself
 */
export async function startS3Server(directory: string, port = 0, allowMismatchedSignatures = true): Promise<S3Server> {
  const server = new S3rver({
    address: "127.0.0.1",
    port,
    silent: true,
    directory,
    configureBuckets: [{ name: bucket }],
    // For requests about the bucket, the server computes the signature over a path without the slash at its end, which the AWS SDK sends.
    allowMismatchedSignatures,
  });
  const address = await server.run();
  return {
    endpoint: `http://127.0.0.1:${address.port}`,
    region: "us-east-1",
    bucket,
    // The only account that the server knows.
    credentials: { accessKeyId: "S3RVER", secretAccessKey: "S3RVER" },
    stop: () => server.close(),
  };
}
