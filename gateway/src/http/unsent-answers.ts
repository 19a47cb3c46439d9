import { finished } from "node:stream";
import type { ServerResponse } from "node:http";

/** Shorter answers are not counted one by one: as many as there can be connections fit into memory. */
const smallBytes = 65_536;
/** How long a client may take for an answer of any size, and how fast it has to take a long one. */
const graceMs = 30_000;
const bytesPerMs = 32;

/**
 * Bytes of answers that their clients have not taken, by tenant, without a login by network. They lie in the memory that all tenants share: a client that asks for long
 * answers over many connections and reads none of them would fill it.
 */
export class UnsentAnswers {
  readonly #maxBytes: number;
  readonly #bytes = new Map<string, number>();

  /** @param maxBytes that may wait for the clients of one key */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /**
   * Notes an answer that is about to be sent.
   * @returns to be called when it has left, or its connection is closed; undefined when too much waits already
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

/** Calls `done` when the answer has left or its connection is closed, and closes the connection of a client that takes it too slowly. */
export function watchSending(response: ServerResponse, bytes: number, done: () => void): void {
  const slow = setTimeout(() => response.destroy(), graceMs + bytes / bytesPerMs).unref();
  finished(response, () => {
    clearTimeout(slow);
    done();
  });
}
