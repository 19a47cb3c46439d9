import type { ServerResponse } from "node:http";
import { QueryLimitExceeded, RateLimited } from "@weft/shared/errors";
import { contained } from "@weft/platform/logging";

/** Shorter responses are not counted individually: even with the maximum number of connections they fit into memory. */
const smallBytes = 65_536;
/** Time that a client has to read a response of any size, and the minimum speed for long ones. */
const graceMs = 30_000;
const bytesPerMs = 32;

/**
 * Bytes of responses that clients have not read yet, by tenant, or by network without a login. All tenants share this memory: a client that requests
 * long responses over many connections and reads none of them would fill it.
 */
export class UnsentAnswers {
  readonly #maxBytes: number;
  readonly #bytes = new Map<string, number>();

  /** @param maxBytes limit of unread bytes for the clients of one key */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /**
   * Registers a response that is about to be sent.
   * @returns a function to call when the response was sent or its connection closed; undefined if too many bytes are unread already
   */
  begin(key: string, bytes: number): (() => void) | undefined {
    if (bytes <= smallBytes) return () => undefined;
    const before = this.#bytes.get(key) ?? 0;
    if (before > 0 && before + bytes > this.#maxBytes) return undefined;
    this.#bytes.set(key, before + bytes);
    return () => {
      const left = (this.#bytes.get(key) ?? 0) - bytes;
      if (left > 0) this.#bytes.set(key, left);
      else this.#bytes.delete(key);
    };
  }
}

/**
 * Calls `done` once, when the response was sent or its connection closed. Closes the connection of a client that reads too slowly. It listens to the
 * response itself: `stream.finished` adds eight listeners, for every response.
 */
export function watchSending(response: ServerResponse, bytes: number, done: () => void): void {
  if (response.closed || response.destroyed) return done();
  const cutOff = contained("the time limit of a response", () => void response.destroy());
  const slow = setTimeout(cutOff, graceMs + bytes / bytesPerMs).unref();
  const end = contained("the end of a response", () => {
    clearTimeout(slow);
    response.off("finish", end).off("close", end);
    done();
  });
  response.once("finish", end).once("close", end);
}

export interface SendingOptions {
  readonly unsent: UnsentAnswers;
  readonly maxResponseBytes: number;
  /** The account charged for the memory of the response until it has been sent. */
  readonly account: string;
}

/**
 * Registers an encoded response that is about to be sent.
 * @throws QueryLimitExceeded if it is too long, RateLimited if the account has too many bytes that were not read yet
 */
export function beginSending(response: ServerResponse, encoded: Buffer, { unsent, maxResponseBytes, account }: SendingOptions): void {
  const actual = encoded.byteLength;
  if (actual > maxResponseBytes) throw new QueryLimitExceeded({ limit: "responseBytes", actual, max: maxResponseBytes });
  const sent = unsent.begin(account, actual);
  if (!sent) throw new RateLimited({ retryAfter: 5 }, "Too many responses to your organization have not been read yet.");
  watchSending(response, actual, sent);
}
