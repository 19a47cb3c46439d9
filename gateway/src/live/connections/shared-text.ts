import type { Writable } from "node:stream";
import { textFrameHeader } from "./frame.js";

/** The end of a text message that many sockets get, each after a beginning of its own. */
export class SharedText {
  readonly tail: Buffer;
  /** The frame of the last message, if no socket still needs it. Only its beginning changes. */
  #frame: Buffer | undefined;
  #header: Buffer | undefined;
  #headBytes = -1;

  constructor(tail: Buffer) {
    this.tail = tail;
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
