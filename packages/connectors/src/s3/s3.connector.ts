import { z } from "zod";
import { type Connector, defineAction, defineConnector } from "../connector.js";
import { problemsOfUrl } from "../http/exchange.js";
import { type Configuration, configurationSchema, type Credentials, credentialsSchema, endpointOf, withClient } from "./client.js";
import { newObjects } from "./new-objects.trigger.js";

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
  triggers: [newObjects],
  check: async (context) => {
    await withClient(context, async (client, { ListObjectsV2Command }, Bucket) =>
      client.send(new ListObjectsV2Command({ Bucket, MaxKeys: 1 })),
    );
  },
});
