import type { ServerResponse } from "node:http";
import { contained } from "@weft/platform/logging";
import type { ExecutionResult } from "graphql";
import type { UnsentAnswers } from "../../http/unsent-answers.js";
import type { Channel } from "../connections/channel.js";
import { closeCodes } from "../connections/close-codes.js";
import type { CloseReason } from "../connections/close-codes.js";
import type { SharedText } from "../connections/shared-text.js";
import { maxBufferedBytes, smallBytes } from "../connections/socket.js";
import { errorOf, isFinal } from "./broken.js";
import { messageOf } from "./encoding.js";
import type { StreamEncoding } from "./encoding.js";

/** Time in which a client must have read the end of its stream. */
const endWithinMs = 5_000;

export interface StreamChannelOptions {
  readonly encoding: StreamEncoding;
  /** The account charged for the memory of unsent messages: a network, until the tenant is known. */
  readonly account: string;
  readonly unsent: UnsentAnswers;
  /** Called with the code of the reason for which the gateway ends the stream. */
  readonly onClosing: (code: number) => void;
  /** Called once, when nothing can be sent any more. */
  readonly onClosed: () => void;
}

/**
 * The response of an HTTP request as a channel: it is ended once, with the first reason, and its unread data is limited. Before its response exists,
 * which a client can reserve, messages wait.
 */
export class StreamChannel implements Channel {
  readonly #options: StreamChannelOptions;
  readonly #ids = new Set<string>();
  #account: string;
  #response: ServerResponse | undefined;
  #early: Buffer[] = [];
  #earlyBytes = 0;
  #reason: CloseReason | undefined;
  #isEnded = false;
  #isClosed = false;

  constructor(options: StreamChannelOptions) {
    this.#options = options;
    this.#account = options.account;
  }

  /** Why the gateway has ended the stream. Undefined if it has not. */
  get reason(): CloseReason | undefined {
    return this.#reason;
  }

  get isClosing(): boolean {
    return this.#isEnded;
  }

  get isOpen(): boolean {
    return this.#response !== undefined;
  }

  /** IDs of the operations whose results go here. */
  get ids(): ReadonlySet<string> {
    return this.#ids;
  }

  belongsTo(tenantId: string): void {
    this.#account = tenantId;
  }

  /** Sends the head of the response, and from now on everything else. The response must not have begun. */
  open(response: ServerResponse): void {
    const { encoding } = this.#options;
    this.#response = response;
    response.once(
      "close",
      contained("the end of a stream", () => this.gone()),
    );
    response.socket?.setNoDelay(true).setKeepAlive(true, 30_000);
    // The server closes connections on which nothing happens. A stream has heartbeats instead.
    response.setTimeout(0);
    response.writeHead(200, {
      "content-type": encoding.contentType,
      "cache-control": "no-cache, no-transform",
      // For nginx, which otherwise keeps the first bytes until a buffer is full.
      "x-accel-buffering": "no",
    });
    response.write(encoding.begin);
    for (const message of this.#early.splice(0)) response.write(message);
    this.#earlyBytes = 0;
  }

  /** Registers an operation. Returns false if there is one with this ID. */
  begin(id: string): boolean {
    if (this.#ids.has(id)) return false;
    this.#ids.add(id);
    return true;
  }

  headOf(id: string): Buffer {
    return Buffer.from(this.#options.encoding.headOf(id));
  }

  sendShared(head: Buffer, text: SharedText): Promise<void> | undefined {
    return this.#write(head, text.encodedBy(this.#options.encoding.tailOf));
  }

  async sendResult(id: string, result: ExecutionResult): Promise<void> {
    await this.#write(messageOf(this.#options.encoding, id, result));
  }

  sendLive(id: string, cursor: string | null): void {
    const message = this.#options.encoding.liveOf?.(id, cursor);
    if (message !== undefined) void this.#write(Buffer.from(message));
  }

  /** Sends no message about the end of this operation, which the client has asked for, or learns in another way. */
  forget(id: string): void {
    this.#ids.delete(id);
  }

  /** Says that an operation has ended. */
  complete(id: string): void {
    if (this.#ids.delete(id)) void this.#write(Buffer.from(this.#options.encoding.completeOf(id)));
  }

  heartbeat(): void {
    if (this.#response && !this.#isEnded) this.#response.write(this.#options.encoding.heartbeat);
  }

  /** Ends the response after everything that was sent. */
  end(): void {
    this.#end("");
  }

  closeFor(reason: CloseReason): void {
    if (this.#isEnded) return;
    this.#reason = reason;
    this.#options.onClosing(reason.code);
    const error = errorOf(reason);
    const { encoding } = this.#options;
    this.#end(error ? encoding.brokenOf([error], { ids: [...this.#ids], isFinal: isFinal(reason) }) : "");
  }

  /** Call when the client or the network closed the connection. */
  gone(): void {
    this.#isEnded = true;
    this.#early = [];
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#options.onClosed();
  }

  #end(last: string): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    const response = this.#response;
    if (!response) return this.gone();
    response.end(last + this.#options.encoding.end);
    // Clients that do not read.
    const cutOff = setTimeout(
      contained("the end of a stream", () => void response.destroy()),
      endWithinMs,
    ).unref();
    response.once("close", () => clearTimeout(cutOff));
  }

  /** @returns a promise if the client is behind, which resolves when the message was handed to the network */
  #write(...parts: readonly Buffer[]): Promise<void> | undefined {
    if (this.#isEnded) return undefined;
    const bytes = parts.reduce((sum, { length }) => sum + length, 0);
    const response = this.#response;
    if (!response) return this.#keep(parts, bytes);
    if (response.destroyed) return undefined;
    const buffered = response.writableLength;
    if (buffered + bytes <= smallBytes) {
      response.write(Buffer.concat(parts));
      return undefined;
    }
    const sent = buffered > maxBufferedBytes ? undefined : this.#options.unsent.begin(this.#account, bytes);
    if (!sent) {
      this.closeFor(closeCodes.tooSlow);
      return undefined;
    }
    // Long parts are not copied, even if many clients are slow to read them.
    response.cork();
    for (const part of parts.slice(0, -1)) response.write(part);
    const written = new Promise<void>((resolve) => response.write(parts.at(-1), () => resolve()));
    response.uncork();
    return written.finally(sent);
  }

  #keep(parts: readonly Buffer[], bytes: number): undefined {
    this.#earlyBytes += bytes;
    if (this.#earlyBytes > maxBufferedBytes) this.closeFor(closeCodes.tooSlow);
    else this.#early.push(...parts);
  }
}
