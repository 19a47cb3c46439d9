/** An answer that is longer than we take. */
export class BodyTooLarge extends Error {
  /** Bytes that had come when it was given up. */
  readonly bytes: number;

  constructor(bytes: number, maxBytes: number) {
    super(`The answer is larger than ${maxBytes} bytes.`);
    this.bytes = bytes;
  }
}

/** Reads a body as UTF-8 text; gives up with BodyTooLarge, and destroys the stream, at the first byte beyond `maxBytes`. */
export async function readAtMost(body: AsyncIterable<Uint8Array>, maxBytes: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.byteLength;
    if (size > maxBytes) throw new BodyTooLarge(size, maxBytes);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}
