import { contained } from "@weft/platform/logging";
import type { Dispatcher } from "undici";

/** The response is larger than the limit. */
export class BodyTooLarge extends Error {
  /** Number of bytes received before reading stopped. */
  readonly bytes: number;

  constructor(bytes: number, maxBytes: number) {
    super(`The response is larger than ${maxBytes} bytes.`);
    this.bytes = bytes;
  }
}

export interface Exchange {
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly body: string;
  /** Ends the exchange early. */
  readonly signal: AbortSignal;
  /** Maximum duration of the exchange, including the wait for a connection. */
  readonly timeoutMs: number;
  readonly maxBytes: number;
}

/**
 * Sends a POST request and returns its whole response as text. It uses undici's `dispatch` with one handler: `request` creates a stream, an
 * asynchronous iterator, and several promises for each call, which cost more processor time than the call itself.
 *
 * @throws BodyTooLarge at the first byte beyond `maxBytes`, the signal's reason, a DOMException `TimeoutError`, or undici's error of the connection.
 */
export function exchange(
  dispatcher: Dispatcher,
  { path, headers, body, signal, timeoutMs, maxBytes }: Exchange,
): Promise<{ readonly status: number; readonly text: string }> {
  return new Promise((resolve, reject) => {
    let controller: Dispatcher.DispatchController | undefined;
    let ended: Error | undefined;
    let status = 0;
    let bytes = 0;
    const chunks: Buffer[] = [];

    const settle = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", onAbort);
    };
    const end = (error: Error): void => {
      if (ended) return;
      ended = error;
      settle();
      reject(error);
      controller?.abort(error);
    };
    const onAbort = contained("the end of a call", () => end(asError(signal.reason)));
    const onLate = (): void => end(new DOMException(`No response within ${timeoutMs} ms.`, "TimeoutError"));
    const timer = setTimeout(contained("the time limit of a call", onLate), timeoutMs);
    signal.addEventListener("abort", onAbort, { once: true });
    if (signal.aborted) return onAbort();

    dispatcher.dispatch(
      { path, method: "POST", headers, body },
      {
        onRequestStart(started) {
          controller = started;
          // It ended while it waited for a connection.
          if (ended) started.abort(ended);
        },
        onResponseStart(_controller, statusCode) {
          status = statusCode;
        },
        onResponseData(_controller, chunk) {
          bytes += chunk.byteLength;
          if (bytes > maxBytes) end(new BodyTooLarge(bytes, maxBytes));
          else chunks.push(chunk);
        },
        onResponseEnd() {
          settle();
          resolve({ status, text: (chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks)).toString("utf8") });
        },
        onResponseError(_controller, error) {
          end(error);
        },
      },
    );
  });
}

const asError = (reason: unknown): Error => (reason instanceof Error ? reason : new Error(String(reason)));
