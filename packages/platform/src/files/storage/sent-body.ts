import { Readable } from "node:stream";

interface Destination {
  write(chunk: Uint8Array, done: (error?: Error | null) => void): boolean;
  end(): void;
}

export interface SentBodyOptions {
  readonly source: AsyncIterable<Uint8Array>;
  /** Called with each chunk that has left the process. */
  readonly onSent: (chunk: Uint8Array) => void;
}

/**
 * A body for a client that pipes it to its request. Sends one chunk at a time, when the chunk before has left the process: Node's own pipe fills the
 * buffers of the stream and of the request, and does not tell when a chunk is no longer needed. A failure of the source destroys it with that error. A
 * failure of the request only ends it, because the client notices it itself. Whoever makes a body must destroy it in the end.
 */
export class SentBody extends Readable {
  readonly #options: SentBodyOptions;
  #wake = (): void => undefined;

  constructor(options: SentBodyOptions) {
    super();
    this.#options = options;
  }

  override pipe<T extends NodeJS.WritableStream>(destination: T): T {
    this.#sendTo(destination as T & Destination).catch((error: unknown) => this.destroy(error as Error));
    return destination;
  }

  /** Nothing is read except by `pipe`. */
  override _read(): void {
    // See above.
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.#wake();
    callback(error);
  }

  async #sendTo(destination: Destination): Promise<void> {
    for await (const chunk of this.#options.source) {
      if (!(await this.#isSent(destination, chunk))) return;
      this.#options.onSent(chunk);
    }
    destination.end();
  }

  /** Returns false if the request failed, or the body was destroyed meanwhile. */
  async #isSent(destination: Destination, chunk: Uint8Array): Promise<boolean> {
    if (this.destroyed) return false;
    return new Promise((resolve) => {
      this.#wake = () => resolve(false);
      destination.write(chunk, (error) => resolve(!error));
    });
  }
}
