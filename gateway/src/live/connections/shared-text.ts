import type { Writable } from "node:stream";
import { textFrameHeader } from "./frame.js";

/** Encodes the end of a message for clients without a WebSocket. */
export type EncodeTail = (text: Pick<SharedText, "payload" | "cursor">) => Buffer;

/** The end of a text message that many clients get, each after a beginning of its own. */
export class SharedText {
  /** The end of a message over WebSocket. */
  readonly tail: Buffer;
  /** The result alone, a part of `tail`. */
  readonly payload: Buffer;
  /** Cursor of the event. */
  readonly cursor: string;
  readonly #encoded = new Map<EncodeTail, Buffer>();
  /** The frame of the last message, if no socket still needs it. Only its beginning changes. */
  #frame: Buffer | undefined;
  #header: Buffer | undefined;
  #headBytes = -1;

  constructor(tail: Buffer, { payload = tail, cursor = "" }: { readonly payload?: Buffer; readonly cursor?: string } = {}) {
    this.tail = tail;
    this.payload = payload;
    this.cursor = cursor;
  }

  /** Returns the end of the message in another encoding, which is made once for all clients. */
  encodedBy(encode: EncodeTail): Buffer {
    let encoded = this.#encoded.get(encode);
    if (!encoded) this.#encoded.set(encode, (encoded = encode(this)));
    return encoded;
  }

  /**
   * Writes the WebSocket frame of the message to the connection below a socket. The memory of the last frame is used again if the network took that
   * frame at once. Clients generate their IDs in the same way, so nearly all frames have the same length.
   */
  writeTo(stream: Writable, head: Buffer): void {
    const header = this.headerFor(head);
    const frame = (this.#frame ??= Buffer.concat([header, head, this.tail]));
    frame.set(head, header.length);
    stream.write(frame);
    // What the stream still has is read later, so it must not change.
    if (stream.writableLength > 0) this.#frame = undefined;
  }

  /** Returns the header of the frame. */
  headerFor(head: Buffer): Buffer {
    if (this.#header && head.length === this.#headBytes) return this.#header;
    this.#header = textFrameHeader(head.length + this.tail.length);
    this.#headBytes = head.length;
    this.#frame = undefined;
    return this.#header;
  }
}
