import type { WebSocket as ProtocolSocket } from "graphql-ws";
import type { WebSocket } from "ws";
import type { UnsentAnswers } from "../http/unsent-answers.js";
import { closeCodes } from "./close-codes.js";
import type { CloseReason } from "./close-codes.js";
import { Rate } from "./counts.js";

/** What may wait in a socket that the client does not read. */
const maxBufferedBytes = 1024 * 1024;

export interface SocketOptions {
  /** To whom the memory counts that messages take until they have left: a network, until it is known whose tenant the socket is. */
  readonly account: string;
  readonly unsent: UnsentAnswers;
  readonly onClosing: (code: number) => void;
}

/** A WebSocket as graphql-ws wants it: closed once, with the first reason, and never written to without bound. */
export class Socket implements ProtocolSocket {
  readonly #socket: WebSocket;
  readonly #unsent: UnsentAnswers;
  readonly #onClosing: (code: number) => void;
  #account: string;
  #isClosing = false;

  constructor(socket: WebSocket, { account, unsent, onClosing }: SocketOptions) {
    this.#socket = socket;
    this.#account = account;
    this.#unsent = unsent;
    this.#onClosing = onClosing;
  }

  /** From now on what waits in it counts for this tenant. */
  belongsTo(tenantId: string): void {
    this.#account = tenantId;
  }

  get protocol(): string {
    return this.#socket.protocol;
  }

  get isClosing(): boolean {
    return this.#isClosing;
  }

  /** Resolves when the data has left for the network: a subscription goes on to its next event only then. */
  async send(data: string): Promise<void> {
    if (this.#isClosing) return;
    if (this.#socket.bufferedAmount > maxBufferedBytes) return this.closeFor(closeCodes.tooSlow);
    const sent = this.#unsent.begin(this.#account, Buffer.byteLength(data));
    if (!sent) return this.closeFor(closeCodes.tooSlow);
    await new Promise<void>((resolve) => this.#socket.send(data, () => resolve())).finally(sent);
  }

  close(code = 1000, reason = ""): void {
    if (this.#isClosing) return;
    this.#isClosing = true;
    this.#onClosing(code);
    // A reason may have 123 bytes.
    this.#socket.close(code, reason.slice(0, 100));
    // Whoever does not answer the close is cut off.
    setTimeout(() => this.#socket.terminate(), 5_000).unref();
  }

  /** The client, or the network, closed it. */
  gone(): void {
    this.#isClosing = true;
  }

  closeFor({ code, reason }: CloseReason): void {
    this.close(code, reason);
  }

  onMessage(handle: (data: string) => Promise<void>): void {
    const rate = new Rate({ burst: 200, perSecond: 50 });
    this.#socket.on("message", (data: Buffer, isBinary) => {
      if (this.#isClosing) return;
      if (isBinary) return this.closeFor(closeCodes.badMessage);
      if (!rate.take()) return this.closeFor(closeCodes.tooMany);
      // graphql-ws rejects for what it does not know and for what our hooks threw.
      handle(data.toString("utf8")).catch(() => this.close(4400, "Invalid message received"));
    });
  }
}
