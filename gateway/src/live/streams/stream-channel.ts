import type { ServerResponse } from "node:http";
import { contained } from "@weft/platform/logging";
import type { ExecutionResult } from "graphql";
import { HttpRefusal } from "../../http/refusal.js";
import type { UnsentAnswers } from "../../http/unsent-answers.js";
import type { Channel } from "../connections/channel.js";
import { closeCodes } from "../connections/close-codes.js";
import type { CloseReason } from "../connections/close-codes.js";
import type { SharedText } from "../connections/shared-text.js";
import { maxBufferedBytes, smallBytes } from "../connections/socket.js";
import { errorOf, isFinal } from "./broken.js";
import { messageOf } from "./encoding.js";
import { EarlyMessages } from "./early-messages.js";
import type { StreamEncoding } from "./encoding.js";
import { StreamOperation } from "./stream-operation.js";

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
  readonly #early: EarlyMessages;
  readonly #operations = new Map<string, StreamOperation>();
  #account: string;
  #response: ServerResponse | undefined;
  #isHeartbeatUnsent = false;
  #missedHeartbeats = 0;
  #cursorNow: () => string | null = () => null;
  #reason: CloseReason | undefined;
  #isEnded = false;
  #isClosed = false;

  constructor(options: StreamChannelOptions) {
    this.#options = options;
    this.#account = options.account;
    this.#early = new EarlyMessages(options.unsent);
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

  belongsTo(tenantId: string): void {
    this.#account = tenantId;
  }

  /** Sends the head of the response, and from now on everything else. The response must not have begun. */
  open(response: ServerResponse): void {
    const { encoding } = this.#options;
    // Its end was reported already, and is not reported again.
    if (isGone(response)) return this.gone();
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
      "cache-control": "no-store, no-transform",
      // For nginx, which otherwise keeps the first bytes until a buffer is full.
      "x-accel-buffering": "no",
    });
    const messages = [Buffer.from(encoding.begin), ...this.#early.take()];
    for (const message of messages.slice(0, -1)) response.write(message);
    response.write(
      messages.at(-1),
      contained("the messages that waited for a stream", () => this.#early.done()),
    );
  }

  /** Registers an operation. Returns undefined if there is one with this ID. */
  begin(id: string): StreamOperation | undefined {
    if (this.#operations.has(id)) return undefined;
    const operation = new StreamOperation(id);
    this.#operations.set(id, operation);
    return operation;
  }

  headOf(id: string): Buffer {
    return Buffer.from(this.#options.encoding.headOf(id));
  }

  sendShared(head: Buffer, text: SharedText): Promise<void> | undefined {
    return this.#write(head, text.encodedBy(this.#options.encoding.tailOf));
  }

  async sendResult(operation: StreamOperation, result: ExecutionResult): Promise<void> {
    if (!operation.isStopped) await this.#write(messageOf(this.#options.encoding, operation.id, result));
  }

  sendLive(id: string, cursor: string | null): void {
    const message = this.#options.encoding.liveOf?.(id, cursor);
    if (message !== undefined) void this.#write(Buffer.from(message));
  }

  followed(_id: string, start: string, cursorNow: () => string | null): void {
    const message = this.#options.encoding.resumesAt?.(start);
    if (message === undefined) return;
    this.#cursorNow = cursorNow;
    void this.#write(Buffer.from(message));
  }

  /** Ends an operation without a message: the client has asked for its end, or learns it in another way. */
  stop(id: string): void {
    this.#operations.get(id)?.stop();
    this.#operations.delete(id);
  }

  /** Says that an operation has ended. */
  complete(operation: StreamOperation): void {
    const { id, isStopped } = operation;
    if (isStopped || !this.#operations.delete(id)) return;
    void this.#write(Buffer.from(this.#options.encoding.completeOf(id)));
  }

  /** Shows proxies that the stream is alive. A client that has not been sent the last two heartbeats reads nothing, and is cut off. */
  heartbeat(): void {
    const response = this.#response;
    if (!response || this.#isEnded) return;
    if (!this.#isHeartbeatUnsent) {
      const { encoding } = this.#options;
      const cursor = this.#cursorNow();
      this.#isHeartbeatUnsent = true;
      this.#missedHeartbeats = 0;
      const onSent = contained("a heartbeat", () => void (this.#isHeartbeatUnsent = false));
      response.write(encoding.heartbeat + (cursor === null ? "" : (encoding.resumesAt?.(cursor) ?? "")), onSent);
    } else if (++this.#missedHeartbeats === 2) {
      this.closeFor(closeCodes.tooSlow);
      this.#cutOff(response);
    }
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
    this.#end(error ? encoding.brokenOf([error], { ids: [...this.#operations.keys()], isFinal: isFinal(reason) }) : "");
  }

  /** Call when the client or the network closed the connection. */
  gone(): void {
    this.#isEnded = true;
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#early.done();
    for (const operation of this.#operations.values()) operation.stop();
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
      contained("the end of a stream", () => this.#cutOff(response)),
      endWithinMs,
    ).unref();
    response.once(
      "close",
      contained("the end of a stream", () => clearTimeout(cutOff)),
    );
  }

  #cutOff(response: ServerResponse): void {
    response.destroy();
    this.gone();
  }

  /** @returns a promise if the client is behind, which resolves when the message was handed to the network */
  #write(...parts: readonly Buffer[]): Promise<void> | undefined {
    if (this.#isEnded) return undefined;
    const bytes = parts.reduce((sum, { length }) => sum + length, 0);
    const response = this.#response;
    if (!response) return this.#keep(parts, bytes);
    if (isGone(response)) {
      this.gone();
      return undefined;
    }
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

  #keep(parts: readonly Buffer[], bytes: number): Promise<void> | undefined {
    const kept = this.#early.keep(parts, { account: this.#account, bytes });
    if (kept !== "full") return kept;
    this.closeFor(closeCodes.tooSlow);
    return undefined;
  }
}

const isGone = (response: ServerResponse): boolean => response.destroyed || response.closed;

/**
 * The end of a connection is reported only once, and only to the response that is being sent.
 * @throws HttpRefusal (400) if it was reported already, or another response comes first
 */
export function assertCanStream(response: ServerResponse): void {
  if (isGone(response)) throw new HttpRefusal(400, "The connection was closed before the stream began.");
  if (!response.socket)
    throw new HttpRefusal(400, "A stream cannot follow another request that is not answered yet. Open another connection.");
}
