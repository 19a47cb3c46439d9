import { Readable } from "node:stream";
import type * as S3 from "@aws-sdk/client-s3";
import { z } from "zod";
import { MAX_RESULT_BYTES, type ParsedContext } from "../connector.js";
import { ConnectorError, errorOfFailure, errorOfStatus } from "../errors.js";

/** The most bytes of a list. A thousand entries with keys of a kilobyte fit. */
const MAX_LIST_BYTES = 2 * 1024 * 1024;

export const configurationSchema = z.object({
  endpoint: z.string().max(2000).optional().describe("URL of a compatible server. Omit it for Amazon S3."),
  region: z
    .string()
    .regex(/^[a-z0-9-]{1,40}$/)
    .describe("Region."),
  bucket: z
    .string()
    .regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/)
    .describe("Bucket."),
});
export type Configuration = z.infer<typeof configurationSchema>;

export const credentialsSchema = z.object({
  accessKeyId: z.string().min(1).max(200).describe("ID of the access key."),
  secretAccessKey: z.string().min(1).max(200).describe("Secret of the access key."),
});
export type Credentials = z.infer<typeof credentialsSchema>;
type Context = ParsedContext<Configuration, Credentials>;

export const endpointOf = ({ endpoint, region }: Configuration): string => endpoint ?? `https://s3.${region}.amazonaws.com`;

type Sdk = typeof S3;

/** The SDK signs requests and reads answers; the guarded client sends them. */
export async function withClient<T>(context: Context, run: (client: S3.S3Client, sdk: Sdk, bucket: string) => Promise<T>): Promise<T> {
  const { configuration, credentials } = context;
  const sdk = await import("@aws-sdk/client-s3");
  const ignore = (): void => undefined;
  const client = new sdk.S3Client({
    region: configuration.region,
    endpoint: endpointOf(configuration),
    forcePathStyle: true,
    credentials,
    maxAttempts: 1,
    logger: { debug: ignore, info: ignore, warn: ignore, error: ignore },
    requestChecksumCalculation: "WHEN_REQUIRED",
    responseChecksumValidation: "WHEN_REQUIRED",
    requestHandler: { handle: (request: unknown) => handle(context, request as SentRequest) } as never,
  });
  try {
    return await run(client, sdk, configuration.bucket);
  } catch (error) {
    throw errorOfS3(error);
  } finally {
    client.destroy();
  }
}

interface SentRequest {
  readonly method: "GET" | "PUT" | "HEAD";
  readonly protocol: string;
  readonly hostname: string;
  readonly port?: number;
  readonly path: string;
  readonly query?: Readonly<Record<string, string | readonly string[] | null>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | string;
}

async function handle({ outbound, signal, timeoutMs }: Context, request: SentRequest): Promise<unknown> {
  const { method, protocol, hostname, port, path, query = {}, headers, body } = request;
  const pairs = Object.entries(query).flatMap(([name, value]) =>
    [value].flat().map((one) => `${encodeStrictly(name)}=${encodeStrictly(String(one ?? ""))}`),
  );
  const url = `${protocol}//${hostname}${port === undefined ? "" : `:${port}`}${path}${pairs.length > 0 ? `?${pairs.join("&")}` : ""}`;
  // The client sets both by itself.
  const { host: _host, "content-length": _length, ...sent } = headers;
  const response = await outbound.request({
    url,
    method,
    headers: sent,
    ...(body !== undefined && method === "PUT" && { body }),
    timeoutMs,
    maxResponseBytes: Object.hasOwn(query, "list-type") ? MAX_LIST_BYTES : MAX_RESULT_BYTES,
    signal,
  });
  return {
    response: { statusCode: response.status, headers: response.headers, body: Readable.from([response.body], { objectMode: false }) },
  };
}

/** As signatures encode texts. */
const encodeStrictly = (text: string): string =>
  encodeURIComponent(text).replaceAll(/[!'()*]/g, (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`);

function errorOfS3(error: unknown): unknown {
  const failure = errorOfFailure(error, true);
  if (failure instanceof ConnectorError) return failure;
  const { $metadata, name, message } = error as Error & { readonly $metadata?: { readonly httpStatusCode?: number } };
  const status = $metadata?.httpStatusCode;
  if (status === undefined) return error;
  return errorOfStatus({ status, headers: {}, text: `${name} ${message}` }, true) ?? error;
}
