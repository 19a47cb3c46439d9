import { z } from "zod";
import { type DefinedTrigger, defineTrigger, MAX_POLL_ITEMS } from "../connector.js";
import { ConnectorError } from "../errors.js";
import { type Configuration, type Credentials, withClient } from "./client.js";

/** Keys of one list, and the most lists of a start, which has to read all keys to find the last one. */
const KEYS_PER_LIST = 1000;
const MAX_LISTS = 100;

const inputSchema = z.object({
  prefix: z.string().max(1000).optional().describe("Prefix of the keys."),
  startAfter: z.string().max(1000).optional().describe("Key after which the first poll starts. Earlier objects are never returned."),
});
type Input = z.infer<typeof inputSchema>;

const itemSchema = z.object({
  key: z.string(),
  size: z.int().describe("Number of bytes."),
  modifiedAt: z.string().nullable(),
  etag: z.string().nullable(),
});

/** The key of the last object. */
const cursorSchema = z.object({ after: z.string() });
type Cursor = z.infer<typeof cursorSchema>;

/** Objects that were written since, by keys that grow: S3 lists objects in the order of their keys, and only in it. */
export const newObjects: DefinedTrigger<Configuration, Credentials> = defineTrigger<Input, Cursor, Configuration, Credentials>({
  key: "newObjects",
  description:
    "Notices new objects by their keys, which must grow: each object that is written later has a greater key, for example one that begins with the time.",
  input: inputSchema,
  item: itemSchema,
  cursor: cursorSchema,
  start: (context, { prefix, startAfter }) =>
    withClient(context, async (client, { ListObjectsV2Command }, Bucket) => {
      let after = startAfter;
      for (let lists = 0; lists < MAX_LISTS; lists++) {
        const list = await client.send(new ListObjectsV2Command({ Bucket, Prefix: prefix, MaxKeys: KEYS_PER_LIST, StartAfter: after }));
        after = list.Contents?.at(-1)?.Key ?? after;
        if (list.IsTruncated !== true) return after === undefined ? null : { after };
      }
      const known = (MAX_LISTS * KEYS_PER_LIST).toLocaleString("en");
      throw new ConnectorError("PERMANENT", `There are more than ${known} objects. Use a longer prefix, or a later key as startAfter.`);
    }),
  poll: (context, { prefix, startAfter }, cursor) =>
    withClient(context, async (client, { ListObjectsV2Command }, Bucket) => {
      const list = await client.send(
        new ListObjectsV2Command({ Bucket, Prefix: prefix, MaxKeys: MAX_POLL_ITEMS, StartAfter: cursor?.after ?? startAfter }),
      );
      const after = cursor?.after ?? startAfter;
      // Some services ignore the number of keys, or the key after which the list begins.
      const later = (list.Contents ?? []).filter(
        ({ Key = "" }) => after === undefined || Buffer.compare(Buffer.from(Key), Buffer.from(after)) > 0,
      );
      if (later.length === 0 && list.IsTruncated === true)
        throw new ConnectorError("PERMANENT", `The service does not list objects after the key ${JSON.stringify(after ?? "")}.`);
      const objects = later.slice(0, MAX_POLL_ITEMS);
      const last = objects.at(-1)?.Key;
      const items = objects
        // Consoles show an empty object with such a key as a folder.
        .filter(({ Key = "" }) => !Key.endsWith("/"))
        .map(({ Key = "", Size = 0, LastModified, ETag }) => ({
          id: Key,
          data: { key: Key, size: Size, modifiedAt: LastModified?.toISOString() ?? null, etag: ETag ?? null },
        }));
      return {
        items,
        cursor: last === undefined ? cursor : { after: last },
        hasMore: list.IsTruncated === true || objects.length < later.length,
      };
    }),
});
