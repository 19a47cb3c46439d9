import { createHash } from "node:crypto";
import type { OutboundResponse } from "@weft/platform/outbound";
import { z } from "zod";
import { type DefinedTrigger, defineTrigger, MAX_POLL_ITEMS, type ParsedContext, type PolledItem } from "../connector.js";
import { ConnectorError } from "../errors.js";
import { type Authentication, headersSchema, resultOf } from "./exchange.js";

/** The most items of a response. */
const MAX_LISTED = 1000;
/** The most items that are remembered. More than a response can have: an item that is still listed must not be forgotten. */
const MAX_SEEN = 2000;

const pointerSchema = z
  .string()
  .max(500)
  .regex(/^(\/([^~/]|~[01])*)*$/, "Expected a JSON Pointer, such as /data/items");

export const pathAndQuerySchemas = {
  path: z.string().max(2000).optional().describe("Path below the base URL."),
  query: z
    .record(z.string().max(100), z.union([z.string().max(2000), z.number(), z.boolean()]))
    .optional()
    .describe("Parameters of the URL."),
  headers: headersSchema.optional().describe("Further headers."),
};

const inputSchema = z.object({
  ...pathAndQuerySchemas,
  items: pointerSchema.optional().describe("JSON Pointer to the array of items, such as `/data/items`. The whole response by default."),
  id: pointerSchema.optional().describe("JSON Pointer to the ID, a text or a number, in an item; `/id` by default."),
});
type Input = z.infer<typeof inputSchema>;

const cursorSchema = z.object({
  /** Of the last response, if all of its items were returned. */
  etag: z.string().nullable(),
  /** Hashes of the IDs of items that were returned, the latest last. */
  seen: z.array(z.string()),
});
type Cursor = z.infer<typeof cursorSchema>;

type Send<Configuration> = (
  context: ParsedContext<Configuration, Authentication>,
  request: Pick<Input, "path" | "query" | "headers">,
) => Promise<OutboundResponse>;

/** Items of a list that were not in it yet. @param send sends a GET request, and accepts 304 */
export const newItems = <Configuration>(send: Send<Configuration>): DefinedTrigger<Configuration, Authentication> => {
  const poll = async (context: ParsedContext<Configuration, Authentication>, input: Input, cursor: Cursor | null, maxItems: number) => {
    const etag = cursor?.etag ?? null;
    const response = await send(context, { ...input, headers: { ...input.headers, ...(etag !== null && { "if-none-match": etag }) } });
    if (response.status === 304 && cursor !== null) return { items: [], cursor, hasMore: false };
    const listed = itemsOf(response, input);
    const known = new Set(cursor?.seen);
    const fresh = [...listed].filter(([hash]) => !known.has(hash));
    const taken = fresh.slice(0, maxItems);
    const hasMore = taken.length < fresh.length;
    const stillListed = (hash: string): boolean => listed.has(hash);
    const before = [...known];
    // Those that are still listed are the last to be forgotten.
    const seen = [...before.filter((hash) => !stillListed(hash)), ...before.filter(stillListed), ...taken.map(([hash]) => hash)];
    return {
      items: taken.map(([, item]) => item),
      cursor: { etag: hasMore ? null : etagOf(response), seen: seen.slice(-MAX_SEEN) },
      hasMore,
    };
  };
  return defineTrigger<Input, Cursor, Configuration, Authentication>({
    key: "newItems",
    description: "Notices new items of a list that the service returns as JSON, by their IDs.",
    input: inputSchema,
    item: z.unknown().describe("The item, as the service returned it."),
    cursor: cursorSchema,
    start: async (context, input) => (await poll(context, input, null, MAX_LISTED)).cursor,
    poll: (context, input, cursor) => poll(context, input, cursor, MAX_POLL_ITEMS),
  });
};

/** Returns the items of a response by the hash of their ID, in their order. */
function itemsOf(response: OutboundResponse, { items: pointer = "", id: idPointer = "/id" }: Input): Map<string, PolledItem> {
  const { body, isTruncated } = resultOf(response);
  if (isTruncated)
    throw new ConnectorError(
      "PERMANENT",
      "The response has more than 256 KiB. Ask for fewer items, for example with parameters of the URL.",
    );
  const list = valueAt(body, pointer);
  if (!Array.isArray(list))
    throw new ConnectorError("PERMANENT", `The response has no array at ${JSON.stringify(pointer)}, or is not declared as JSON.`);
  if (list.length > MAX_LISTED) throw new ConnectorError("PERMANENT", `The response has more than ${MAX_LISTED} items. Ask for fewer.`);
  const found = new Map<string, PolledItem>();
  for (const [index, data] of list.entries()) {
    const id = valueAt(data, idPointer);
    if ((typeof id !== "string" && typeof id !== "number") || id === "" || String(id).length > 200)
      throw new ConnectorError(
        "PERMANENT",
        `Item ${index} of the response has no ID at ${JSON.stringify(idPointer)}: a text of 1 to 200 characters, or a number.`,
      );
    const hash = createHash("sha256").update(String(id)).digest("base64url").slice(0, 22);
    if (!found.has(hash)) found.set(hash, { id: String(id), data });
  }
  return found;
}

/** Follows a JSON Pointer (RFC 6901). Undefined if it leads nowhere. */
function valueAt(value: unknown, pointer: string): unknown {
  let found = value;
  for (const token of pointer.split("/").slice(1)) {
    const name = token.replaceAll("~1", "/").replaceAll("~0", "~");
    if (typeof found !== "object" || found === null || !Object.hasOwn(found, name)) return undefined;
    found = (found as Record<string, unknown>)[name];
  }
  return found;
}

/** Only one that is well formed is sent back. */
function etagOf({ headers: { etag = "" } }: OutboundResponse): string | null {
  return /^(W\/)?"[\x21\x23-\x7e]{0,200}"$/.test(etag) ? etag : null;
}
