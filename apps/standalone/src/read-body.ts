import type { IncomingMessage } from "node:http";

/** Returns the body of a request, or null if it is longer. */
export async function readBody(request: IncomingMessage, { maxBytes }: { readonly maxBytes: number }): Promise<Buffer | null> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += (chunk as Buffer).byteLength;
    if (bytes > maxBytes) return null;
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks);
}
