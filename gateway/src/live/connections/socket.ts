import type { Writable } from "node:stream";
import { contained } from "@weft/platform/logging";
import type { WebSocket as ProtocolSocket } from "graphql-ws";
import type { WebSocket } from "ws";
import type { UnsentAnswers } from "../../http/unsent-answers.js";
import { closeCodes } from "./close-codes.js";
import type { Channel } from "./channel.js";
import type { CloseReason } from "./close-codes.js";
import { Rate } from "./counts.js";
import type { SharedText } from "./shared-text.js";

/** Maximum size of unread data of a client. */
export const maxBufferedBytes = 1024 * 1024;
/** Below this size, a message is one write, and the next one does not wait until it was handed to the network. */
export const smallBytes = 16 * 1024;

export interface SocketOptions {
  /** The connection below the socket. Without compression, `ws` writes its frames there at once, so frames written directly keep the order. */
  readonly stream: Writable;
  /** The account charged for the memory of unsent messages: a network, until the tenant of the socket is known. */
  readonly account: string;
  readonly unsent: UnsentAnswers;
  readonly onClosing: (code: number) => void;
}

/** A WebSocket for graphql-ws that is closed once, with the first reason, and whose unread data is limited. */
export class Socket implements ProtocolSocket, Channel {
  readonly #socket: WebSocket;
  readonly #stream: Writable;
  readonly #unsent: UnsentAnswers;
  readonly #onClosing: (code: number) => void;
  #account: string;
  #isClosing = false;

  constructor(socket: WebSocket, { stream, account, unsent, onClosing }: SocketOptions) {
    this.#socket = socket;
    this.#stream = stream;
    this.#account = account;
    this.#unsent = unsent;
    this.#onClosing = onClosing;
  }

  belongsTo(tenantId: string): void {
    this.#account = tenantId;
  }

  get protocol(): string {
    return this.#socket.protocol;
  }

  get isClosing(): boolean {
    return this.#isClosing;
  }

  /** Resolves when the data was handed to the network. Only then does a subscription continue with its next event. */
  async send(data: string): Promise<void> {
    if (this.#isClosing) return;
    if (this.#socket.bufferedAmount > maxBufferedBytes) return this.closeFor(closeCodes.tooSlow);
    const sent = this.#unsent.begin(this.#account, Buffer.byteLength(data));
    if (!sent) return this.closeFor(closeCodes.tooSlow);
    await new Promise<void>((resolve) => this.#socket.send(data, () => resolve())).finally(sent);
  }

  headOf(id: string): Buffer {
    return Buffer.from(`{"id":${JSON.stringify(id)}`);
  }

  /** The protocol's ping with a payload. */
  sendLive(id: string, cursor: string | null): void {
    void this.send(JSON.stringify({ type: "ping", payload: { live: id, cursor } }));
  }

  /** Writes the frame itself: `ws` would make two writes of each message. */
  sendShared(head: Buffer, text: SharedText): Promise<void> | undefined {
    if (this.#isClosing || this.#socket.readyState !== this.#socket.OPEN) return undefined;
    // All unread data: without compression, `ws` keeps none of its own.
    const bufferedAmount = this.#stream.writableLength;
    const bytes = head.length + text.tail.length;
    if (bufferedAmount + bytes <= smallBytes) {
      text.writeTo(this.#stream, head);
      return undefined;
    }
    const sent = bufferedAmount > maxBufferedBytes ? undefined : this.#unsent.begin(this.#account, bytes);
    if (!sent) {
      this.closeFor(closeCodes.tooSlow);
      return undefined;
    }
    // A long part is not copied, even if many clients are slow to read it.
    this.#stream.cork();
    this.#stream.write(Buffer.concat([text.headerFor(head), head]));
    const written = new Promise<void>((resolve) => this.#stream.write(text.tail, () => resolve()));
    this.#stream.uncork();
    return written.finally(sent);
  }

  close(code = 1000, reason = ""): void {
    if (this.#isClosing) return;
    this.#isClosing = true;
    this.#onClosing(code);
    // A close reason can have at most 123 bytes.
    this.#socket.close(code, reason.slice(0, 100));
    // Terminates clients that do not answer the close.
    setTimeout(
      contained("closing a socket", () => this.#socket.terminate()),
      5_000,
    ).unref();
  }

  /** Called when the client or the network closed the connection. */
  gone(): void {
    this.#isClosing = true;
  }

  closeFor({ code, reason }: CloseReason): void {
    this.close(code, reason);
  }

  onMessage(handle: (data: string) => Promise<void>): void {
    const rate = new Rate({ burst: 200, perSecond: 50 });
    const onMessage = (data: Buffer, isBinary: boolean): void => {
      if (this.#isClosing) return;
      if (isBinary) return this.closeFor(closeCodes.badMessage);
      if (!rate.take()) return this.closeFor(closeCodes.tooMany);
      // graphql-ws rejects messages that it does not know, and passes on errors of our hooks.
      handle(data.toString("utf8")).catch(() => this.close(4400, "Invalid message received"));
    };
    this.#socket.on(
      "message",
      contained("a message of a socket", onMessage, () => this.#socket.terminate()),
    );
  }
}
