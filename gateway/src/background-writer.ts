import { contained } from "@weft/platform/logging";

interface BackgroundWriterOptions {
  /** What is written, for the log: `recording the use of fields`. */
  readonly name: string;
  /** Time in which things to write are collected. */
  readonly everyMs: number;
  readonly hasMore: () => boolean;
  /** Writes what was collected. What is collected from then on is written later. */
  readonly write: () => Promise<void>;
}

/** Writes in the background what requests leave behind. Only one batch is written at a time: behind a slow database, they would pile up. */
export class BackgroundWriter {
  readonly #options: BackgroundWriterOptions;
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> | undefined;

  constructor(options: BackgroundWriterOptions) {
    this.#options = options;
  }

  /** Call it when there is something to write. */
  schedule(): void {
    if (this.#timer !== undefined || this.#writing !== undefined || !this.#options.hasMore()) return;
    const write = contained(this.#options.name, () => {
      this.#timer = undefined;
      this.#writing = this.#options.write().finally(() => {
        this.#writing = undefined;
        this.schedule();
      });
      return this.#writing;
    });
    this.#timer = setTimeout(write, this.#options.everyMs).unref();
  }

  /** Waits for the batch that is being written, and ends. What is left is written by the caller. */
  async stop(): Promise<void> {
    await this.#writing;
    clearTimeout(this.#timer);
  }
}
