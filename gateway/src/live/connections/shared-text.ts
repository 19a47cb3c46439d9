import { textFrameHeader } from "./frame.js";

/** The end of a text message that many sockets get, each after a beginning of its own. */
export class SharedText {
  readonly tail: Buffer;
  /** The frame for beginnings of the length of the last one. Clients generate their IDs in the same way, so nearly all have the same length. */
  #frame: Buffer | undefined;
  #header: Buffer | undefined;
  #headBytes = -1;

  constructor(tail: Buffer) {
    this.tail = tail;
  }

  /** Returns the whole WebSocket frame of the message, in new memory. */
  frameFor(head: Buffer): Buffer {
    const header = this.headerFor(head);
    this.#frame ??= Buffer.concat([header, head, this.tail]);
    const frame = Buffer.from(this.#frame);
    frame.set(head, header.length);
    return frame;
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
