import { once } from "node:events";
import { request as httpRequest } from "node:http";
import type { ClientRequest, IncomingMessage } from "node:http";
import { text } from "node:stream/consumers";

/** The first bytes of a PNG, by which its type is found. Then zeros. */
const chunk = Buffer.alloc(1_000_000);
Buffer.from("89504e470d0a1a0a0000000d49484452", "hex").copy(chunk);

export interface SentImage {
  readonly status: number;
  readonly body: string;
}

export interface Sending {
  /** Number of bytes. */
  readonly size: number;
  /** Called when the first chunk has been sent. The rest follows when the returned promise resolves. */
  readonly afterFirstChunk?: () => Promise<void>;
}

/** Sends something that begins like a PNG to the link of an upload, without holding it in memory. Throws if the connection is lost. */
export async function sendImage(url: URL, { size, afterFirstChunk }: Sending): Promise<SentImage> {
  const request = httpRequest(url, { method: "PUT", headers: { "content-length": size } });
  const answered = once(request, "response") as Promise<[IncomingMessage]>;
  // Awaited only after the bytes have been sent.
  answered.catch(() => undefined);
  request.on("error", () => undefined);
  for (let sent = 0; sent < size && !request.destroyed; sent += chunk.byteLength) {
    await write(request, chunk.subarray(0, size - sent));
    if (sent === 0) await afterFirstChunk?.();
  }
  request.end();
  const [response] = await answered;
  return { status: response.statusCode ?? 0, body: await text(response) };
}

/** Writes, and waits until the connection can take more. Ends early if the connection does. */
async function write(request: ClientRequest, bytes: Uint8Array): Promise<void> {
  if (request.write(bytes)) return;
  const stop = new AbortController();
  const { signal } = stop;
  try {
    await Promise.race([once(request, "drain", { signal }), once(request, "close", { signal })]);
  } finally {
    stop.abort();
  }
}
