import { Readable } from "node:stream";
import type * as S3 from "@aws-sdk/client-s3";
import { z } from "zod";
import { type Connector, defineAction, defineConnector, MAX_RESULT_BYTES, type ParsedContext } from "../connector.js";
import { ConnectorError, errorOfFailure, errorOfStatus } from "../errors.js";
import { problemsOfUrl } from "../http/exchange.js";

const configurationSchema = z.object({
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
type Configuration = z.infer<typeof configurationSchema>;

const credentialsSchema = z.object({
  accessKeyId: z.string().min(1).max(200).describe("ID of the access key."),
  secretAccessKey: z.string().min(1).max(200).describe("Secret of the access key."),
});
type Credentials = z.infer<typeof credentialsSchema>;
type Context = ParsedContext<Configuration, Credentials>;

/** Without segments that a URL parser would remove: the key would be another one. */
const keySchema = z
  .string()
  .min(1)
  .max(1000)
  .refine((key) => !/(^|\/)\.{0,2}(\/|$)/.test(key), "A key has no empty segments, and none that are . or ..");

const encodings = z.enum(["TEXT", "BASE64"]);
const putSchema = z.object({
  key: keySchema.describe("Key of the object."),
  body: z.string().max(200_000).describe("Content."),
  encoding: encodings.optional().describe("How the content is written here; TEXT by default."),
  contentType: z
    .string()
    .max(200)
    .regex(/^[\w.+-]+\/[\w.+-]+(; ?[\w-]+=[\w.-]+)?$/)
    .optional()
    .describe("Media type."),
});
const getSchema = z.object({
  key: keySchema.describe("Key of the object."),
  encoding: encodings.optional().describe("How the content is returned; TEXT by default."),
});
const listSchema = z.object({
  prefix: z.string().max(1000).optional().describe("Prefix of the keys."),
  maxKeys: z.int().min(1).max(1000).optional().describe("Maximum number of keys; 100 by default."),
  startAfter: z.string().max(1000).optional().describe("Key after which the list starts."),
});

/** Objects in a bucket of Amazon S3 or a compatible server. */
export const s3Connector: Connector = defineConnector<Configuration, Credentials>({
  key: "S3",
  name: "S3",
  description: "Writes, reads and lists objects in a bucket of Amazon S3 or a compatible server.",
  configuration: configurationSchema,
  credentials: credentialsSchema,
  problemsOf: ({ configuration, ...allowing }) => problemsOfUrl(allowing, endpointOf(configuration), "configuration.endpoint"),
  destinationOf: (configuration) => endpointOf(configuration),
  actions: [
    defineAction<z.infer<typeof putSchema>, Configuration, Credentials>({
      key: "put",
      description: "Writes an object, and replaces one with the same key.",
      input: putSchema,
      output: z.object({ key: z.string(), etag: z.string().nullable() }),
      isIdempotent: () => true,
      run: (context, { key, body, encoding, contentType }) =>
        withClient(context, async (client, { PutObjectCommand }, Bucket) => {
          const Body = Buffer.from(body, encoding === "BASE64" ? "base64" : "utf8");
          const { ETag } = await client.send(
            new PutObjectCommand({ Bucket, Key: key, Body, ContentLength: Body.length, ContentType: contentType }),
          );
          return { key, etag: ETag ?? null };
        }),
    }),
    defineAction<z.infer<typeof getSchema>, Configuration, Credentials>({
      key: "get",
      description: "Reads the first 256 KiB of an object.",
      input: getSchema,
      output: z.object({
        key: z.string(),
        body: z.string(),
        contentType: z.string().nullable(),
        size: z.int().nullable(),
        isTruncated: z.boolean(),
      }),
      isIdempotent: () => true,
      run: (context, { key, encoding }) =>
        withClient(context, async (client, { GetObjectCommand }, Bucket) => {
          const { Body, ContentType, ContentLength } = await client.send(new GetObjectCommand({ Bucket, Key: key }));
          const bytes = Buffer.from((await Body?.transformToByteArray()) ?? []);
          const size = ContentLength ?? null;
          const body = bytes.toString(encoding === "BASE64" ? "base64" : "utf8");
          return { key, body, contentType: ContentType ?? null, size, isTruncated: size !== null && size > bytes.length };
        }),
    }),
    defineAction<z.infer<typeof listSchema>, Configuration, Credentials>({
      key: "list",
      description: "Lists keys, in their order.",
      input: listSchema,
      output: z.object({
        objects: z.array(z.object({ key: z.string(), size: z.int(), modifiedAt: z.string().nullable() })),
        hasMore: z.boolean(),
      }),
      isIdempotent: () => true,
      run: (context, { prefix, maxKeys = 100, startAfter }) =>
        withClient(context, async (client, { ListObjectsV2Command }, Bucket) => {
          const list = await client.send(new ListObjectsV2Command({ Bucket, Prefix: prefix, MaxKeys: maxKeys, StartAfter: startAfter }));
          const objects = (list.Contents ?? []).map(({ Key = "", Size = 0, LastModified }) => ({
            key: Key,
            size: Size,
            modifiedAt: LastModified?.toISOString() ?? null,
          }));
          return { objects, hasMore: list.IsTruncated ?? false };
        }),
    }),
  ],
  check: async (context) => {
    await withClient(context, async (client, { ListObjectsV2Command }, Bucket) =>
      client.send(new ListObjectsV2Command({ Bucket, MaxKeys: 1 })),
    );
  },
});

const endpointOf = ({ endpoint, region }: Configuration): string => endpoint ?? `https://s3.${region}.amazonaws.com`;

type Sdk = typeof S3;

/** The SDK signs requests and reads answers; the guarded client sends them. */
async function withClient<T>(context: Context, run: (client: S3.S3Client, sdk: Sdk, bucket: string) => Promise<T>): Promise<T> {
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
    maxResponseBytes: MAX_RESULT_BYTES,
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
